"""EC2's life cycle, as far as a program that launches and ends instances depends on it."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.tests.helpers import IMAGE_PARAMETER, NETWORK, Instance, client, sandbox, wait_for


def code_of(error: "pytest.ExceptionInfo[ClientError]") -> str:
    return str(error.value.response["Error"]["Code"])


def launch(ec2: Any, **options: Any) -> Instance:
    """An instance whose machine nobody needs to log in to."""
    return Instance(ec2, **{"UserData": "", **options})


def test_states_take_time_and_come_in_order(ec2: Any) -> None:
    instance = launch(ec2)
    seen = [instance.state]
    deadline = time.monotonic() + 10
    while seen[-1] != "terminated" and time.monotonic() < deadline:
        state = instance.state
        if state == "running" and seen[-1] != "running":
            instance.terminate()
        if state != seen[-1]:
            seen.append(state)
        time.sleep(0.02)
    assert seen == ["pending", "running", "shutting-down", "terminated"]


def test_same_token_and_parameters_launch_once(ec2: Any) -> None:
    first, second = (launch(ec2, ClientToken="once") for _ in range(2))
    assert first.id == second.id
    assert len(sandbox("instances").stdout.splitlines()) == 1


def test_same_token_with_other_parameters_is_refused(ec2: Any) -> None:
    launch(ec2, ClientToken="mismatch")
    with pytest.raises(ClientError) as error:
        launch(ec2, ClientToken="mismatch", InstanceType="m7i.xlarge")
    assert code_of(error) == "IdempotentParameterMismatch"


def test_token_used_after_termination_gives_the_dead_instance(ec2: Any) -> None:
    first = launch(ec2, ClientToken="dead")
    first.terminate()
    first.wait_until("terminated")
    again = launch(ec2, ClientToken="dead")
    assert (again.id, again.state) == (first.id, "terminated")


def test_client_token_is_a_filter(ec2: Any) -> None:
    instance = launch(ec2, ClientToken="wanted")
    launch(ec2, ClientToken="other")
    answer = ec2.describe_instances(Filters=[{"Name": "client-token", "Values": ["wanted"]}])
    assert [i["InstanceId"] for r in answer["Reservations"] for i in r["Instances"]] == [instance.id]
    assert answer["Reservations"][0]["Instances"][0]["ClientToken"] == "wanted"


def test_max_count_is_launched_when_there_is_room_and_what_fits_otherwise(ec2: Any) -> None:
    image = client("ssm").get_parameter(Name=IMAGE_PARAMETER["x86_64"])["Parameter"]["Value"]
    request = {"ImageId": image, "InstanceType": "m7i.large"}
    assert len(ec2.run_instances(MinCount=1, MaxCount=9, **request)["Instances"]) == 9
    assert len(ec2.run_instances(MinCount=2, MaxCount=9, **request)["Instances"]) == 3
    with pytest.raises(ClientError) as error:
        ec2.run_instances(MinCount=1, MaxCount=1, **request)
    assert code_of(error) == "VcpuLimitExceeded"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ImageId": "ami-00000000000000000"}, "InvalidAMIID.NotFound"),
        ({"ImageId": "image"}, "InvalidAMIID.Malformed"),
        ({"InstanceType": "m7i.enormous"}, "InvalidParameterValue"),
        ({"InstanceType": "c7g.large"}, "InvalidParameterValue"),
        ({"KeyName": "no-such-key"}, "InvalidKeyPair.NotFound"),
        ({"UserData": "#" * 16385}, "InvalidParameterValue"),
        ({"SubnetId": "subnet-00000000"}, "InvalidSubnetID.NotFound"),
        ({"SecurityGroupIds": ["sg-00000000000000000"]}, "InvalidGroup.NotFound"),
        ({"ClientToken": "t" * 65}, "InvalidParameterValue"),
        ({"DryRun": True}, "DryRunOperation"),
    ],
)
def test_bad_launches_are_refused(ec2: Any, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as error:
        launch(ec2, **wrong)
    assert code_of(error) == code
    assert sandbox("instances").stdout == ""


def test_group_of_another_network_is_refused(ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock=f"{NETWORK}.240.0/20")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="elsewhere", Description="test", VpcId=vpc)["GroupId"]
    with pytest.raises(ClientError) as error:
        launch(ec2, SecurityGroupIds=[group])
    assert code_of(error) == "InvalidParameter"


def test_group_in_use_can_not_be_deleted(ec2: Any) -> None:
    group = ec2.create_security_group(GroupName="in-use", Description="test")["GroupId"]
    instance = launch(ec2, SecurityGroupIds=[group])
    with pytest.raises(ClientError) as error:
        ec2.delete_security_group(GroupId=group)
    assert code_of(error) == "DependencyViolation"
    instance.terminate()
    instance.wait_until("terminated")
    ec2.delete_security_group(GroupId=group)


def test_zone_that_does_not_offer_the_type_is_refused_and_never_chosen(ec2: Any) -> None:
    offers = ec2.describe_instance_type_offerings(
        LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["m7i.large"]}]
    )["InstanceTypeOfferings"]
    offering = {offer["Location"] for offer in offers}
    subnets = ec2.describe_subnets()["Subnets"]
    lacking = [s["SubnetId"] for s in subnets if s["DefaultForAz"] and s["AvailabilityZone"] not in offering]
    assert lacking, "every zone offers the type: choose another for this test"
    with pytest.raises(ClientError) as error:
        launch(ec2, SubnetId=lacking[0])
    assert code_of(error) == "Unsupported"
    assert launch(ec2).describe()["Placement"]["AvailabilityZone"] in offering


def test_addresses_are_private_loopback_ones_in_several_zones(ec2: Any) -> None:
    subnets = [s for s in ec2.describe_subnets()["Subnets"] if s["DefaultForAz"]]
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) > 2
    facts = launch(ec2, SubnetId=subnets[1]["SubnetId"]).describe()
    assert facts["PrivateIpAddress"].startswith(f"{NETWORK}.16.")
    assert "PublicIpAddress" not in facts


def test_instance_of_another_region_has_an_address_of_its_own(ec2: Any) -> None:
    west = client("ec2", region_name="eu-west-1")
    image = client("ssm", region_name="eu-west-1").get_parameter(Name=IMAGE_PARAMETER["x86_64"])["Parameter"]["Value"]
    here, there = launch(ec2), launch(west, ImageId=image)
    assert here.address != there.address
    west.terminate_instances(InstanceIds=[there.id])
    wait_for(lambda: there.id not in sandbox("instances").stdout)


def test_terminating_is_idempotent_and_one_bad_id_fails_the_batch(ec2: Any) -> None:
    instance = launch(ec2)
    with pytest.raises(ClientError) as error:
        ec2.terminate_instances(InstanceIds=[instance.id, "i-00000000000000000"])
    assert code_of(error) == "InvalidInstanceID.NotFound"
    assert instance.state in ("pending", "running")
    for _ in range(2):
        instance.terminate()
    instance.wait_until("terminated")
    reason = instance.describe()["StateReason"]["Code"]
    assert reason == "Client.UserInitiatedShutdown"


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_image_parameters_are_strings_that_name_amazon_images(ec2: Any, architecture: str) -> None:
    value = client("ssm").get_parameter(Name=IMAGE_PARAMETER[architecture])["Parameter"]["Value"]
    image = ec2.describe_images(ImageIds=[value], Owners=["amazon"])["Images"][0]
    assert (image["Architecture"], image["OwnerId"]) == (architecture, "591542846629")
    assert (image["ImageOwnerAlias"], image["State"]) == ("amazon", "available")


def test_instance_types_come_in_pages(ec2: Any) -> None:
    first = ec2.describe_instance_types()
    assert (len(first["InstanceTypes"]), bool(first["NextToken"])) == (100, True)
    pages = ec2.get_paginator("describe_instance_types").paginate(PaginationConfig={"PageSize": 90})
    names = [facts["InstanceType"] for page in pages for facts in page["InstanceTypes"]]
    assert len(names) == len(set(names)) > 1000
    one = ec2.describe_instance_types(InstanceTypes=["m7i.large", "c7g.large"])
    assert {facts["InstanceType"] for facts in one["InstanceTypes"]} == {"m7i.large", "c7g.large"}


def test_offerings_are_found_by_wildcard(ec2: Any) -> None:
    pages = ec2.get_paginator("describe_instance_type_offerings").paginate(
        LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["m7i.*large"]}]
    )
    offers = [offer for page in pages for offer in page["InstanceTypeOfferings"]]
    assert {offer["InstanceType"] for offer in offers} >= {"m7i.large", "m7i.4xlarge"}
    assert all(offer["InstanceType"].startswith("m7i.") for offer in offers)


def test_unknown_action_and_filter_are_errors_and_logged(ec2: Any) -> None:
    with pytest.raises(ClientError) as error:
        ec2.describe_capacity_blocks()
    assert code_of(error) == "InvalidAction"
    with pytest.raises(ClientError) as error:
        ec2.describe_instances(Filters=[{"Name": "no-such-filter", "Values": ["x"]}])
    assert code_of(error) == "InvalidParameterValue"
    assert sandbox("log").stdout.count('"unmodelled"') >= 2
