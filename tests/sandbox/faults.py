"""What can be made to go wrong, and what has been asked to.

One table, `KINDS`: a fault is either met by a request on its way to AWS (`Stage.REQUEST`, see gateway.py) or by a
machine at its start (`Stage.MACHINE`, see machines.py). `sandbox fault NAME` arms one; each use takes one of its times.
"""

import enum
import threading
from dataclasses import asdict, dataclass, replace
from typing import Any


class Stage(enum.Enum):
    REQUEST = "request"
    MACHINE = "machine"


@dataclass(frozen=True)
class Kind:
    """One thing that can go wrong."""

    name: str
    stage: Stage
    meaning: str
    action: str | None = None
    """The only action it applies to, unless --action says another."""
    takes_code: bool = False
    """Written `name:CODE`."""


KINDS = {
    kind.name: kind
    for kind in (
        Kind("drop-run-instances-answer", Stage.REQUEST, "launched, but the answer is lost", action="RunInstances"),
        Kind("drop-answer", Stage.REQUEST, "carried out, but the answer is lost"),
        Kind("error", Stage.REQUEST, "answered with an AWS error, not carried out", takes_code=True),
        Kind("never-boots", Stage.MACHINE, "running for EC2, silent on the network for ever"),
        Kind("wrong-host-key", Stage.MACHINE, "its sshd shows another host key than user data gave"),
        Kind("silent-sshd", Stage.MACHINE, "port 22 accepts connections and says nothing"),
    )
}


@dataclass(frozen=True)
class Fault:
    """A fault as armed."""

    name: str
    code: str | None = None
    action: str | None = None
    match: str = ""
    """Applies only where this text occurs: in a request's action and body, or in a machine's id, type, zone, tags."""
    times: int | None = 1
    """How often it still applies; None for always."""

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]


class FaultError(ValueError):
    """A fault that can't be armed; the text is for the user."""


def parse(text: str, action: str | None, match: str, times: int | None) -> Fault:
    """A fault from what the command line says."""
    name, has_code, code = text.partition(":")
    kind = KINDS.get(name)
    if kind is None:
        raise FaultError(f"unknown fault {name!r}; known are: {', '.join(sorted(KINDS))}")
    if kind.takes_code != bool(has_code and code):
        raise FaultError(f"{name} is written {name}:CODE" if kind.takes_code else f"{name} takes no code")
    if kind.stage is Stage.MACHINE and action:
        raise FaultError(f"{name} is met by machines: --action means nothing there")
    if times is not None and times < 1:
        raise FaultError("--times must be at least 1")
    return Fault(name, code or None, action or kind.action, match, times)


class Faults:
    """The faults that are armed. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def armed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._armed]

    def for_request(self, action: str, text: str) -> Fault | None:
        """The first armed fault that this request meets; one of its times is used up."""
        return self._take(Stage.REQUEST, text, action)

    def for_machine(self, name: str, text: str) -> bool:
        """Whether a machine meets the named fault; one of its times is used up."""
        return self._take(Stage.MACHINE, text, None, name) is not None

    def _take(self, stage: Stage, text: str, action: str | None, name: str | None = None) -> Fault | None:
        with self._lock:
            for index, fault in enumerate(self._armed):
                wanted = fault.kind.stage is stage and name in (None, fault.name)
                if wanted and fault.action in (None, action) and fault.match in text:
                    self._use(index, fault)
                    return fault
        return None

    def _use(self, index: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times == 1:
            del self._armed[index]
        else:
            self._armed[index] = replace(fault, times=fault.times - 1)
