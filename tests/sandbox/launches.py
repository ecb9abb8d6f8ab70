"""RunInstances: what EC2 checks before it launches, and the promise that one client token launches once."""

import base64
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

NO_TOKEN = "ABCDE"
"""What moto puts in where a request has no client token."""

USER_DATA_MAX = 16384
TOKEN_MAX = 64


@dataclass(frozen=True)
class _Launch:
    parameters: tuple[tuple[str, str], ...]
    reservation: Any


class Tokens:
    """Client tokens by region, with the launch that each stands for."""

    def __init__(self) -> None:
        self._launches: dict[tuple[str, str], _Launch] = {}
        self._lock = threading.Lock()

    def find(self, region: str, token: str, parameters: tuple[tuple[str, str], ...]) -> Any | None:
        """The reservation that the token launched, also when its instances have ended; None for a new token."""
        with self._lock:
            launch = self._launches.get((region, token))
        if launch is None:
            return None
        if launch.parameters != parameters:
            raise EC2ClientError(
                "IdempotentParameterMismatch",
                "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
            )
        return launch.reservation

    def remember(self, region: str, token: str, parameters: tuple[tuple[str, str], ...], reservation: Any) -> None:
        with self._lock:
            self._launches[(region, token)] = _Launch(parameters, reservation)


@dataclass(frozen=True)
class _Order:
    """What a RunInstances request asks for, as far as it is checked here."""

    minimum: int
    maximum: int
    image_id: str | None
    instance_type: str
    key_name: str | None
    user_data: bytes | None
    """In base64, as sent."""
    zone: str | None
    subnet_id: str | None
    group_ids: list[str]
    token: str | None


def install(cloud: "Cloud", responses: Any) -> None:
    """Puts the checks in front of moto's RunInstances."""
    moto_run = responses.run_instances

    def run(self: Any) -> ActionResult:
        with cloud.lock:
            order = _read(self)
            parameters = _fingerprint(self)
            if order.token:
                known = cloud.launched.find(self.region, order.token, parameters)
                if known is not None:
                    return ActionResult(known)
            _check(self.ec2_backend, order)
            self.params["MinCount"] = _count_within_quota(cloud, order)  # moto launches MinCount
            if not order.subnet_id:
                _place(self, order)
            result: ActionResult = moto_run(self)
            if order.token:
                cloud.launched.remember(self.region, order.token, parameters, result.result)
            return result

    responses.run_instances = run


def _place(response: Any, order: _Order) -> None:
    """Chooses a default subnet, as EC2 does; moto would think of EC2-Classic."""
    backend = response.ec2_backend
    subnets = backend.get_default_subnets()
    zones = [order.zone] if order.zone else sorted(subnets)
    subnet = next((subnets[z] for z in zones if z in subnets and _offered(backend, order.instance_type, z)), None)
    if subnet is None:
        raise EC2ClientError("MissingInput", "No default subnet for the requested availability zone and type.")
    interfaces = response.params.get("NetworkInterfaces")
    (interfaces[0] if interfaces else response.params)["SubnetId"] = subnet.id


def _offered(backend: Any, instance_type: str, zone: str) -> bool:
    offers = INSTANCE_TYPE_OFFERINGS["availability-zone"].get(backend.region_name, [])
    return any(offer["Location"] == zone and offer["InstanceType"] == instance_type for offer in offers)


def _read(response: Any) -> _Order:
    get = response._get_param
    interfaces = get("NetworkInterfaces", []) or [{}]
    user_data = get("UserData")
    return _Order(
        minimum=_required_count(get("MinCount"), "MinCount"),
        maximum=_required_count(get("MaxCount"), "MaxCount"),
        image_id=get("ImageId"),
        instance_type=get("InstanceType", "m1.small"),
        key_name=get("KeyName"),
        user_data=user_data.encode() if isinstance(user_data, str) else user_data,
        zone=get("Placement.AvailabilityZone"),
        subnet_id=get("SubnetId") or interfaces[0].get("SubnetId"),
        group_ids=get("SecurityGroupIds", []) or interfaces[0].get("Groups", []),
        token=get("ClientToken"),
    )


