"""Faults that a request meets on its way: each as its line in the table says."""

import email.utils
import json
import socket
import time
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, HTTPClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from sandbox.requestfaults import OTHER_OBJECT
from sandbox.tests.helpers import Instance, client, exports, sandbox
from sandbox.tests.test_storage import new_key, put

def test_a_lost_answer_still_launches_and_the_token_finds_it(ec2: Any) -> None:
    sandbox("fault", "drop-run-instances-answer")
    with pytest.raises(HTTPClientError):
        Instance(ec2, ClientToken="lost", UserData="")
    again = Instance(ec2, ClientToken="lost", UserData="")
    assert sandbox("instances").stdout.split()[0] == again.id
    assert len(sandbox("instances").stdout.splitlines()) == 1


def test_an_error_is_met_as_often_as_asked_and_nothing_is_carried_out(ec2: Any) -> None:
    sandbox("fault", "error:InsufficientInstanceCapacity", "--action", "RunInstances", "--times", "2")
    for _ in range(2):
        with pytest.raises(ClientError) as error:
            Instance(ec2, UserData="")
        assert error.value.response["Error"]["Code"] == "InsufficientInstanceCapacity"
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert sandbox("instances").stdout == ""
    Instance(ec2, UserData="")


def test_a_fault_only_meets_what_matches(ec2: Any) -> None:
    sandbox("fault", "error:SlowDown", "--action", "PutObject", "--match", "unlucky")
    s3 = client("s3")
    s3.put_object(Bucket="sandbox-results", Key="lucky", Body=b"")
    with pytest.raises(ClientError):
        s3.put_object(Bucket="sandbox-results", Key="unlucky", Body=b"")


def stored(key: str) -> bool:
    return "Contents" in client("s3").list_objects_v2(Bucket="sandbox-results", Prefix=key)


def code(error: "pytest.ExceptionInfo[ClientError]") -> tuple[str, int]:
    """The error's code and status, as the client read them."""
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def launches() -> int:
    return len(sandbox("instances").stdout.splitlines())


@pytest.mark.parametrize(
    ("fault", "carried_out"),
    [
        ("reset", 0),
        ("http-503", 0),
        ("garbage-answer", 0),
        ("redirect", 0),
        ("cut-off-answer", 1),
        ("truncated-answer", 1),
    ],
)
def test_no_answer_that_can_be_read(ec2: Any, fault: str, carried_out: int) -> None:
    sandbox("fault", fault, "--action", "RunInstances")
    with pytest.raises((ClientError, BotoCoreError, ResponseParserError, KeyError)):
        Instance(ec2, UserData="")
    assert launches() == carried_out
    Instance(ec2, UserData="")


def raw(request: str) -> bytes:
    """What the endpoint sends back, to the connection's end."""
    host, _, port = exports()["AWS_ENDPOINT_URL"].partition("://")[2].partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


UNSIGNED = "GET /sandbox-results/nothing HTTP/1.1\nHost: x\n\n"


