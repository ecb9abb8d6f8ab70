"""Who is let in: botocore's signer as the reference, and AWS's error for everything that is wrong."""

import datetime
import http.client
import random
import string
import urllib.parse
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from sandbox import signatures
from sandbox.failures import Refusal
from sandbox.identities import IDENTITIES, Identity
from sandbox.messages import Request
from sandbox.tests.helpers import client, exports

ADMIN = IDENTITIES["admin"]
SESSION = IDENTITIES["session"]
ODD_CHARACTERS = string.ascii_letters + string.digits + " -_.~+=&/%$@!*'()é"


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def as_received(signed: AWSRequest) -> Request:
    """A signed request as the server would hand it on."""
    parts = urllib.parse.urlsplit(signed.url)
    headers = [(name.lower(), value) for name, value in signed.headers.items()]
    if not any(name == "host" for name, _ in headers):
        headers.append(("host", parts.netloc))
    return Request(signed.method, parts.path, parts.query, headers, signed.body or b"", "127.0.0.1")


def random_text(source: random.Random, most: int) -> str:
    return "".join(source.choice(ODD_CHARACTERS) for _ in range(source.randint(1, most)))


@pytest.mark.parametrize("seed", range(40))
def test_what_botocore_signs_is_accepted(seed: int) -> None:
    source = random.Random(seed)
    identity = source.choice([ADMIN, SESSION])
    service, signer = source.choice(
        [("ec2", SigV4Auth), ("sts", SigV4QueryAuth), ("s3", S3SigV4Auth), ("s3", S3SigV4QueryAuth)]
    )
    path = urllib.parse.quote("/" + random_text(source, 20), safe="/-_.~") if service == "s3" else "/"
    query = urllib.parse.urlencode(
        {random_text(source, 8): random_text(source, 8) for _ in range(source.randint(0, 4))},
        quote_via=urllib.parse.quote,
    )
    body = b"" if "Query" in signer.__name__ else random_text(source, 50).encode()
    request = AWSRequest("PUT" if body else "GET", f"https://127.0.0.1:8080{path}?{query}", data=body)
    request.headers["X-Amz-Odd"] = "  two   spaces "
    request.context["client_config"] = None
    signer(
        Credentials(identity.access_key, identity.secret_key, identity.session_token), service, "us-east-1"
    ).add_auth(request)
    assert signatures.check(as_received(request), now()) == identity


def signed_request(**headers: str) -> AWSRequest:
    request = AWSRequest("POST", "http://127.0.0.1/", data=b"Action=DescribeVpcs", headers=headers)
    SigV4Auth(Credentials(ADMIN.access_key, ADMIN.secret_key), "ec2", "us-east-1").add_auth(request)
    return request


def test_another_body_is_refused() -> None:
    request = signed_request()
    request.data = b"Action=TerminateInstances"
    assert signatures.check(as_received(request), now()) is Refusal.BAD_SIGNATURE


def test_an_unsigned_aws_header_is_refused() -> None:
    request = signed_request()
    request.headers["X-Amz-Added"] = "later"
    assert signatures.check(as_received(request), now()) is Refusal.BAD_SIGNATURE


def test_a_changed_signed_header_is_refused() -> None:
    request = signed_request(**{"X-Amz-Meaning": "this"})
    request.headers.replace_header("X-Amz-Meaning", "that")
    assert signatures.check(as_received(request), now()) is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("minutes", "expected"), [(-16, Refusal.CLOCK_SKEW), (-14, ADMIN), (14, ADMIN), (16, Refusal.CLOCK_SKEW)]
)
def test_a_quarter_of_an_hour_of_skew_is_allowed(minutes: int, expected: Identity | Refusal) -> None:
    later = now() + datetime.timedelta(minutes=minutes)
    assert signatures.check(as_received(signed_request()), later) == expected


CALLS = {
    "ec2": lambda c: c.describe_vpcs(),
    "ssm": lambda c: c.get_parameter(Name="/x"),
    "sts": lambda c: c.get_caller_identity(),
    "s3": lambda c: c.list_objects_v2(Bucket="sandbox-results"),
}


def code_from(service: str, identity: str = "admin", **options: Any) -> str:
    with pytest.raises(ClientError) as error:
        CALLS[service](client(service, identity, **options))
    return str(error.value.response["Error"]["Code"])


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (
            {"aws_secret_access_key": "wrong"},
            ["AuthFailure", "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"],
        ),
        (
            {"aws_access_key_id": "AKIAUNKNOWN"},
            ["AuthFailure", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"],
        ),
        (
            {"aws_session_token": "superfluous"},
            ["AuthFailure", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidToken"],
        ),
        (
            {"region_name": "us-esat-1"},
            ["AuthFailure", "InvalidSignatureException", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed"],
        ),
    ],
)
def test_bad_credentials_get_the_error_of_each_service(up: None, options: dict[str, str], codes: list[str]) -> None:
    assert [code_from(service, **options) for service in CALLS] == codes


def test_expired_credentials_get_the_error_of_each_service(up: None) -> None:
    codes = [code_from(service, "expired") for service in CALLS]
    assert codes == ["RequestExpired", "ExpiredTokenException", "ExpiredToken", "ExpiredToken"]


@pytest.mark.parametrize("service", CALLS)
def test_temporary_credentials_that_are_good_are_let_in(up: None, service: str) -> None:
    try:
        CALLS[service](client(service, "session"))
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ParameterNotFound"


def test_credentials_of_an_assumed_role_are_let_in(up: None) -> None:
    given = client("sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/test", RoleSessionName="test")
    key = given["Credentials"]
    options = {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
        "aws_session_token": key["SessionToken"],
    }
    assert client("ec2", **options).describe_vpcs()["Vpcs"]


def test_an_unsigned_request_is_refused_with_ec2s_error(up: None) -> None:
    connection = http.client.HTTPConnection(exports()["AWS_ENDPOINT_URL"].partition("://")[2])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/", "Action=DescribeVpcs&Version=2016-11-15", form)
    assert b"<Code>MissingParameter</Code>" in connection.getresponse().read()


def test_an_identity_is_denied_just_what_it_may_not_do(up: None) -> None:
    with pytest.raises(ClientError) as error:
        client("s3", "no-put").put_object(Bucket="sandbox-results", Key="denied", Body=b"x")
    assert error.value.response["Error"]["Code"] == "AccessDenied"
    client("s3", "no-put").list_objects_v2(Bucket="sandbox-results")
    with pytest.raises(ClientError) as error:
        client("ec2", "no-terminate").terminate_instances(InstanceIds=["i-00000000000000000"])
    assert error.value.response["Error"]["Code"] == "UnauthorizedOperation"


def test_the_caller_learns_its_address(up: None) -> None:
    url = urllib.parse.urlsplit(exports()["AWS_BENCHMARK_COLLECTOR_CALLER_ADDRESS_URL"])
    connection = http.client.HTTPConnection(url.netloc)
    connection.request("GET", url.path)
    assert connection.getresponse().read() == b"127.0.0.1\n"
