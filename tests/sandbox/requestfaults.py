"""What a fault does to a request: the doing of each kind of `Stage.REQUEST` in faults.py.

Faults stand around a request like shells, the one armed first outermost: each may answer by itself or let the request
through, and change the answer that comes back.
"""

import functools
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox import failures
from sandbox.failures import Failure
from sandbox.faults import Fault, Faults
from sandbox.messages import Answer, Delivery, Protocol, Request

REDIRECTED_PATH = "/_sandbox/redirected"
"""Where `redirect` sends requests to: nobody may follow with his signature."""

OTHER_OBJECT = b'{"this": "was stored by somebody else"}\n'

_THROTTLED = {
    Protocol.EC2: Failure("RequestLimitExceeded", "Request limit exceeded.", 503),
    Protocol.QUERY: Failure("Throttling", "Rate exceeded"),
    Protocol.JSON: Failure("ThrottlingException", "Rate exceeded"),
    Protocol.S3: Failure("SlowDown", "Please reduce your request rate.", 503),
}
_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n"


@dataclass
class Passage:
    """One request on its way through."""

    request: Request
    text: str
    """What a fault's --match is looked for in."""
    store: Callable[[Request, bytes], None]
    """Puts other content where a PutObject wants to write."""
    clock_offset: float = 0.0
    """How far the service's clock is ahead, in seconds."""
    sessions_from: float = 0.0
    """Temporary credentials issued before that have expired."""
    met: list[str] = field(default_factory=list)
    """Names of the faults that it met."""


CarryOut = Callable[[], Answer]
_Effect = Callable[[Passage, Fault, CarryOut], Answer]


class RequestFaults:
    """Leads requests through the armed faults. Safe to use from several threads."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._buckets: dict[tuple[int, str], _Bucket] = {}
        self._lock = threading.Lock()

    def lead(self, passage: Passage, carry_out: CarryOut) -> Answer:
        """The request's answer; `carry_out` is what happens without faults."""
        for fault in reversed(self._faults.for_request(passage.request.action, passage.text)):
            carry_out = functools.partial(self._through, passage, fault, carry_out)
        return carry_out()

    def _through(self, passage: Passage, fault: Fault, carry_out: CarryOut) -> Answer:
        if not self._applies(passage.request, fault) or not self._faults.use(fault):
            return carry_out()
        passage.met.append(fault.name)
        return EFFECTS[fault.name](passage, fault, carry_out)

    def _applies(self, request: Request, fault: Fault) -> bool:
        if fault.name == "throttle":
            return self._is_too_much(request, fault)
        return fault.name != "bad-id-in-batch" or "InstanceId.2" in request.form

    def _is_too_much(self, request: Request, fault: Fault) -> bool:
        with self._lock:
            bucket = self._buckets.setdefault((fault.serial, request.action), _Bucket(fault.number))
            return not bucket.take()


class _Bucket:
    """Tokens that come back at a rate; it holds those of one second, and at least one."""

    def __init__(self, per_second: float) -> None:
        self._rate = per_second
        self._most = max(1.0, per_second)
        self._tokens = self._most
        self._filled = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._tokens = min(self._most, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def _drop(_: Passage, __: Fault, carry_out: CarryOut) -> Answer:
    answer = carry_out()
    answer.delivery = Delivery.DROPPED
    return answer


def _reset(_: Passage, __: Fault, ___: CarryOut) -> Answer:
    return Answer(0, delivery=Delivery.DROPPED)


def _stall(_: Passage, __: Fault, ___: CarryOut) -> Answer:
    return Answer(0, delivery=Delivery.STALLED)


def _delay(_: Passage, fault: Fault, carry_out: CarryOut) -> Answer:
    answer = carry_out()
    answer.delay += fault.number
    return answer


def _truncate(_: Passage, __: Fault, carry_out: CarryOut) -> Answer:
    answer = carry_out()
    answer.body = answer.body[: len(answer.body) // 2]
    return answer


def _cut_off(_: Passage, __: Fault, carry_out: CarryOut) -> Answer:
    answer = carry_out()
    answer.delivery = Delivery.CUT_OFF
    return answer


def _page(status: int, title: str) -> _Effect:
    return lambda _, __, ___: Answer(status, [("Content-Type", "text/html")], _PAGE.format(title).encode())


def _redirect(passage: Passage, _: Fault, __: CarryOut) -> Answer:
    """Back to this endpoint, to a path of its own, so that the log shows who follows."""
    host = passage.request.header("host") or ""
    answer = failures.answer(passage.request, Failure("TemporaryRedirect", "Please re-send this request there.", 307))
    answer.headers.append(("Location", f"http://{host}{REDIRECTED_PATH}"))
    return answer


def _move_clock(passage: Passage, fault: Fault, carry_out: CarryOut) -> Answer:
    passage.clock_offset += fault.number
    answer = carry_out()
    answer.clock_offset = passage.clock_offset
    return answer


def _expire(passage: Passage, fault: Fault, carry_out: CarryOut) -> Answer:
    passage.sessions_from = max(passage.sessions_from, fault.armed_at)
    return carry_out()


def _error(passage: Passage, fault: Fault, _: CarryOut) -> Answer:
    code = fault.argument or "InternalError"
    return failures.answer(
        passage.request, Failure(code, "Injected by the sandbox", failures.STATUS_OF_CODE.get(code, 400))
    )


def _fail(failure: Failure) -> _Effect:
    return lambda passage, _, __: failures.answer(passage.request, failure)


def _throttle(passage: Passage, _: Fault, __: CarryOut) -> Answer:
    return failures.answer(passage.request, _THROTTLED[passage.request.protocol])


def _bad_id(passage: Passage, _: Fault, __: CarryOut) -> Answer:
    bad = passage.request.form["InstanceId.1"]
    return failures.answer(
        passage.request, Failure("InvalidInstanceID.NotFound", f"The instance ID '{bad}' does not exist")
    )


def _other_object(passage: Passage, _: Fault, carry_out: CarryOut) -> Answer:
    passage.store(passage.request, OTHER_OBJECT)
    return carry_out()


def searchable(request: Request) -> str:
    """What a fault's --match is looked for in."""
    body = urllib.parse.unquote_plus(request.body[:65536].decode("latin-1"))
    return f"{request.action} {request.raw_path} {body}"


EFFECTS: dict[str, _Effect] = {
    "drop-run-instances-answer": _drop,
    "drop-answer": _drop,
    "error": _error,
    "http-503": _page(503, "503 Service Temporarily Unavailable"),
    "slow": _delay,
    "stall": _stall,
    "reset": _reset,
    "truncated-answer": _truncate,
    "cut-off-answer": _cut_off,
    "garbage-answer": _page(200, "Welcome to our network"),
    "redirect": _redirect,
    "wrong-clock": _move_clock,
    "expire-credentials": _expire,
    "throttle": _throttle,
    "bad-id-in-batch": _bad_id,
    "s3-503": _fail(Failure("ServiceUnavailable", "Service is unable to handle request.", 503)),
    "s3-error-in-200": _fail(Failure("InternalError", "We encountered an internal error. Please try again.", 200)),
    "s3-checksum-mismatch": _fail(Failure("BadDigest", "The checksum you specified did not match what we received.")),
    "s3-wrong-object": _other_object,
}
