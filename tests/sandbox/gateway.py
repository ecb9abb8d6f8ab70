"""The way of one request: fault, signature, permission, body checks, moto, log."""

import base64
import datetime
import hashlib
import io
import threading
import time
import traceback
import urllib.parse
from collections.abc import Callable
from typing import Any

from sandbox import backdoor, failures, permissions, prices, signatures
from sandbox.failures import Failure, Refusal
from sandbox.faults import Faults
from sandbox.identities import Identity
from sandbox.messages import Answer, Delivery, Request
from sandbox.requestfaults import REDIRECTED_PATH, Passage, RequestFaults, searchable
from sandbox.requestlog import RequestLog
from sandbox.settings import CALLER_ADDRESS_PATH, SPOT_ADVISOR_PATH

CONCURRENT_CALLS = 2
"""Requests inside moto at once. More only makes its threads fight over the interpreter."""

_UNSIGNED_ACTIONS = ("AssumeRoleWithWebIdentity",)
"""They bring a token of their own, which is taken for good."""

_DROPPED_HEADERS = {"content-length", "connection", "date", "server"}


class Gateway:
    """Turns a request into an answer. Called from many threads."""

    def __init__(self, application: Callable[..., Any], regions: set[str], faults: Faults, log: RequestLog) -> None:
        self._application = application
        self._regions = regions
        self._request_faults = RequestFaults(faults)
        self._log = log
        self._places = threading.BoundedSemaphore(CONCURRENT_CALLS)

    def handle(self, request: Request) -> Answer:
        if request.raw_path == CALLER_ADDRESS_PATH:
            return Answer(200, [("Content-Type", "text/plain")], f"{request.client_address}\n".encode())
        if request.raw_path == SPOT_ADVISOR_PATH:
            return prices.advisor()
        started = time.monotonic()
        notes: dict[str, Any] = {}
        answer = self._answer(request, notes)
        self._log.write(
            service=request.service,
            action=request.action,
            status=answer.status,
            region=request.region,
            milliseconds=round((time.monotonic() - started) * 1000, 1),
            **notes,
        )
        return answer

    def _answer(self, request: Request, notes: dict[str, Any]) -> Answer:
        if request.raw_path == REDIRECTED_PATH:
            notes["followed_redirect"] = True
            return Answer(404)
        passage = Passage(request, f"{searchable(request)} {backdoor.zone(request)}", backdoor.store_object)
        answer = self._request_faults.lead(passage, lambda: self._admit(passage, notes) or self._call(request, notes))
        if passage.met:
            notes["fault"] = " ".join(passage.met)
        return answer

    def _admit(self, passage: Passage, notes: dict[str, Any]) -> Answer | None:
        """None for a request that may go on to its service."""
        request = passage.request
        if request.credential is None and request.action in _UNSIGNED_ACTIONS:
            return None
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=passage.clock_offset)
        identity = signatures.check(request, now)
        if isinstance(identity, Identity):
            notes["identity"] = identity.name
            if identity.session_token and identity.issued < passage.sessions_from:
                identity = Refusal.EXPIRED
            elif request.region not in self._regions:
                identity = Refusal.BAD_REGION
        if isinstance(identity, Refusal):
            notes["refused"] = identity.name.lower()
            return failures.refuse(request, identity)
        lacking = next((p for p in permissions.needed(request) if not identity.permits(p)), None)
        if lacking:
            notes["refused"] = f"lacks {lacking}"
            return failures.not_allowed(request, identity.name, lacking)
        failure = _body_failure(request) if request.service == "s3" else None
        return failures.answer(request, failure) if failure else None

    def _call(self, request: Request, notes: dict[str, Any]) -> Answer:
        """Hands the request to moto; what moto does not model becomes an InvalidAction, marked in the log.

        The Price List, which moto lacks, is our own.
        """
        if request.service == "pricing":
            return prices.products(request)
        try:
            with self._places:
                answer = _run_wsgi(self._application, request)
        except NotImplementedError as error:
            notes["unmodelled"] = str(error)
        except Exception:  # a defect of moto's or ours: the client sees what AWS would say, the log has the rest
            notes["defect"] = traceback.format_exc()
            return failures.answer(request, Failure("InternalError", "An internal error has occurred", 500))
        else:
            if answer.status != 500 or not answer.body.lstrip().startswith(b"<!doctype html"):
                return answer
            notes["unmodelled"] = request.action
        return failures.answer(request, _unmodelled(request, notes["unmodelled"]))


def _unmodelled(request: Request, reason: str) -> Failure:
    if "ilter" in reason:
        return Failure("InvalidParameterValue", f"The sandbox does not model a filter of this request: {reason}")
    return Failure("InvalidAction", f"The action {request.action} is not valid for this web service.")


def _body_failure(request: Request) -> Failure | None:
    """What S3 checks of a body before it takes it."""
    claimed = request.header("x-amz-content-sha256")
    if claimed is None and request.header("authorization"):
        return Failure("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    actual = hashlib.sha256(request.body)
    if claimed and len(claimed) == 64 and claimed != actual.hexdigest():
        return Failure(
            "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."
        )
    if claimed and claimed.startswith("STREAMING-"):
        return None
    checksums = {
        "x-amz-checksum-sha256": actual.digest(),
        "content-md5": hashlib.md5(request.body, usedforsecurity=False).digest(),
    }
    for header, digest in checksums.items():
        sent = request.header(header)
        if sent is not None and sent != base64.b64encode(digest).decode():
            return Failure("BadDigest", f"The {header} you specified did not match what we received.")
    return None


def _run_wsgi(application: Callable[..., Any], request: Request) -> Answer:
    """Calls a WSGI application in this thread."""
    answer = Answer(500)

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], None]:
        answer.status = int(status.split()[0])
        answer.headers = [pair for pair in headers if pair[0].lower() not in _DROPPED_HEADERS]
        if request.method == "HEAD":
            answer.headers += [pair for pair in headers if pair[0].lower() == "content-length"]
        return lambda _: None

    chunks = application(_environ(request), start_response)
    try:
        answer.body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return answer


def _environ(request: Request) -> dict[str, Any]:
    uri = request.raw_path + (f"?{request.raw_query}" if request.raw_query else "")
    host = request.header("host") or "127.0.0.1"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": urllib.parse.unquote(request.raw_path, "latin-1"),
        "QUERY_STRING": request.raw_query,
        "RAW_URI": uri,
        "REQUEST_URI": uri,
        "SERVER_NAME": host.partition(":")[0],
        "SERVER_PORT": host.partition(":")[2] or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.client_address,
        "CONTENT_LENGTH": str(len(request.body)),
        "CONTENT_TYPE": request.header("content-type") or "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    skipped = {"content-length", "content-type", "transfer-encoding", "expect", "connection"}
    for name in {name for name, _ in request.headers} - skipped:
        environ["HTTP_" + name.upper().replace("-", "_")] = request.header(name)
    if request.header("x-amz-checksum-sha256"):  # moto only keeps a checksum that is announced as well
        environ.setdefault("HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM", "SHA256")
    return environ
