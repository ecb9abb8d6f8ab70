"""Users who may do what an IAM policy allows, and nothing else."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.tests.helpers import IMAGE_PARAMETER, Instance, client, exports, sandbox
from sandbox.tests.test_storage import new_key, put


@pytest.fixture
def allowed(ec2: Any, tmp_path: Path) -> Any:
    """Makes a client of a service for one who has these statements."""

    def make(service: str, *statements: dict[str, Any]) -> Any:
        policy = tmp_path / "policy.json"
        policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))
        lines = sandbox("env", "--policy", str(policy)).stdout.splitlines()
        given = dict(line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export AWS_"))
        return boto3.client(
            service,
            endpoint_url=exports()["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        )

    return make


def allow(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "arn:aws:s3:::not-evaluated"}


def refused(call: Any, **parameters: Any) -> str:
    """The code with which the call is refused; its message must name the permission."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    answer = error.value.response["Error"]
    assert "is not authorized to perform: " in answer["Message"]
    return f"{answer['Code']} {answer['Message'].partition('perform: ')[2].split()[0]}"


def test_what_a_policy_allows_is_allowed_and_nothing_else(allowed: Any) -> None:
    ec2 = allowed("ec2", allow("ec2:DescribeVpcs"), allow("ec2:Create*"))
    ec2.describe_vpcs()
    ec2.create_security_group(GroupName="allowed", Description="test")
    assert refused(ec2.describe_subnets) == "UnauthorizedOperation ec2:DescribeSubnets"
    assert refused(allowed("ssm").get_parameter, Name="x") == "AccessDeniedException ssm:GetParameter"
    allowed("sts").get_caller_identity()


def test_a_denial_counts_more_than_a_permission(allowed: Any) -> None:
    ec2 = allowed("ec2", allow("*"), {"Effect": "Deny", "Action": "ec2:DescribeVpcs", "Resource": "*"})
    ec2.describe_subnets()
    assert refused(ec2.describe_vpcs) == "UnauthorizedOperation ec2:DescribeVpcs"


def test_what_is_made_with_tags_needs_the_permission_to_tag(allowed: Any) -> None:
    image = client("ssm").get_parameter(Name=IMAGE_PARAMETER["x86_64"])["Parameter"]["Value"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]
    launch = {"ImageId": image, "InstanceType": "m7i.large", "MinCount": 1, "MaxCount": 1}
    ec2 = allowed("ec2", allow("ec2:RunInstances"))
    assert refused(ec2.run_instances, TagSpecifications=tags, **launch) == "UnauthorizedOperation ec2:CreateTags"
    role = {"Name": "admin"}
    assert refused(ec2.run_instances, IamInstanceProfile=role, **launch) == "UnauthorizedOperation iam:PassRole"
    ec2.run_instances(**launch)


def test_a_dry_run_tells_whether_one_may(ec2: Any, allowed: Any) -> None:
    instance = Instance(ec2, UserData="")
    for user, code in (
        (allowed("ec2", allow("ec2:TerminateInstances")), "DryRunOperation"),
        (allowed("ec2"), "UnauthorizedOperation"),
    ):
        with pytest.raises(ClientError) as error:
            user.terminate_instances(InstanceIds=[instance.id], DryRun=True)
        assert error.value.response["Error"]["Code"] == code
    assert instance.state in ("pending", "running")


def test_s3_hides_what_is_missing_from_those_who_may_not_list(allowed: Any) -> None:
    key = new_key()
    put(client("s3"), key)
    reader = allowed("s3", allow("s3:GetObject"))
    assert reader.get_object(Bucket="sandbox-results", Key=key)["Body"].read() == b"result"
    missing = {"Bucket": "sandbox-results", "Key": new_key()}
    assert refused(reader.get_object, **missing) == "AccessDenied s3:ListBucket"
    with pytest.raises(ClientError) as error:
        allowed("s3", allow("s3:GetObject", "s3:ListBucket")).get_object(**missing)
    assert error.value.response["Error"]["Code"] == "NoSuchKey"


@pytest.mark.parametrize(
    ("call", "parameters", "permission"),
    [
        ("put_object", {"Key": "x"}, "s3:PutObject"),
        ("list_objects_v2", {}, "s3:ListBucket"),
        ("list_multipart_uploads", {}, "s3:ListBucketMultipartUploads"),
        ("abort_multipart_upload", {"Key": "x", "UploadId": "y"}, "s3:AbortMultipartUpload"),
        ("delete_object", {"Key": "x"}, "s3:DeleteObject"),
        ("create_multipart_upload", {"Key": "x"}, "s3:PutObject"),
    ],
)
def test_s3_names_its_permissions_otherwise(
    allowed: Any, call: str, parameters: dict[str, str], permission: str
) -> None:
    s3 = allowed("s3", allow("ec2:*"))
    assert refused(getattr(s3, call), Bucket="sandbox-results", **parameters) == f"AccessDenied {permission}"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Statement": 3}', '{"Statement": [3]}', '{"Statement": {}}'])
def test_no_policy_is_refused(up: None, tmp_path: Path, text: str) -> None:
    (tmp_path / "policy").write_text(text)
    done = sandbox("env", "--policy", str(tmp_path / "policy"), check=False)
    assert (done.returncode, done.stderr.startswith("sandbox: not an IAM policy")) == (1, True), done
    assert sandbox("env", "--policy", str(tmp_path / "missing"), check=False).returncode == 1
