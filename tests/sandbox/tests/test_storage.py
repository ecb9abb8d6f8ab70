"""S3, as far as a program that stores results once depends on it."""

import base64
import hashlib
import http.client
import uuid
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from sandbox.identities import IDENTITIES
from sandbox.tests.helpers import client, exports

BUCKET = "sandbox-results"


@pytest.fixture
def s3(up: None) -> Any:
    return client("s3")


def put(s3: Any, key: str, body: bytes = b"result", **options: Any) -> Any:
    return s3.put_object(Bucket=BUCKET, Key=key, Body=body, **options)


def new_key() -> str:
    return f"results/v1.0/region=us-east-1/a b+c/{uuid.uuid4()}.json"


def test_an_object_is_written_once(s3: Any) -> None:
    key = new_key()
    put(s3, key, b"first", IfNoneMatch="*")
    with pytest.raises(ClientError) as error:
        put(s3, key, b"second", IfNoneMatch="*")
    assert error.value.response["Error"]["Code"] == "PreconditionFailed"
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"first"


def test_the_checksum_is_kept_for_head(s3: Any) -> None:
    key, digest = new_key(), base64.b64encode(hashlib.sha256(b"result").digest()).decode()
    put(s3, key, ChecksumSHA256=digest)
    assert s3.head_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")["ChecksumSHA256"] == digest


@pytest.mark.parametrize("option", ["ChecksumSHA256", "ContentMD5"])
def test_a_wrong_checksum_is_refused_and_nothing_stored(s3: Any, option: str) -> None:
    key = new_key()
    size = 32 if option == "ChecksumSHA256" else 16
    wrong: dict[str, Any] = {option: base64.b64encode(bytes(size)).decode()}
    with pytest.raises(ClientError) as error:
        put(s3, key, **wrong)
    assert error.value.response["Error"]["Code"] == "BadDigest"
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix=key)


def test_a_body_other_than_its_signed_hash_is_refused(up: None) -> None:
    admin, endpoint = IDENTITIES["admin"], exports()["AWS_ENDPOINT_URL"]
    signed = AWSRequest("PUT", f"{endpoint}/{BUCKET}/lie", data=b"this")
    S3SigV4Auth(Credentials(admin.access_key, admin.secret_key), "s3", "us-east-1").add_auth(signed)
    connection = http.client.HTTPConnection(endpoint.partition("://")[2])
    connection.request("PUT", f"/{BUCKET}/lie", b"that", dict(signed.headers))
    assert b"<Code>XAmzContentSHA256Mismatch</Code>" in connection.getresponse().read()


def test_a_missing_bucket_is_told(s3: Any) -> None:
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket="no-such-bucket", Key="x", Body=b"")
    assert error.value.response["Error"]["Code"] == "NoSuchBucket"
