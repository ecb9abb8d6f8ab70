"""moto's EC2 with the life cycle put right.

moto moves instances between states at once, forgets client tokens, believes every parameter and scans all instances on
each call. `install` replaces exactly those methods, each by a function below, and leaves the rest of moto alone.
"""

import copy
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from moto.ec2 import utils as ec2_utils
from moto.ec2.exceptions import DependencyViolationError, EC2ClientError, InvalidInstanceIdError
from moto.ec2.models.amis import AmiBackend
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS
from moto.ec2.models.instances import Instance, InstanceBackend, InstanceState, StateReason
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses.instances import InstanceResponse
from moto.ssm.models import ParameterDict

from sandbox import catalog, launches, listings, prices
from sandbox.faults import Faults
from sandbox.instancefaults import InstanceFaults
from sandbox.settings import VPC_BLOCK, Settings

STATE_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
_ARRIVES_AT = {"pending": "running", "shutting-down": "terminated", "stopping": "stopped"}
_LEAVES_BY = {arrival: way for way, arrival in _ARRIVES_AT.items()}
ENDED = ("shutting-down", "terminated")

INSIDE_SHUTDOWN = StateReason(
    "Client.InstanceInitiatedShutdown: Instance initiated shutdown", "Client.InstanceInitiatedShutdown"
)

MACHINE_FAILURE = StateReason("Server.InternalError: Internal error", "Server.InternalError")


class MachinePark(Protocol):
    """What the cloud needs of the machines: see machines.py."""

    def start(self, instance: Instance) -> None: ...

    def shut_down(self, instance_id: str) -> None: ...

    def reboot(self, instance_id: str) -> None: ...


