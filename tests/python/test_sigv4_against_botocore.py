"""The signer compared with botocore's on random requests, in the header and in the query."""

import datetime
import hashlib
import json
import pathlib
import random
import subprocess
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HELPER = ROOT / "build/release/tests/helpers/sign_request"
REQUESTS = 500
UNRESERVED = "-_.~"
HEADER_ALPHABET = "abcXYZ019 /:;=,+\"'()[]{}<>?!@#$%^&*|\t"
TEXT_ALPHABET = "abcXYZ019 -_.~/+*%&=?#:;@!$'()[],\"<>\\^`{|}äሴ€😀"


@pytest.fixture(scope="module")
def sign_request():
    subprocess.run(["make", "-s", str(HELPER.relative_to(ROOT))], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def sign(documents):
        lines = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)
        result = subprocess.run([HELPER], input=lines, capture_output=True, text=True, check=True)
        return result.stdout.splitlines()

    return sign


def _text(rng, alphabet, longest):
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(longest)))


def _path(rng, service):
    """As it is sent: encoded once. Without dot segments, which botocore's two signers treat each in its own way."""
    parts = [_text(rng, TEXT_ALPHABET, 12) for _ in range(rng.randrange(5))]
    segments = [urllib.parse.quote(part, safe=UNRESERVED) for part in parts if part.strip(".")]
    if service != "s3":
        segments = [segment for segment in segments if segment]
    return "/" + "/".join(segments)


def _headers(rng):
    names = rng.sample(["X-Amz-Target", "Content-Type", "x-amz-meta-A", "X-AMZ-META-b", "If-None-Match", "Range"], 3)
    return [[name, _text(rng, HEADER_ALPHABET, 30).strip() or "x"] for name in names]


def _request(rng, service):
    """A random request as the helper reads it."""
    body = _text(rng, TEXT_ALPHABET, 200)
    token = _text(rng, "abcXYZ019/+=", 60) or None
    return {
        "access_key": "AKIA" + _text(rng, "ABC019", 16),
        "secret_key": _text(rng, "abcXYZ019/+", 40) or "s",
        "token": token,
        "time": rng.randrange(1_000_000_000, 4_000_000_000),
        "region": rng.choice(["us-east-1", "eu-central-2", "cn-north-1", "us-gov-west-1"]),
        "service": service,
        "method": rng.choice(["GET", "PUT", "POST", "HEAD", "DELETE"]),
        "path": _path(rng, service),
        "params": [[_text(rng, TEXT_ALPHABET, 8), _text(rng, TEXT_ALPHABET, 20)] for _ in range(rng.randrange(6))],
        "headers": _headers(rng),
        "payload_hash": hashlib.sha256(body.encode()).hexdigest(),
        "body": body,
    }


def _query(params):
    return "&".join(
        urllib.parse.quote(name, safe=UNRESERVED) + "=" + urllib.parse.quote(value, safe=UNRESERVED)
        for name, value in params
    )


def _aws_request(document):
    url = "https://host.example.com" + document["path"]
    if document["params"]:
        url += "?" + _query(document["params"])
    request = botocore.awsrequest.AWSRequest(method=document["method"], url=url, data=document["body"].encode())
    for name, value in document["headers"]:
        request.headers[name] = value
    return request


def _credentials(document):
    return botocore.credentials.Credentials(document["access_key"], document["secret_key"], document["token"])


def _freeze(monkeypatch, time):
    """botocore reads the clock itself."""
    now = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: now.replace(tzinfo=None))
    return now


@pytest.mark.parametrize("service", ["ec2", "ssm", "s3"])
def test_headers_are_signed_as_botocore_signs_them(service, sign_request, monkeypatch):
    rng = random.Random(f"headers {service}")
    signer = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    documents, wanted = [], []
    for _ in range(REQUESTS):
        document = _request(rng, service)
        now = _freeze(monkeypatch, document["time"])
        request = _aws_request(document)
        signer(_credentials(document), service, document["region"]).add_auth(request)
        wanted.append(request.headers["Authorization"])
        document["headers"] += [["Host", "host.example.com"], ["X-Amz-Date", now.strftime("%Y%m%dT%H%M%SZ")]]
        if document["token"]:
            document["headers"].append(["X-Amz-Security-Token", document["token"]])
        if service == "s3":
            document["headers"].append(["X-Amz-Content-SHA256", document["payload_hash"]])
        documents.append(document)
    assert sign_request(documents) == wanted


@pytest.mark.parametrize("service", ["ec2", "s3"])
def test_links_are_signed_as_botocore_signs_them(service, sign_request, monkeypatch):
    rng = random.Random(f"query {service}")
    signer = botocore.auth.S3SigV4QueryAuth if service == "s3" else botocore.auth.SigV4QueryAuth
    documents, wanted = [], []
    for _ in range(REQUESTS):
        document = _request(rng, service) | {"method": "GET", "headers": [], "body": "", "expires": 900}
        document["params"] = [[f"{index}{name}", value] for index, (name, value) in enumerate(document["params"])]
        document["payload_hash"] = "UNSIGNED-PAYLOAD" if service == "s3" else hashlib.sha256(b"").hexdigest()
        _freeze(monkeypatch, document["time"])
        request = _aws_request(document)
        signer(_credentials(document), service, document["region"], expires=900).add_auth(request)
        wanted.append(dict(urllib.parse.parse_qsl(request.url.partition("?")[2]))["X-Amz-Signature"])
        document["headers"] = [["Host", "host.example.com"]]
        documents.append(document)
    signed = [dict(urllib.parse.parse_qsl(line))["X-Amz-Signature"] for line in sign_request(documents)]
    assert signed == wanted
