"""Finds secrets in everything that the program wrote, also in the forms in which they travel."""

import base64
import json
import re
import urllib.parse
from pathlib import Path

SIGNED = (rb"AWS4-HMAC-SHA256", rb"Signature=\w", rb"X-Amz-Security-Token: *\w")
"""What only a request has; no message, journal or result has a use for it."""


def forms(secret: str) -> set[bytes]:
    """The secret as it is, in a URL, in JSON, in hexadecimal, and in the three alignments of Base64."""
    raw = secret.encode()
    found = {raw, raw.hex().encode(), json.dumps(secret)[1:-1].encode(), urllib.parse.quote(secret, safe="").encode()}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        whole = encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4]  # without what depends on the neighbours
        found.add(whole)
    return found


def pem_body(path: Path) -> list[str]:
    """The lines of a private key that are its own: the first ones say no more than what kind of key it is."""
    lines = [line for line in path.read_text().splitlines() if "-----" not in line]
    assert len(lines) >= 3
    return lines[2:]


def unpacked_journal(text: bytes) -> bytes:
    """The user data of the journal's launch requests, as the instances read it."""
    parts = []
    for line in text.splitlines():
        record = json.loads(line)
        for value in urllib.parse.parse_qs(record.get("request", "")).get("UserData", []):
            parts.append(base64.b64decode(value))
    return b"\n".join(parts)


def written(home: Path, *finished, cloud=None) -> dict[str, bytes]:
    """By name: what is on stdout and stderr, below the home, and in the bucket."""
    texts = {}
    for number, done in enumerate(finished):
        texts[f"stdout {number}"], texts[f"stderr {number}"] = done.out.encode(), done.err.encode()
    for path in home.rglob("*"):
        if path.is_file():
            texts[str(path.relative_to(home))] = path.read_bytes()
        if path.name == "journal.ndjson":
            texts[f"user data in {path.relative_to(home)}"] = unpacked_journal(path.read_bytes())
    for key in cloud.keys() if cloud else []:
        body = cloud.client("s3").get_object(Bucket="sandbox-results", Key=key)["Body"].read()
        texts[f"s3://{key}"] = body + key.encode()
    return texts


def traces(texts: dict[str, bytes], secrets: list[str]) -> list[str]:
    """Where one of the secrets, or a signed request, is found."""
    needles = [form for secret in secrets for form in forms(secret)]
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in SIGNED]
    return [
        name
        for name, text in texts.items()
        if any(needle in text for needle in needles) or any(pattern.search(text) for pattern in patterns)
    ]
