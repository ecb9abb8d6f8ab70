"""How AWS says no: one table of refusals, and the error document of each protocol."""

import enum
import json
import uuid
from dataclasses import dataclass
from xml.sax.saxutils import escape

from sandbox.messages import Answer, Protocol, Request
from sandbox.settings import ACCOUNT


@dataclass(frozen=True)
class Failure:
    """An error as the client sees it."""

    code: str
    message: str
    status: int = 400


class Refusal(enum.Enum):
    """Why a request is turned away before it reaches a service."""

    NOT_SIGNED = enum.auto()
    UNKNOWN_KEY = enum.auto()
    BAD_SIGNATURE = enum.auto()
    CLOCK_SKEW = enum.auto()
    EXPIRED = enum.auto()
    BAD_TOKEN = enum.auto()
    BAD_REGION = enum.auto()


_EC2_AUTH = Failure("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
_INVALID_TOKEN = "The security token included in the request is invalid."
_EXPIRED_TOKEN = "The security token included in the request is expired"
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method."
)
_OUT_OF_TIME = "Signature not yet current or expired: the request's time is more than 15 minutes off."
_REGION = "Credential should be scoped to a valid region."

_TABLE: dict[Refusal, dict[Protocol, Failure]] = {
    Refusal.NOT_SIGNED: {
        Protocol.EC2: Failure("MissingParameter", "The request must contain the parameter AWSAccessKeyId"),
        Protocol.QUERY: Failure("MissingAuthenticationToken", "Request is missing Authentication Token", 403),
        Protocol.JSON: Failure("MissingAuthenticationTokenException", "Request is missing Authentication Token"),
        Protocol.S3: Failure("AccessDenied", "Access Denied", 403),
    },
    Refusal.UNKNOWN_KEY: {
        Protocol.EC2: _EC2_AUTH,
        Protocol.QUERY: Failure("InvalidClientTokenId", _INVALID_TOKEN, 403),
        Protocol.JSON: Failure("UnrecognizedClientException", _INVALID_TOKEN),
        Protocol.S3: Failure(
            "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403
        ),
    },
    Refusal.BAD_SIGNATURE: {
        Protocol.EC2: _EC2_AUTH,
        Protocol.QUERY: Failure("SignatureDoesNotMatch", _MISMATCH, 403),
        Protocol.JSON: Failure("InvalidSignatureException", _MISMATCH),
        Protocol.S3: Failure("SignatureDoesNotMatch", _MISMATCH, 403),
    },
    Refusal.CLOCK_SKEW: {
        Protocol.EC2: _EC2_AUTH,
        Protocol.QUERY: Failure("SignatureDoesNotMatch", _OUT_OF_TIME, 403),
        Protocol.JSON: Failure("InvalidSignatureException", _OUT_OF_TIME),
        Protocol.S3: Failure(
            "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", 403
        ),
    },
    Refusal.EXPIRED: {
        Protocol.EC2: Failure("RequestExpired", "Request has expired."),
        Protocol.QUERY: Failure("ExpiredToken", _EXPIRED_TOKEN, 403),
        Protocol.JSON: Failure("ExpiredTokenException", _EXPIRED_TOKEN),
        Protocol.S3: Failure("ExpiredToken", "The provided token has expired."),
    },
    Refusal.BAD_TOKEN: {
        Protocol.EC2: _EC2_AUTH,
        Protocol.QUERY: Failure("InvalidClientTokenId", _INVALID_TOKEN, 403),
        Protocol.JSON: Failure("UnrecognizedClientException", _INVALID_TOKEN),
        Protocol.S3: Failure("InvalidToken", "The provided token is malformed or otherwise invalid."),
    },
    Refusal.BAD_REGION: {
        Protocol.EC2: _EC2_AUTH,
        Protocol.QUERY: Failure("SignatureDoesNotMatch", _REGION, 403),
        Protocol.JSON: Failure("InvalidSignatureException", _REGION),
        Protocol.S3: Failure(
            "AuthorizationHeaderMalformed", "The authorization header is malformed; the region is wrong."
        ),
    },
}

_NOT_ALLOWED = {
    Protocol.EC2: ("UnauthorizedOperation", "You are not authorized to perform this operation. "),
    Protocol.QUERY: ("AccessDenied", ""),
    Protocol.JSON: ("AccessDeniedException", ""),
    Protocol.S3: ("AccessDenied", ""),
}

STATUS_OF_CODE = {
    "EC2ThrottledException": 503,
    "UnfulfillableCapacity": 500,
    "InsufficientAddressCapacity": 500,
    "InsufficientHostCapacity": 500,
    "ExpiredToken": 403,
    "RequestTimeTooSkewed": 403,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "OperationAborted": 409,
    "RequestLimitExceeded": 503,
    "SlowDown": 503,
    "ServiceUnavailable": 503,
    "Unavailable": 503,
    "InternalError": 500,
    "InternalFailure": 500,
    "InsufficientInstanceCapacity": 500,
    "AuthFailure": 401,
    "UnauthorizedOperation": 403,
    "AccessDenied": 403,
    "InvalidAccessKeyId": 403,
    "SignatureDoesNotMatch": 403,
    "PreconditionFailed": 412,
    "ConditionalRequestConflict": 409,
}
"""The status that goes with an error code, where it isn't 400."""


def refuse(request: Request, refusal: Refusal) -> Answer:
    """The answer to a request that is turned away."""
    return answer(request, _TABLE[refusal][request.protocol])


def not_allowed(request: Request, name: str, permission: str) -> Answer:
    """The answer to one who lacks a permission, in AWS's words."""
    code, opening = _NOT_ALLOWED[request.protocol]
    message = (
        f"{opening}User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: {permission} "
        f"because no identity-based policy allows the {permission} action"
    )
    return answer(request, Failure(code, message, 400 if request.protocol is Protocol.JSON else 403))


def answer(request: Request, failure: Failure) -> Answer:
    """An error in the dialect of the request's protocol."""
    identifier = str(uuid.uuid4())
    writers = {Protocol.EC2: _ec2, Protocol.QUERY: _query, Protocol.JSON: _json, Protocol.S3: _s3}
    content_type, text = writers[request.protocol](failure, identifier)
    headers = [("Content-Type", content_type), ("x-amzn-RequestId", identifier), ("x-amz-request-id", identifier)]
    return Answer(failure.status, headers, b"" if request.method == "HEAD" else text.encode())


def _ec2(failure: Failure, identifier: str) -> tuple[str, str]:
    return "text/xml;charset=UTF-8", (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Response><Errors><Error><Code>{escape(failure.code)}</Code><Message>{escape(failure.message)}</Message>"
        f"</Error></Errors><RequestID>{identifier}</RequestID></Response>"
    )


def _query(failure: Failure, identifier: str) -> tuple[str, str]:
    blame = "Receiver" if failure.status >= 500 else "Sender"
    return "text/xml", (
        f"<ErrorResponse><Error><Type>{blame}</Type><Code>{escape(failure.code)}</Code>"
        f"<Message>{escape(failure.message)}</Message></Error><RequestId>{identifier}</RequestId></ErrorResponse>"
    )


def _json(failure: Failure, identifier: str) -> tuple[str, str]:
    return "application/x-amz-json-1.1", json.dumps({"__type": failure.code, "message": failure.message})


def _s3(failure: Failure, identifier: str) -> tuple[str, str]:
    return "application/xml", (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(failure.code)}</Code><Message>{escape(failure.message)}</Message>"
        f"<RequestId>{identifier}</RequestId></Error>"
    )
