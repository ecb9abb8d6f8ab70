"""What the account holds before the first request: images, their SSM parameters, the network, a bucket."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.ec2.models.amis import Ami
from moto.s3.models import s3_backends
from moto.ssm.models import Parameter, ssm_backends

from sandbox.settings import ACCOUNT, BUCKET, REGION

AMAZON_LINUX_OWNER = "137112412989"
ECS_OWNER = "591542846629"


@dataclass(frozen=True)
class _Image:
    """A public image and the SSM parameter that names it."""

    name: str
    architecture: str
    owner: str
    parameter: str
    describes_itself: bool = False
    """Whether there is also a JSON parameter one level up, as the ECS images have."""

    def identifier(self, region: str) -> str:
        return "ami-" + hashlib.sha256(f"{region}/{self.name}".encode()).hexdigest()[:17]


_ECS = "/aws/service/ecs/optimized-ami/amazon-linux-2023"
_AL2023 = "/aws/service/ami-amazon-linux-latest"
IMAGES = (
    _Image(
        "al2023-ami-ecs-hvm-2023.0.20261101-kernel-6.1-x86_64",
        "x86_64",
        ECS_OWNER,
        f"{_ECS}/recommended/image_id",
        describes_itself=True,
    ),
    _Image(
        "al2023-ami-ecs-hvm-2023.0.20261101-kernel-6.1-arm64",
        "arm64",
        ECS_OWNER,
        f"{_ECS}/arm64/recommended/image_id",
        describes_itself=True,
    ),
    _Image(
        "al2023-ami-2023.9.20261101.0-kernel-6.1-x86_64",
        "x86_64",
        AMAZON_LINUX_OWNER,
        f"{_AL2023}/al2023-ami-kernel-default-x86_64",
    ),
    _Image(
        "al2023-ami-2023.9.20261101.0-kernel-6.1-arm64",
        "arm64",
        AMAZON_LINUX_OWNER,
        f"{_AL2023}/al2023-ami-kernel-default-arm64",
    ),
)


def add_images(backend: Any) -> None:
    """Registers the images with one region's EC2 backend."""
    for image in IMAGES:
        identifier = image.identifier(backend.region_name)
        backend.amis[identifier] = Ami(
            backend,
            identifier,
            name=image.name,
            description=image.name,
            owner_id=image.owner,
            owner_alias="amazon",
            public=True,
            virtualization_type="hvm",
            architecture=image.architecture,
            hypervisor="xen",
            image_location=f"amazon/{image.name}",
            root_device_type="ebs",
            root_device_name="/dev/xvda",
            region_name=f"{backend.region_name}a",
        )


def add_parameters(store: Any) -> None:
    """Fills one region's SSM parameter store."""
    for image in IMAGES:
        identifier = image.identifier(store.region_name)
        _add_parameter(store, image.parameter, identifier)
        if image.describes_itself:
            facts = {"image_id": identifier, "image_name": image.name, "os": "Amazon Linux 2023", "schema_version": 1}
            _add_parameter(store, image.parameter.removesuffix("/image_id"), json.dumps(facts))


def _add_parameter(store: Any, name: str, value: str) -> None:
    parameter = Parameter(  # type: ignore[abstract]
        account_id=store.account_id,
        name=name,
        value=value,
        parameter_type="String",
        description=None,
        allowed_pattern=None,
        keyid=None,
        last_modified_date=utcnow(),
        version=1,
        data_type="text",
    )
    dict.__setitem__(store, name, [parameter])


def prepare() -> None:
    """Makes the first region ready, so that no client waits for it."""
    backend = ec2_backends[ACCOUNT][REGION]
    backend.describe_images()
    assert ssm_backends[ACCOUNT][REGION] is not None
    s3_backends[ACCOUNT]["aws"].create_bucket(BUCKET, REGION)
