"""What can be made to go wrong, and what has been asked to.

One table, `KINDS`; its stage says which module a fault is met in, and that module does it. `sandbox fault NAME` arms
one; each use takes one of its times.
"""

import enum
import itertools
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

TOLD_FAULTS = ("name", "argument", "action", "match", "times")
"""The fields of a fault that `fault list` shows."""


class Stage(enum.Enum):
    REQUEST = "met by a request on its way to AWS: requestfaults.py"
    ENDPOINT = "met by the endpoint itself, at once: server.py"
    INSTANCE = "met by an instance at its launch or its end: instancefaults.py"
    MACHINE = "met by a machine at its start: machines.py"
    LIVE = "met by a machine that is up: mishaps.py"


@dataclass(frozen=True)
class Kind:
    """One thing that can go wrong."""

    name: str
    stage: Stage
    meaning: str
    action: str | None = None
    """The only action it applies to, unless --action says another."""
    argument: str | None = None
    """What is written behind the name and a colon: a key of `_IS_GOOD`."""
    default: str | None = None
    """The argument where none is written; None where one must be, or where there is none to take."""
    optional: bool = False
    """Whether the argument may be left out without there being a default."""
    lasting: bool = False
    """Applies until it is cleared, unless --times says how often."""


def _request(name: str, meaning: str, **more: Any) -> Kind:
    return Kind(name, Stage.REQUEST, meaning, **more)


def _live(name: str, meaning: str) -> Kind:
    return Kind(name, Stage.LIVE, meaning, argument="SECONDS", optional=True)


_ALL = (
    _request("drop-run-instances-answer", "launched, but the answer is lost", action="RunInstances"),
    _request("drop-answer", "carried out, but the answer is lost"),
    _request("error", "answered with an AWS error, not carried out", argument="CODE"),
    _request("http-503", "a load balancer's HTML page with status 503, not carried out"),
    _request("slow", "carried out, answered that much later", argument="SECONDS"),
    _request("stall", "accepted, never carried out or answered"),
    _request("reset", "the connection is reset, nothing is carried out"),
    _request("truncated-answer", "carried out; the answer's document ends in the middle"),
    _request("cut-off-answer", "carried out; the connection ends in the middle of the answer"),
    _request("garbage-answer", "an HTML page with status 200, not carried out"),
    _request("redirect", "sent to another place, not carried out"),
    _request("wrong-clock", "the service's clock is that far ahead", argument="OFFSET", lasting=True),
    _request("expire-credentials", "sessions that began before have expired", lasting=True),
    _request("throttle", "a token bucket for each action", argument="PER_SECOND", lasting=True),
    _request("bad-id-in-batch", "a batch of instance ids is refused for one of them", action="TerminateInstances"),
    _request("s3-503", "S3 is unavailable", action="PutObject"),
    _request("s3-error-in-200", "S3 says 200 and then an error, nothing is stored", action="PutObject"),
    _request("s3-checksum-mismatch", "S3 calls the body damaged, nothing is stored", action="PutObject"),
    _request("s3-wrong-object", "something else is under the key already", action="PutObject"),
    Kind("endpoint-down", Stage.ENDPOINT, "the endpoint refuses connections for a while", argument="SECONDS"),
    Kind(
        "not-found-at-first",
        Stage.INSTANCE,
        "the first asks for a fresh instance don't find it",
        argument="ASKS",
        default="5",
    ),
    Kind("late-capacity", Stage.INSTANCE, "pending, and then terminated for lack of capacity"),
    Kind("terminate-slow", Stage.INSTANCE, "its end is accepted and takes that much longer", argument="SECONDS"),
    Kind("never-boots", Stage.MACHINE, "running for EC2, silent on the network for ever"),
    Kind("wrong-host-key", Stage.MACHINE, "its sshd shows another host key than user data gave"),
    Kind("no-shutdown-timer", Stage.MACHINE, "on the machine, `shutdown +N` fails"),
    Kind("no-systemd-timer", Stage.MACHINE, "on the machine, no timer of systemd's can be started"),
    Kind("no-sudo", Stage.MACHINE, "the machine has no sudo"),
    Kind("other-key-at-reload", Stage.MACHINE, "a stranger's host key, once sshd is told to read its keys again"),
    Kind("first-key-stays", Stage.MACHINE, "sshd goes on to show the host key of user data, whatever replaces it"),
    Kind("silent-sshd", Stage.MACHINE, "port 22 accepts connections and says nothing"),
    Kind("dripping-sshd", Stage.MACHINE, "port 22 sends one byte a second"),
    Kind("slow-boot", Stage.MACHINE, "its boot takes that long", argument="SECONDS"),
    Kind("disk-full", Stage.MACHINE, "nothing more fits its disk once it has booted"),
    Kind("engine-missing", Stage.MACHINE, "it has no container engine"),
    Kind("no-metadata", Stage.MACHINE, "its metadata service does not answer"),
    Kind("machine-clock-wrong", Stage.MACHINE, "its `date` is that far ahead", argument="OFFSET"),
    _live("frozen", "nothing on it runs any more; its kernel still acknowledges"),
    _live("killed-mid-run", "it is gone at once, and EC2 terminates its instance"),
    _live("tcp-cut", "the connections to it are reset"),
    _live("network-lost", "packets to and from it are lost"),
    _live("suite-killed", "its containers get SIGKILL"),
    _live("key-changes", "its sshd restarts with another host key"),
)
KINDS = {kind.name: kind for kind in _ALL}


