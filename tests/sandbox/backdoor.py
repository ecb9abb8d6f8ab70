"""What faults need to know of the account, or do to it, past the API."""

import urllib.parse

from moto.ec2.models import ec2_backends
from moto.s3.models import s3_backends

from sandbox.messages import Request
from sandbox.settings import ACCOUNT


def store_object(request: Request, content: bytes) -> None:
    """Puts other content where a PutObject wants to write."""
    bucket, _, key = urllib.parse.unquote(request.raw_path).lstrip("/").partition("/")
    s3_backends[ACCOUNT]["aws"].put_object(bucket, key, content)


def zone(request: Request) -> str:
    """Where a RunInstances goes that names a subnet and no zone; empty for any other request."""
    subnet_id = request.form.get("SubnetId") or request.form.get("NetworkInterface.1.SubnetId")
    if request.action != "RunInstances" or not subnet_id:
        return ""
    found = [zones[subnet_id] for zones in ec2_backends[ACCOUNT][request.region].subnets.values() if subnet_id in zones]
    return str(found[0].availability_zone) if found else ""
