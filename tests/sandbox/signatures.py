"""Checks AWS Signature Version 4, in the Authorization header or in the query of a presigned URL.

Written from AWS's description ("Signature Version 4 signing process") and held to botocore's signer by the tests.
"""

import datetime
import hashlib
import hmac
import re
import urllib.parse
from dataclasses import dataclass

from sandbox import identities
from sandbox.failures import Refusal
from sandbox.identities import Identity
from sandbox.messages import Request

MAX_SKEW = datetime.timedelta(minutes=15)
UNSIGNED = "UNSIGNED-PAYLOAD"
_EMPTY_HASH = hashlib.sha256(b"").hexdigest()
_TIME_FORMAT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class _Claim:
    """What the request says about its own signature."""

    signed_headers: list[str]
    signature: str
    time: datetime.datetime
    token: str | None
    lifetime: datetime.timedelta
    """How long after its time the request may arrive."""
    payload_hash: str
    in_query: bool


def check(request: Request, now: datetime.datetime) -> Identity | Refusal:
    """The identity that signed the request, or why it is turned away. `now` is in UTC."""
    if request.credential is None:
        return Refusal.NOT_SIGNED
    access_key, day, _, _ = request.credential
    identity = identities.find(access_key)
    if identity is None:
        return Refusal.UNKNOWN_KEY
    claim = _read_claim(request)
    if claim is None or claim.time.strftime("%Y%m%d") != day or not _covers_what_it_must(request, claim):
        return Refusal.BAD_SIGNATURE
    if not -MAX_SKEW <= now - claim.time <= claim.lifetime:
        return Refusal.CLOCK_SKEW
    if not _payload_is_as_claimed(request, claim):
        return Refusal.BAD_SIGNATURE
    if not hmac.compare_digest(_signature(request, claim, identity), claim.signature):
        return Refusal.BAD_SIGNATURE
    if claim.token != identity.session_token:
        return Refusal.BAD_TOKEN
    return Refusal.EXPIRED if identity.expired else identity


def _read_claim(request: Request) -> _Claim | None:
    in_query = request.header("authorization") is None
    try:
        return _read_query_claim(request) if in_query else _read_header_claim(request)
    except (KeyError, ValueError, TypeError):
        return None


def _read_header_claim(request: Request) -> _Claim:
    parts = dict(re.findall(r"(\w+)=([^,\s]+)", request.header("authorization") or ""))
    return _Claim(
        signed_headers=parts["SignedHeaders"].split(";"),
        signature=parts["Signature"],
        time=_parse_time(request.header("x-amz-date") or ""),
        token=request.header("x-amz-security-token"),
        lifetime=MAX_SKEW,
        payload_hash=request.header("x-amz-content-sha256") or hashlib.sha256(request.body).hexdigest(),
        in_query=False,
    )


def _read_query_claim(request: Request) -> _Claim:
    parts = dict(request.query)
    return _Claim(
        signed_headers=parts["X-Amz-SignedHeaders"].split(";"),
        signature=parts["X-Amz-Signature"],
        time=_parse_time(parts["X-Amz-Date"]),
        token=parts.get("X-Amz-Security-Token"),
        lifetime=datetime.timedelta(seconds=int(parts["X-Amz-Expires"])),
        payload_hash=UNSIGNED if request.service == "s3" else _EMPTY_HASH,
        in_query=True,
    )


def _parse_time(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=datetime.timezone.utc)


def _covers_what_it_must(request: Request, claim: _Claim) -> bool:
    """The host and every x-amz- header sent must be among the signed ones."""
    signed = set(claim.signed_headers)
    sent = {name for name, _ in request.headers}
    return "host" in signed and all(name in signed for name in sent if name.startswith("x-amz-"))


def _payload_is_as_claimed(request: Request, claim: _Claim) -> bool:
    """S3 answers a wrong body hash with an error of its own: see gateway.py."""
    is_hash = re.fullmatch(r"[0-9a-f]{64}", claim.payload_hash) is not None
    return not is_hash or request.service == "s3" or claim.payload_hash == hashlib.sha256(request.body).hexdigest()


def _signature(request: Request, claim: _Claim, identity: Identity) -> str:
    assert request.credential is not None
    _, day, region, service = request.credential
    scope = f"{day}/{region}/{service}/aws4_request"
    canonical = hashlib.sha256(_canonical_request(request, claim).encode()).hexdigest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", claim.time.strftime(_TIME_FORMAT), scope, canonical])
    key = f"AWS4{identity.secret_key}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


def _canonical_request(request: Request, claim: _Claim) -> str:
    return "\n".join(
        [
            request.method,
            _canonical_path(request),
            _canonical_query(request),
            *(f"{name}:{_canonical_value(request, name)}" for name in claim.signed_headers),
            "",
            ";".join(claim.signed_headers),
            claim.payload_hash,
        ]
    )


def _canonical_path(request: Request) -> str:
    """S3 signs the path as sent; every other service normalises it and encodes it once more."""
    path = request.raw_path or "/"
    if request.service == "s3":
        return path
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            kept = kept[:-1]
        elif segment not in ("", "."):
            kept.append(segment)
    ends_with_slash = path.endswith("/") and kept
    return urllib.parse.quote("/" + "/".join(kept) + ("/" if ends_with_slash else ""), safe="/-_.~")


def _canonical_query(request: Request) -> str:
    pairs = [(_encode(name), _encode(value)) for name, value in request.query if name != "X-Amz-Signature"]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _encode(text: str) -> str:
    return urllib.parse.quote(text, safe="-_.~")


def _canonical_value(request: Request, name: str) -> str:
    values = [value for key, value in request.headers if key == name]
    return ",".join(" ".join(value.split()) for value in values)
