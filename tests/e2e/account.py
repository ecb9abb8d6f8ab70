"""Things in the account that no run has made, with whatever tags they are to have."""

import time
from dataclasses import dataclass

from conftest import wait_for

RUN_BY_HAND = "20261120T153045Z-abcdef"
TOOL = "aws-benchmark-collector"
RESULTS = "results/v1.0/region=us-east-1/instance_type=m7i.large/suite=stream/date=2026-11-20/"
"""Where the results of a run are in a bucket."""


def tags(run: str | None = RUN_BY_HAND, tool: str = TOOL, **more: str) -> list[dict[str, str]]:
    """The tags of something that a run has made; more of them by the ends of their names."""
    pairs = {tool: "0.1.0", **({f"{tool}:run-id": run} if run else {})}
    pairs |= {f"{tool}:{name.replace('_', '-')}": value for name, value in more.items()}
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


@dataclass
class Account:
    """Makes things by hand, of the kinds that a run may leave."""

    cloud: object

    def __post_init__(self):
        self.ec2 = self.cloud.client("ec2")
        self.subnet = self.ec2.describe_subnets()["Subnets"][0]
        self.made = 0

    def specification(self, kind: str, labels) -> list[dict]:
        return [{"ResourceType": kind, "Tags": labels}]

    def instance(self, labels, groups=()) -> str:
        images = self.ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"]
        launched = self.ec2.run_instances(
            ImageId=images[0]["ImageId"],
            InstanceType="m7i.large",
            MinCount=1,
            MaxCount=1,
            SubnetId=self.subnet["SubnetId"],
            SecurityGroupIds=list(groups),
            TagSpecifications=self.specification("instance", labels) + self.specification("volume", labels),
        )
        return launched["Instances"][0]["InstanceId"]

    def spot_request(self, labels) -> str:
        """One whose instance has ended already: the request alone is left."""
        images = self.ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"]
        (request,) = self.ec2.request_spot_instances(
            LaunchSpecification={
                "ImageId": images[0]["ImageId"],
                "InstanceType": "m7i.large",
                "SubnetId": self.subnet["SubnetId"],
            },
            TagSpecifications=self.specification("spot-instances-request", labels),
        )["SpotInstanceRequests"]
        self.remove(request["InstanceId"])
        return request["SpotInstanceRequestId"]

    def volume(self, labels) -> str:
        zone = self.subnet["AvailabilityZone"]
        return self.ec2.create_volume(
            AvailabilityZone=zone, Size=1, TagSpecifications=self.specification("volume", labels)
        )["VolumeId"]

    def interface(self, labels) -> str:
        return self.ec2.create_network_interface(
            SubnetId=self.subnet["SubnetId"],
            Description="by hand",
            TagSpecifications=self.specification("network-interface", labels),
        )["NetworkInterface"]["NetworkInterfaceId"]

    def group(self, labels) -> str:
        self.made += 1
        return self.ec2.create_security_group(
            GroupName=f"by-hand-{time.time_ns()}-{self.made}",
            Description="left",
            VpcId=self.subnet["VpcId"],
            TagSpecifications=self.specification("security-group", labels),
        )["GroupId"]

    def key_pair(self, labels) -> str:
        self.made += 1
        return self.ec2.create_key_pair(
            KeyName=f"by-hand-{time.time_ns()}-{self.made}", TagSpecifications=self.specification("key-pair", labels)
        )["KeyPairId"]

    def upload(self, key: str) -> str:
        """Begins one in parts, to the sandbox's bucket; what is returned is its id."""
        s3 = self.cloud.client("s3")
        return s3.create_multipart_upload(Bucket="sandbox-results", Key=key)["UploadId"]

    def everything(self) -> set[str]:
        """The ids of all that exists of these kinds, whoever made it; without the instances' own interfaces."""
        ec2 = self.ec2
        by_hand = [{"Name": "description", "Values": ["by hand"]}]
        alive = ["pending", "running", "stopping", "stopped"]
        not_ended = [{"Name": "instance-state-name", "Values": alive}]
        reservations = ec2.describe_instances(Filters=not_ended)["Reservations"]
        interfaces = ec2.describe_network_interfaces(Filters=by_hand)["NetworkInterfaces"]
        return (
            {instance["InstanceId"] for reservation in reservations for instance in reservation["Instances"]}
            | {item["VolumeId"] for item in ec2.describe_volumes()["Volumes"]}
            | {item["NetworkInterfaceId"] for item in interfaces}
            | {item["GroupId"] for item in ec2.describe_security_groups()["SecurityGroups"]}
            | {item["KeyPairId"] for item in ec2.describe_key_pairs()["KeyPairs"]}
        )

    def remove(self, *ids: str) -> None:
        """By hand, too."""
        instances = [one for one in ids if one.startswith("i-")]
        if instances:
            self.ec2.terminate_instances(InstanceIds=instances)
            wait_for(lambda: not set(instances) & {line.split()[0] for line in self.cloud.instances()})
        for one in ids:
            if one.startswith("vol-"):
                self.ec2.delete_volume(VolumeId=one)
            elif one.startswith("eni-"):
                self.ec2.delete_network_interface(NetworkInterfaceId=one)
            elif one.startswith("sg-"):
                self.ec2.delete_security_group(GroupId=one)
            elif one.startswith("key-"):
                named = [{"Name": "key-pair-id", "Values": [one]}]
                (key,) = self.ec2.describe_key_pairs(Filters=named)["KeyPairs"]
                self.ec2.delete_key_pair(KeyName=key["KeyName"])