class TimedState(InstanceState):
    """An instance state whose transitions take time. moto sets the goal; readers see the way there."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._go("pending")

    def _go(self, way: str) -> None:
        self._name = way
        self._arrival = time.monotonic() + self._settings.state_delay

    @property
    def name(self) -> str:
        if self._name in _ARRIVES_AT and time.monotonic() >= self._arrival:
            self._name = _ARRIVES_AT[self._name]
        return self._name

    @name.setter
    def name(self, goal: str) -> None:
        current = self.name
        if current == goal or current == _LEAVES_BY.get(goal) or current in ENDED and goal != "terminated":
            return
        self._go(_LEAVES_BY[goal])

    def linger(self, seconds: float) -> None:
        """Stays that much longer on the way that it is on."""
        self._arrival += seconds

    def break_off(self) -> None:
        """Terminated, from whatever it was."""
        self._name = "terminated"

    @property
    def code(self) -> int:
        return STATE_CODES[self.name]

    @code.setter
    def code(self, _: int) -> None:
        """moto sets name and code; the name is enough."""

    def seconds_left(self) -> float:
        """Until the next state; 0 where there is none."""
        return max(0.0, self._arrival - time.monotonic()) if self.name in _ARRIVES_AT else 0.0

    def __copy__(self) -> InstanceState:
        return InstanceState(self.name, self.code)


class Cloud:
    """The instances of every region, by id, with the machines behind them."""

    def __init__(self, settings: Settings, machines: MachinePark, faults: Faults) -> None:
        self.settings = settings
        self.machines = machines
        self.lock = threading.RLock()
        """Held while anything is launched, ended or given an address: moto guards none of it."""
        self.faults = InstanceFaults(faults, self.lock)
        self.launched = launches.Tokens()
        self._instances: dict[str, Instance] = {}
        self._addresses: dict[str, Instance] = {}

    def add(self, instance: Instance) -> None:
        with self.lock:
            instance._state = TimedState(self.settings)
            self._instances[instance.id] = instance
            self._addresses[str(instance.private_ip)] = instance

    def instance(self, instance_id: str) -> Instance:
        try:
            return self._instances[instance_id]
        except KeyError:
            raise InvalidInstanceIdError(instance_id) from None

    def instances(self, backend: Any, ids: Iterable[str]) -> list[Instance]:
        """Those of one region; one id that is not there fails them all, as in EC2."""
        ids = list(ids)
        missing = [i for i in ids if i not in self._instances or self._instances[i].ec2_backend is not backend]
        missing += [i for i in ids if i not in missing and self.faults.hides(self._instances[i])]
        if missing:
            raise InvalidInstanceIdError(missing)
        return [self._instances[i] for i in ids]

    def alive(self) -> list[Instance]:
        """Every instance that is not terminated, oldest first."""
        return [instance for instance in list(self._instances.values()) if instance.state != "terminated"]

    def address_is_free(self, address: str) -> bool:
        """Regions share the loopback addresses: one may be in use in another region."""
        user = self._addresses.get(address)
        return user is None or user.state == "terminated"

    def terminate(self, instance: Instance) -> InstanceState:
        with self.lock:
            before = copy.copy(instance._state)
            if before.name not in ENDED:
                _moto_terminate(instance)
                self.faults.end(instance)
                self.machines.shut_down(instance.id)
            return before

    def stop(self, instance: Instance) -> InstanceState:
        with self.lock:
            before = copy.copy(instance._state)
            if before.name in ENDED:
                raise _wrong_state(instance, "stopped")
            _moto_stop(instance)
            self.machines.shut_down(instance.id)
            return before

    def begin(self, instance: Instance) -> InstanceState:
        with self.lock:
            before = copy.copy(instance._state)
            if before.name not in ("stopped", "pending", "running"):
                raise _wrong_state(instance, "started")
            _moto_start(instance)
            if before.name == "stopped":
                self.machines.start(instance)
            return before

    def ended_from_inside(self, instance_id: str, failed: bool) -> None:
        """The machine's own `shutdown` was called: EC2 ends or stops the instance, as it was launched to.

        One that has failed is terminated.
        """
        with self.lock:
            instance = self._instances[instance_id]
            if instance.state not in ("running", "pending"):
                return
            terminates = failed or instance.instance_initiated_shutdown_behavior == "terminate"
            end = _moto_terminate if terminates else _moto_stop
            end(instance)
            self.faults.end(instance)
            instance._reason = ""
            instance.state_reason = MACHINE_FAILURE if failed else INSIDE_SHUTDOWN

    def reservations(self, backend: Any, ids: list[str], filters: Any) -> list[Any]:
        """Reservations cut down to the instances asked for."""
        found: dict[str, Any] = {}
        for instance in self.instances(backend, ids):
            reservation = instance.reservation  # type: ignore[attr-defined]
            part = found.setdefault(reservation.id, copy.copy(reservation))
            if part.instances is reservation.instances:
                part.instances = []
            part.instances.append(instance)
        parts = list(found.values())
        return ec2_utils.filter_reservations(parts, filters) if filters else parts


def _wrong_state(instance: Instance, verb: str) -> EC2ClientError:
    return EC2ClientError(
        "IncorrectInstanceState",
        f"The instance '{instance.id}' is not in a state from which it can be {verb}.",
    )


_moto_init = Instance.__init__
_moto_terminate = Instance.terminate
_moto_stop = Instance.stop
_moto_start = Instance.start
_moto_run = InstanceBackend.run_instances
_moto_describe = InstanceBackend.describe_instances
_moto_load_images = AmiBackend._load_amis
_moto_new_address = Subnet.get_available_subnet_ip
_moto_create_vpc = VPCBackend.create_vpc
_moto_delete_group = SecurityGroupBackend._delete_security_group
_moto_load_parameters = ParameterDict.__init__


def install(cloud: Cloud) -> None:
    """Replaces the methods of moto that get EC2 wrong. Once per process."""
    _install_instances(cloud)
    _install_lookups(cloud)
    _install_network(cloud)
    _install_images()
    known = [region for region in RegionsAndZonesBackend.regions if region.name in regions()]
    setattr(RegionsAndZonesBackend, "regions", known)
    launches.install(cloud, InstanceResponse)
    listings.install()
    prices.install()
    ec2_utils.filter_dict_attribute_mapping.update(
        {"client-token": "client_token", "instance-lifecycle": "lifecycle", "reservation-id": "reservation.id"}
    )


def _replace(owner: type, name: str, function: Callable[..., Any]) -> None:
    setattr(owner, name, function)


def _install_instances(cloud: Cloud) -> None:
    def init(self: Instance, *args: Any, **options: Any) -> None:
        _moto_init(self, *args, **options)
        if options.get("client_token") == launches.NO_TOKEN:
            self.client_token = None
        cloud.add(self)

    def run(self: Any, image_id: str, count: int, user_data: Any, security_group_names: list[str], **more: Any) -> Any:
        with cloud.lock:
            reservation = _moto_run(self, image_id, count, user_data, security_group_names, **more)
            for instance in reservation.instances:
                instance.reservation = reservation
                if cloud.faults.launch(instance):
                    cloud.machines.start(instance)
            return reservation

    _replace(Instance, "__init__", init)
    _replace(Instance, "terminate", lambda self: cloud.terminate(self))
    _replace(Instance, "stop", lambda self: cloud.stop(self))
    _replace(Instance, "start", lambda self: cloud.begin(self))
    _replace(Instance, "reboot", lambda self: cloud.machines.reboot(self.id))
    _replace(InstanceBackend, "run_instances", run)


def _install_lookups(cloud: Cloud) -> None:
    """By index, where moto walks through every reservation ever made."""

    def several(self: Any, ids: list[str], filters: Any = None) -> list[Instance]:
        return [instance for instance in cloud.instances(self, ids) if instance.applies(filters)]

    def reservations(self: Any, ids: list[str], filters: Any = None) -> list[Any]:
        return cloud.reservations(self, ids, filters)

    def described(self: Any, filters: Any = None) -> list[Any]:
        return cloud.faults.without_hidden(_moto_describe(self, filters))

    _replace(InstanceBackend, "describe_instances", described)
    _replace(InstanceBackend, "get_instance", lambda self, instance_id: cloud.instance(instance_id))
    _replace(InstanceBackend, "get_multi_instances_by_id", several)
    _replace(InstanceBackend, "get_reservations_by_instance_ids", reservations)


def _install_network(cloud: Cloud) -> None:
    def create_vpc(self: Any, cidr_block: str, *args: Any, **options: Any) -> Any:
        default = options.get("is_default", False)
        return _moto_create_vpc(self, VPC_BLOCK if default else cidr_block, *args, **options)

    def new_address(self: Subnet, instance: Instance) -> str:
        while True:
            address = _moto_new_address(self, instance)
            if cloud.address_is_free(address):
                return address

    def delete_group(self: Any, vpc_id: str | None, group_id: str) -> Any:
        for instance in cloud.alive():
            if any(group.id == group_id for group in instance.security_groups):
                raise DependencyViolationError(f"resource {group_id} has a dependent object")
        return _moto_delete_group(self, vpc_id, group_id)

    _replace(VPCBackend, "create_vpc", create_vpc)
    _replace(Subnet, "get_available_subnet_ip", new_address)
    _replace(SecurityGroupBackend, "_delete_security_group", delete_group)
    _replace(NetworkInterface, "check_auto_public_ip", lambda self: None)  # no public address that nobody can reach


def _install_images() -> None:
    """Our few images instead of the thousand that moto loads per region."""

    def load_parameters(self: Any, *args: Any, **options: Any) -> None:
        _moto_load_parameters(self, *args, **options)
        self.latest_amis_loaded = self.latest_ecs_amis_loaded = True
        catalog.add_parameters(self)

    _replace(AmiBackend, "_load_amis", catalog.add_images)
    _replace(ParameterDict, "__init__", load_parameters)


def regions() -> set[str]:
    """The regions that exist."""
    return set(INSTANCE_TYPE_OFFERINGS["region"])
