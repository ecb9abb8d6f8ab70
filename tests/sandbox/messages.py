"""A request and an answer, as the server hands them to the gateway and back."""

import enum
import re
import urllib.parse
from dataclasses import dataclass, field
from functools import cached_property

EC2_VERSION = "2016-11-15"
_SCOPE = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request")


@dataclass(frozen=True)
class Request:
    """One HTTP request, its body read to the end."""

    method: str
    raw_path: str
    """As sent, still percent-encoded, without the query."""
    raw_query: str
    headers: list[tuple[str, str]]
    """Names in lower case, in the order sent."""
    body: bytes
    client_address: str

    def header(self, name: str) -> str | None:
        """The value of a header, several of one name joined by commas; None where there is none."""
        values = [value for key, value in self.headers if key == name]
        return ",".join(values) if values else None

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """Decoded pairs in the order sent. A plus sign is a plus sign, as AWS has it."""
        pairs = [part.partition("=") for part in self.raw_query.split("&") if part]
        return [(urllib.parse.unquote(name), urllib.parse.unquote(value)) for name, _, value in pairs]

    def query_value(self, name: str) -> str | None:
        return next((value for key, value in self.query if key == name), None)

    @cached_property
    def credential(self) -> tuple[str, str, str, str] | None:
        """Access key, day, region and service of a SigV4 signature, in the header or in the query."""
        scope = self.header("authorization") or f"Credential={self.query_value('X-Amz-Credential') or ''}"
        match = _SCOPE.search(urllib.parse.unquote(scope))
        return (match[1], match[2], match[3], match[4]) if match else None

    @cached_property
    def service(self) -> str:
        """The service signed for; of an unsigned request, the one that it looks like."""
        if self.credential:
            return self.credential[3]
        if self.form.get("Version") == EC2_VERSION:
            return "ec2"
        return "unknown" if "Action" in self.form or self.header("x-amz-target") else "s3"

    @property
    def region(self) -> str:
        return self.credential[2] if self.credential else ""

    @cached_property
    def form(self) -> dict[str, str]:
        """Parameters of a query-protocol request, from the body or the URL."""
        is_form = (self.header("content-type") or "").startswith("application/x-www-form-urlencoded")
        text = self.body.decode("utf-8", "replace") if is_form else self.raw_query
        return dict(urllib.parse.parse_qsl(text, keep_blank_values=True))

    @cached_property
    def action(self) -> str:
        """`RunInstances`, `GetParameter`, `PutObject` …"""
        target = self.header("x-amz-target")
        if target:
            return target.rpartition(".")[2]
        return self.form.get("Action") or self._s3_action()

    def _s3_action(self) -> str:
        has_key = bool(self.raw_path.strip("/").partition("/")[2])
        if has_key:
            verbs = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
        else:
            verbs = {"GET": "ListObjects", "PUT": "CreateBucket", "HEAD": "HeadBucket", "DELETE": "DeleteBucket"}
        return verbs.get(self.method, self.method)

    @property
    def protocol(self) -> "Protocol":
        """The dialect in which this request's errors are written."""
        if self.header("x-amz-target") or "json" in (self.header("content-type") or ""):
            return Protocol.JSON
        if self.service == "ec2":
            return Protocol.EC2
        return Protocol.S3 if self.service == "s3" else Protocol.QUERY


class Protocol(enum.Enum):
    """AWS's error dialects."""

    EC2 = "ec2"
    QUERY = "query"
    JSON = "json"
    S3 = "s3"


class Delivery(enum.Enum):
    """What becomes of an answer on its way out."""

    WHOLE = "whole"
    DROPPED = "dropped"
    """The connection is reset without a byte."""
    CUT_OFF = "cut off"
    """The connection is closed in the middle of the body."""
    STALLED = "stalled"
    """Nothing is ever sent."""


@dataclass
class Answer:
    """One HTTP answer."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    delivery: Delivery = Delivery.WHOLE
    delay: float = 0.0
    """Seconds before it is sent."""
    clock_offset: float = 0.0
    """How far the service's clock is ahead, in seconds: shown in the Date header."""