def _required_count(value: Any, name: str) -> int:
    if value is None:
        raise EC2ClientError("MissingParameter", f"The request must contain the parameter {name}")
    if int(value) < 1:
        raise _invalid(f"Value ({value}) for parameter {name} is invalid. It must be at least 1.")
    return int(value)


def _fingerprint(response: Any) -> tuple[tuple[str, str], ...]:
    """The request's parameters, without those that may differ between two tries of one launch."""
    varying = {"ClientToken", "Action", "Version", "DryRun"}
    return tuple(sorted((k, str(v)) for k, v in response.data.items() if k not in varying))


def _invalid(message: str) -> EC2ClientError:
    return EC2ClientError("InvalidParameterValue", message)


def _check(backend: Any, order: _Order) -> None:
    if order.minimum > order.maximum:
        raise _invalid(f"Value ({order.maximum}) for parameter maxCount is invalid: it is less than minCount.")
    if order.token and (len(order.token) > TOKEN_MAX or not order.token.isascii()):
        raise _invalid("Invalid client token: at most 64 ASCII characters.")
    _check_type(order)
    _check_image(backend, order)
    _check_key(backend, order)
    _check_user_data(order)
    _check_network(backend, order)


def _check_type(order: _Order) -> None:
    if order.instance_type not in INSTANCE_TYPES:
        raise _invalid(f"Invalid value '{order.instance_type}' for InstanceType.")


def _check_image(backend: Any, order: _Order) -> None:
    if not order.image_id:
        raise EC2ClientError("MissingParameter", "The request must contain the parameter ImageId")
    image = backend.describe_images(ami_ids=[order.image_id])[0]
    supported = INSTANCE_TYPES[order.instance_type]["ProcessorInfo"]["SupportedArchitectures"]
    if image.architecture not in supported:
        raise _invalid(
            f"The architecture '{','.join(supported)}' of the specified instance type does not match the architecture "
            f"'{image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching "
            "architectures, and try again."
        )


def _check_key(backend: Any, order: _Order) -> None:
    if order.key_name and order.key_name not in backend.key_pairs:
        raise EC2ClientError("InvalidKeyPair.NotFound", f"The key pair '{order.key_name}' does not exist")


def _check_user_data(order: _Order) -> None:
    if not order.user_data:
        return
    try:
        size = len(base64.b64decode(order.user_data, validate=True))
    except ValueError:
        raise _invalid("Invalid BASE64 encoding of user data.") from None
    if size > USER_DATA_MAX:
        raise _invalid("User data is limited to 16384 bytes")


def _check_network(backend: Any, order: _Order) -> None:
    subnet = backend.get_subnet(order.subnet_id) if order.subnet_id else None
    zone = subnet.availability_zone if subnet else order.zone
    if zone and not _offered(backend, order.instance_type, zone):
        raise EC2ClientError(
            "Unsupported",
            f"Your requested instance type ({order.instance_type}) is not supported in your requested Availability "
            f"Zone ({zone}).",
        )
    vpc_id = subnet.vpc_id if subnet else backend.get_default_vpc().id
    for group_id in order.group_ids:
        group = backend.get_security_group_from_id(group_id)
        if group is None:
            raise EC2ClientError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
        if group.vpc_id != vpc_id:
            raise EC2ClientError(
                "InvalidParameter",
                f"Security group {group_id} and subnet {order.subnet_id} belong to different networks.",
            )


def _count_within_quota(cloud: "Cloud", order: _Order) -> int:
    """As many as wanted, or as the quota leaves room for if that is at least the minimum."""
    limit = cloud.settings.instances_max
    if limit is None:
        return order.maximum
    room = limit - len(cloud.alive())
    if room < order.minimum:
        raise EC2ClientError(
            "VcpuLimitExceeded",
            f"You have requested more vCPU capacity than your current vCPU limit of {limit} allows for the instance "
            "bucket that the specified instance type belongs to.",
        )
    return min(order.maximum, room)
