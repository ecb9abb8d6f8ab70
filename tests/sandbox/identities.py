"""The access keys that the sandbox knows, each with what it may not do.

The names are those of `sandbox env --as NAME`; `sandbox env --policy FILE` makes one more each time.
"""

import datetime
import itertools
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.settings import ACCOUNT

if TYPE_CHECKING:
    from sandbox.permissions import Policy


@dataclass(frozen=True)
class Identity:
    """One access key."""

    name: str
    access_key: str
    secret_key: str
    purpose: str
    session_token: str | None = None
    expired: bool = False
    denied: tuple[str, ...] = ()
    """Permissions, as `service:Action`."""
    policy: "Policy | None" = None
    """Permits the rest; None permits everything."""
    issued: float = 0.0
    """When its session began, in seconds since the epoch."""

    def permits(self, permission: str) -> bool:
        return permission not in self.denied and (self.policy is None or self.policy.permits(permission))


def _key(name: str, serial: int, purpose: str, *, token: bool = False, **more: object) -> Identity:
    kind = "ASIA" if token else "AKIA"
    return Identity(
        name=name,
        access_key=f"{kind}SANDBOX{serial:09d}",
        secret_key=f"sandbox-secret-key-{serial:021d}",
        session_token=f"sandbox-session-token-{serial:09d}" if token else None,
        purpose=purpose,
        **more,  # type: ignore[arg-type]
    )


IDENTITIES = {
    identity.name: identity
    for identity in (
        _key("admin", 1, "may do everything"),
        _key("session", 2, "temporary credentials that are good", token=True),
        _key("expired", 3, "temporary credentials that have expired", token=True, expired=True),
        _key("no-put", 4, "may not write to S3", denied=("s3:PutObject",)),
        _key("no-run", 5, "may not launch instances", denied=("ec2:RunInstances",)),
        _key("no-terminate", 6, "may not terminate instances", denied=("ec2:TerminateInstances",)),
        _key("no-describe", 7, "may not look instances up", denied=("ec2:DescribeInstances",)),
    )
}
_SHORT_LIVED = re.compile(r"-for-(\d+)-seconds$")
"""The end of the name of a role whose sessions end so soon, which STS itself would not do."""
_serials = itertools.count(1001)
_by_access_key = {identity.access_key: identity for identity in IDENTITIES.values()}


def install() -> None:
    """Has moto note when a session began, and end those of short-lived roles. Once per process."""
    from moto.core.utils import utcnow
    from moto.sts.models import AssumedRole

    moto_init = AssumedRole.__init__

    def init(self: Any, *arguments: Any, **options: Any) -> None:
        moto_init(self, *arguments, **options)
        self.issued = time.time()
        lifetime = _SHORT_LIVED.search(self.role_arn)
        if lifetime:
            self.expiration = utcnow() + datetime.timedelta(seconds=int(lifetime[1]))

    setattr(AssumedRole, "__init__", init)


def add(policy: "Policy") -> Identity:
    """A new identity that is permitted just that."""
    serial = next(_serials)
    identity = _key(f"policy-{serial}", serial, "may do what its policy says", policy=policy)
    _by_access_key[identity.access_key] = identity
    return identity


def find(access_key: str) -> Identity | None:
    """The identity of an access key: one of the above, or one that the sandbox's own STS gave out."""
    return _by_access_key.get(access_key) or _find_assumed_role(access_key)


def _find_assumed_role(access_key: str) -> Identity | None:
    from moto.sts.models import sts_backends

    for backend in sts_backends[ACCOUNT].values():
        for role in backend.assumed_roles:
            if role.access_key_id == access_key:
                now = datetime.datetime.now(role.expiration.tzinfo)
                return Identity(
                    name=f"assumed-role/{role.session_name}",
                    access_key=access_key,
                    secret_key=role.secret_access_key,
                    session_token=role.session_token,
                    expired=role.expiration < now,
                    issued=role.issued,
                    purpose="given out by AssumeRole",
                )
    return None