def test_a_truncated_document_is_as_long_as_announced_and_one_cut_off_is_not(ec2: Any) -> None:
    whole = raw(UNSIGNED).partition(b"\r\n\r\n")[2]
    lengths = {}
    for fault in ("truncated-answer", "cut-off-answer"):
        sandbox("fault", fault)
        head, _, body = raw(UNSIGNED).partition(b"\r\n\r\n")
        assert len(body) == len(whole) // 2
        announced = next(line for line in head.decode().splitlines() if line.lower().startswith("content-length"))
        lengths[fault] = int(announced.partition(":")[2])
    assert lengths == {"truncated-answer": len(whole) // 2, "cut-off-answer": len(whole)}


def test_nobody_followed_a_redirect(ec2: Any) -> None:
    sandbox("fault", "redirect")
    answer = raw(UNSIGNED)
    assert answer.startswith(b"HTTP/1.1 307 ") and b"/_sandbox/redirected" in answer
    raw("GET /_sandbox/redirected HTTP/1.1\nHost: x\n\n")
    assert json.loads(sandbox("log").stdout.splitlines()[-1])["followed_redirect"]


def test_a_slow_answer_comes_late(ec2: Any) -> None:
    sandbox("fault", "slow:0.7")
    started = time.monotonic()
    ec2.describe_vpcs()
    assert time.monotonic() - started >= 0.7


def test_a_stalled_request_gets_no_answer_and_is_not_carried_out(ec2: Any) -> None:
    hasty = client("s3", config=Config(retries={"total_max_attempts": 1}, read_timeout=1))
    sandbox("fault", "stall")
    key = new_key()
    with pytest.raises(ReadTimeoutError):
        put(hasty, key)
    assert not stored(key)


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_wrong_clock_is_in_the_date_and_in_the_check_of_signatures(ec2: Any, seconds: int) -> None:
    sandbox("fault", f"wrong-clock:{seconds}")
    for _ in range(2):
        with pytest.raises(ClientError) as error:
            ec2.describe_vpcs()
    date = error.value.response["ResponseMetadata"]["HTTPHeaders"]["date"]
    assert code(error) == ("AuthFailure", 401)
    assert abs(email.utils.parsedate_to_datetime(date).timestamp() - time.time() - seconds) < 60
    sandbox("fault", "clear")
    ec2.describe_vpcs()


def session() -> Any:
    """A client with temporary credentials that were given out just now."""
    role = "arn:aws:iam::123456789012:role/test"
    given = client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return client(
        "ec2",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def test_credentials_expire_and_new_ones_are_good(ec2: Any) -> None:
    old = session()
    old.describe_vpcs()
    unused = session()
    sandbox("fault", "expire-credentials")
    for expired in (old, unused, client("ec2", "session")):
        assert outcomes(expired.describe_vpcs, 2) == ["RequestExpired"] * 2
    assert outcomes(session().describe_vpcs, 1) == outcomes(ec2.describe_vpcs, 1) == ["ok"]


def outcomes(call: Any, times: int) -> list[str]:
    """Of each call its error code, or ok."""
    found = []
    for _ in range(times):
        try:
            call()
            found.append("ok")
        except ClientError as error:
            found.append(error.response["Error"]["Code"])
    return found


def test_a_throttled_action_has_a_bucket_of_its_own_that_fills_again(ec2: Any) -> None:
    sandbox("fault", "throttle:2")
    seen = outcomes(ec2.describe_vpcs, 8)
    assert seen[:2] == ["ok", "ok"] and "RequestLimitExceeded" in seen[2:]
    assert outcomes(ec2.describe_subnets, 1) == ["ok"]
    time.sleep(0.7)
    assert outcomes(ec2.describe_vpcs, 1) == ["ok"]


def test_each_service_throttles_in_its_own_words(ec2: Any) -> None:
    sandbox("fault", "throttle:0.001")
    ssm, sts, s3 = client("ssm"), client("sts"), client("s3")
    calls = {
        "ThrottlingException": lambda: ssm.get_parameters_by_path(Path="/x"),
        "Throttling": sts.get_caller_identity,
        "SlowDown": lambda: s3.list_objects_v2(Bucket="sandbox-results"),
    }
    for word, call in calls.items():
        assert outcomes(call, 2) == ["ok", word]


def test_a_bad_id_fails_its_batch_and_no_single_one(ec2: Any) -> None:
    instances = [Instance(ec2, UserData="") for _ in range(2)]
    sandbox("fault", "bad-id-in-batch", "--times", "0")
    with pytest.raises(ClientError) as error:
        ec2.terminate_instances(InstanceIds=[instance.id for instance in instances])
    assert code(error) == ("InvalidInstanceID.NotFound", 400)
    for instance in instances:
        instance.terminate()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("s3-503", ("ServiceUnavailable", 503)),
        ("s3-error-in-200", ("InternalError", 500)),  # what botocore makes of it: see the next test
        ("s3-checksum-mismatch", ("BadDigest", 400)),
    ],
)
def test_s3_stores_nothing_and_says_so(ec2: Any, fault: str, expected: tuple[str, int]) -> None:
    sandbox("fault", fault)
    key = new_key()
    with pytest.raises(ClientError) as error:
        put(client("s3"), key)
    assert code(error) == expected
    assert not stored(key)
    put(client("s3"), key)


def test_the_error_in_a_200_is_in_the_body(ec2: Any) -> None:
    sandbox("fault", "s3-error-in-200", "--action", "GetObject")
    answer = raw(UNSIGNED)
    assert answer.startswith(b"HTTP/1.1 200 ") and b"<Error><Code>InternalError</Code>" in answer


def test_something_else_is_under_the_key(ec2: Any) -> None:
    sandbox("fault", "s3-wrong-object")
    key, s3 = new_key(), client("s3")
    with pytest.raises(ClientError) as error:
        put(s3, key, IfNoneMatch="*")
    assert code(error) == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket="sandbox-results", Key=key)["Body"].read() == OTHER_OBJECT


def test_a_put_whose_answer_is_lost_is_stored(ec2: Any) -> None:
    sandbox("fault", "drop-answer", "--action", "PutObject")
    key, s3 = new_key(), client("s3")
    with pytest.raises(ConnectionClosedError):
        put(s3, key, IfNoneMatch="*")
    assert stored(key)
    assert outcomes(lambda: put(s3, key, IfNoneMatch="*"), 1) == ["PreconditionFailed"]


def test_faults_stand_around_a_request_in_the_order_of_their_arming(ec2: Any) -> None:
    """One that answers by itself keeps those armed later for another request."""
    sandbox("fault", "s3-503")
    sandbox("fault", "slow:0.6", "--action", "PutObject")
    sandbox("fault", "drop-answer", "--action", "PutObject")
    key = new_key()
    assert outcomes(lambda: put(client("s3"), key), 1) == ["ServiceUnavailable"]
    started = time.monotonic()
    with pytest.raises(ConnectionClosedError):
        put(client("s3"), key)
    assert time.monotonic() - started >= 0.6 and stored(key)
    assert sandbox("fault", "list").stdout == ""
