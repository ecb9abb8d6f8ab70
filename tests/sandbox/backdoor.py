"""What faults need to know of the account, or do to it, past the API."""

import urllib.parse

from moto.ec2.models import ec2_backends
from moto.s3.models import s3_backends

from sandbox.messages import Request
from sandbox.settings import ACCOUNT


def store_object(request: Request, content: bytes) -> None:
    """Puts other content where a PutObject wants to write."""
    s3_backends[ACCOUNT]["aws"].put_object(*_place(request), content)


def object_exists(request: Request) -> bool:
    """Whether there is an object where the request points to."""
    bucket, key = _place(request)
    buckets = s3_backends[ACCOUNT]["aws"].buckets
    return bucket in buckets and buckets[bucket].keys.get(key) is not None


def _place(request: Request) -> tuple[str, str]:
    """Bucket and key."""
    bucket, _, key = urllib.parse.unquote(request.raw_path).lstrip("/").partition("/")
    return bucket, key


def zone(request: Request) -> str:
    """Where a RunInstances goes that names a subnet and no zone; empty for any other request."""
    subnet_id = request.form.get("SubnetId") or request.form.get("NetworkInterface.1.SubnetId")
    if request.action != "RunInstances" or not subnet_id:
        return ""
    found = [zones[subnet_id] for zones in ec2_backends[ACCOUNT][request.region].subnets.values() if subnet_id in zones]
    return str(found[0].availability_zone) if found else ""
