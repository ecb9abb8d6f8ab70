"""Which permissions a request needs, and which an IAM policy gives.

The policy's statements are evaluated by moto's IAM, by effect and action. Their resources and conditions are left out:
moto knows neither EC2's resources nor its condition keys.
"""

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult

from sandbox import backdoor
from sandbox.messages import Request


class PolicyError(ValueError):
    """No IAM policy; the text is for the user."""


class Policy:
    """What an identity may do."""

    def __init__(self, text: str) -> None:
        try:
            statements = json.loads(text)["Statement"]
            listed = statements if isinstance(statements, list) else [statements]
            reduced = [_reduce(entry) for entry in listed]
        except (KeyError, TypeError, ValueError) as error:
            raise PolicyError(f"not an IAM policy: {error!r}") from error
        self._evaluator = IAMPolicy(json.dumps({"Statement": reduced}))

    def permits(self, permission: str) -> bool:
        """`permission` as policies write it, such as ec2:RunInstances."""
        return self._evaluator.is_action_permitted(permission) is PermissionResult.PERMITTED


def _reduce(statement: dict[str, Any]) -> dict[str, Any]:
    """To what is evaluated."""
    element = "NotAction" if "NotAction" in statement else "Action"
    return {"Effect": statement["Effect"], element: statement[element], "Resource": "*"}


def needed(request: Request) -> list[str]:
    """The permissions without any of which AWS would refuse the request."""
    if request.service == "s3":
        return _needed_by_s3(request)
    if request.action == "GetCallerIdentity":
        return []  # nobody can be denied that
    return [f"{request.service}:{request.action}", *_needed_by_parts(request.form)]


def _needed_by_parts(form: dict[str, str]) -> list[str]:
    """Beyond the action's own: for tags, and for a role, that are given to what is made."""
    extra = []
    if any(name.startswith("TagSpecification.") for name in form):
        extra.append("ec2:CreateTags")
    if any(name.startswith("IamInstanceProfile.") for name in form):
        extra.append("iam:PassRole")
    return extra


def _needed_by_s3(request: Request) -> list[str]:
    """S3's permissions have other names than its actions; who may not list is not told that an object is missing."""
    parameters: dict[str, Any] = dict(request.query)
    if request.action in ("GetObject", "HeadObject"):
        return ["s3:GetObject"] if backdoor.object_exists(request) else ["s3:GetObject", "s3:ListBucket"]
    if request.action == "ListObjects" and "uploads" in parameters:
        return ["s3:ListBucketMultipartUploads"]
    if request.action == "DeleteObject" and "uploadId" in parameters:
        return ["s3:AbortMultipartUpload"]
    names = {"ListObjects": "ListBucket", "HeadBucket": "ListBucket", "POST": "PutObject"}
    return [f"s3:{names.get(request.action, request.action)}"]