@dataclass(frozen=True)
class Fault:
    """A fault as armed."""

    name: str
    argument: str | None = None
    action: str | None = None
    match: str = ""
    """Applies only where this text occurs: in a request's action and body, or in a machine's id, type, zone, tags."""
    times: int | None = 1
    """How often it still applies; None for always."""
    serial: int = field(default_factory=itertools.count(1).__next__)
    """Tells apart faults that are armed alike."""
    armed_at: float = field(default_factory=time.time)
    """In seconds since the epoch."""

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]

    @property
    def number(self) -> float:
        return float(self.argument or 0)


class FaultError(ValueError):
    """A fault that can't be armed; the text is for the user."""


def parse(text: str, action: str | None, match: str, times: int | None) -> Fault:
    """A fault from what the command line says. `times`: None where it says nothing, 0 for always."""
    name, has_argument, argument = text.partition(":")
    kind = KINDS.get(name)
    if kind is None:
        raise FaultError(f"unknown fault {name!r}; known are: {', '.join(sorted(KINDS))}")
    checked = _check_argument(kind, argument if has_argument else None)
    if kind.stage is not Stage.REQUEST and action:
        raise FaultError(f"{name} is not met by requests: --action means nothing there")
    if kind.stage is Stage.ENDPOINT and match:
        raise FaultError(f"{name} is met by the endpoint: --match means nothing there")
    if times is None:
        times = 0 if kind.lasting else 1
    if times < 0:
        raise FaultError("--times must be at least 1, or 0 for always")
    return Fault(name, checked, action or kind.action, match, times or None)


def _check_argument(kind: Kind, argument: str | None) -> str | None:
    if kind.argument is None:
        if argument is not None:
            raise FaultError(f"{kind.name} takes nothing behind a colon")
        return None
    if argument is None and (kind.default is not None or kind.optional):
        return kind.default
    if argument is None or not _IS_GOOD[kind.argument](argument):
        raise FaultError(f"{kind.name} is written {kind.name}:{kind.argument}")
    return argument


def _number(text: str) -> float:
    """NaN, which compares with nothing, where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


_IS_GOOD: dict[str, Callable[[str], bool]] = {
    "CODE": lambda text: text != "",
    "SECONDS": lambda text: 0 <= _number(text) < math.inf,
    "ASKS": lambda text: text.isdecimal() and int(text) > 0,
    "OFFSET": lambda text: math.isfinite(_number(text)),
    "PER_SECOND": lambda text: 0 < _number(text) < math.inf,
}


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
            return [{name: getattr(fault, name) for name in TOLD_FAULTS} for fault in self._armed]

    def for_request(self, action: str, text: str) -> list[Fault]:
        """The armed faults that may meet this request, the oldest first; each that does must be used."""
        met_by = (None, action)
        return [f for f in self.armed_for(Stage.REQUEST) if f.match in text and f.action in met_by]

    def armed_for(self, stage: Stage) -> list[Fault]:
        with self._lock:
            return [fault for fault in self._armed if fault.kind.stage is stage]

    def take(self, name: str, text: str = "") -> Fault | None:
        """The first armed fault of that name that meets what the text describes; one of its times is used up."""
        with self._lock:
            found = next((f for f in self._armed if f.name == name and f.match in text), None)
        return found if found and self.use(found) else None

    def use(self, fault: Fault) -> bool:
        """Uses up one of its times; False when there is none left."""
        with self._lock:
            for index, armed in enumerate(self._armed):
                if armed.serial == fault.serial:
                    self._count_down(index, armed)
                    return True
        return False

    def _count_down(self, index: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times == 1:
            del self._armed[index]
        else:
            self._armed[index] = replace(fault, times=fault.times - 1)


def describe(instance: Any) -> str:
    """What a fault's --match is looked for in where an instance, or its machine, meets it."""
    tags = " ".join(f"{tag['key']}={tag['value']}" for tag in instance.get_tags())
    return f"{instance.id} {instance.instance_type} {instance._placement.zone} {tags}"

