"""EC2's lists of instance types as EC2 gives them: in pages, with wildcards in filters."""

import base64
import fnmatch
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.instance_types import InstanceTypeOfferingBackend
from moto.ec2.responses.instances import InstanceResponse

PAGE = {
    "describe_instance_types": ("InstanceTypes", 100),
    "describe_instance_type_offerings": ("InstanceTypeOfferings", 1000),
}
"""By method: the list in its answer, and the most that one page holds."""


def install() -> None:
    """Replaces moto's lists. Once per process."""
    setattr(InstanceTypeOfferingBackend, "matches_filters", _offering_matches)
    for method, (member, most) in PAGE.items():
        setattr(InstanceResponse, method, paged(getattr(InstanceResponse, method), member, most))


def _offering_matches(_: Any, offering: dict[str, Any], filters: dict[str, list[str]], __: str) -> bool:
    names = {"location": "Location", "instance-type": "InstanceType"}
    for name, patterns in filters.items():
        if name not in names:
            raise EC2ClientError("InvalidParameterValue", f"The filter '{name}' is invalid")
        if not any(fnmatch.fnmatchcase(offering[names[name]], pattern) for pattern in patterns):
            return False
    return True


def paged(everything: Any, member: str, most: int) -> Any:
    """A method of moto's that gives its list in pages of the size that is asked for."""

    def page(self: Any) -> ActionResult:
        items: list[Any] = everything(self).result[member]
        start = _position(self._get_param("NextToken"))
        end = start + _size(self._get_param("MaxResults"), most)
        token = base64.b64encode(str(end).encode()).decode() if end < len(items) else None
        return ActionResult({member: items[start:end], "NextToken": token})

    return page


def _position(token: str | None) -> int:
    try:
        return int(base64.b64decode(token, validate=True)) if token else 0
    except ValueError:
        raise EC2ClientError("InvalidNextToken", "The token is not valid.") from None


def _size(asked: Any, most: int) -> int:
    if asked is None:
        return most
    if not 5 <= int(asked) <= most:
        raise EC2ClientError("InvalidParameterValue", f"MaxResults must be between 5 and {most}.")
    return int(asked)
