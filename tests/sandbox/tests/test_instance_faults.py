"""Faults that an instance, or the endpoint, meets."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from sandbox.tests.helpers import Instance, sandbox, wait_for


def found_by(ec2: Any, name: str, value: str) -> list[str]:
    answer = ec2.describe_instances(Filters=[{"Name": name, "Values": [value]}])
    return [i["InstanceId"] for reservation in answer["Reservations"] for i in reservation["Instances"]]


def test_a_fresh_id_is_not_found_at_first(ec2: Any) -> None:
    sandbox("fault", "not-found-at-first:4")
    instance = Instance(ec2, UserData="", ClientToken="fresh")
    for call in (instance.describe, instance.terminate):
        with pytest.raises(ClientError) as error:
            call()
        assert error.value.response["Error"]["Code"] == "InvalidInstanceID.NotFound"
    assert found_by(ec2, "client-token", "fresh") == []
    assert found_by(ec2, "instance-state-name", "pending") == []
    assert found_by(ec2, "client-token", "fresh") == [instance.id]
    assert instance.describe()["InstanceId"] == instance.id


def test_the_token_of_an_instance_that_is_not_found_yet_still_launches_nothing_new(ec2: Any) -> None:
    sandbox("fault", "not-found-at-first", "--match", "m7i.large")
    launched = [Instance(ec2, UserData="", ClientToken="hidden").id for _ in range(2)]
    assert launched[0] == launched[1]
    wait_for(lambda: found_by(ec2, "client-token", "hidden"))


def test_capacity_that_turns_out_to_be_missing(ec2: Any) -> None:
    sandbox("fault", "late-capacity")
    instance = Instance(ec2, UserData="")
    seen = []
    while "terminated" not in seen:
        seen.append(instance.state)
        time.sleep(0.05)
    assert set(seen) == {"pending", "terminated"}
    assert instance.describe()["StateReason"]["Code"] == "Server.InsufficientInstanceCapacity"
    attached = [{"Name": "attachment.instance-id", "Values": [instance.id]}]
    assert not ec2.describe_volumes(Filters=attached)["Volumes"]
    instance.terminate()


def test_an_instance_without_capacity_can_be_terminated_while_it_is_pending(ec2: Any) -> None:
    sandbox("fault", "late-capacity")
    instance = Instance(ec2, UserData="")
    instance.terminate()
    instance.wait_until("terminated")
    assert instance.describe()["StateReason"]["Code"] == "Client.UserInitiatedShutdown"


def test_capacity_is_missing_in_one_zone_alone(ec2: Any) -> None:
    sandbox("fault", "error:InsufficientInstanceCapacity", "--match", "us-east-1a", "--times", "0")
    subnets = {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]}
    with pytest.raises(ClientError):
        Instance(ec2, UserData="", SubnetId=subnets["us-east-1a"])
    with pytest.raises(ClientError):
        Instance(ec2, UserData="", NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnets["us-east-1a"]}])
    Instance(ec2, UserData="", SubnetId=subnets["us-east-1b"])


def test_an_end_that_takes_its_time(ec2: Any) -> None:
    sandbox("fault", "terminate-slow:1.5")
    instance = Instance(ec2, UserData="")
    started = time.monotonic()
    instance.terminate()
    instance.terminate()
    assert instance.state == "shutting-down"
    wait_for(lambda: instance.state == "terminated")
    assert time.monotonic() - started >= 1.5


def test_the_endpoint_is_down_for_a_while(ec2: Any) -> None:
    sandbox("fault", "endpoint-down:1")
    wait_for(lambda: not answers(ec2))
    wait_for(lambda: answers(ec2))
    assert sandbox("fault", "list").stdout == ""


def answers(ec2: Any) -> bool:
    try:
        ec2.describe_vpcs()
    except EndpointConnectionError:
        return False
    return True
