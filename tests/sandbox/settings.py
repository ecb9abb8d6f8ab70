"""What `sandbox up` was told, and the few constants a client must know."""

import json
from dataclasses import asdict, dataclass

from sandbox.paths import NUMBER

ACCOUNT = "123456789012"
REGION = "us-east-1"
BUCKET = "sandbox-results"
VPC_BLOCK = f"127.{10 + NUMBER}.0.0/16"
"""The instances' addresses: on loopback, so that an sshd can listen on each and any process here can reach it."""

CALLER_ADDRESS_PATH = "/_sandbox/caller-address"
SPOT_ADVISOR_PATH = "/_sandbox/spot-advisor-data.json"


@dataclass(frozen=True)
class Settings:
    """Times are in seconds."""

    port: int = 0
    """Of the AWS endpoint on 127.0.0.1; 0 takes a free one."""
    https: bool = False
    keep_alive: bool = False
    """Keep the connection open after an answer, as AWS does, instead of closing it."""
    boot_delay: float = 1.0
    """From running to an sshd that answers: two thirds in silence, the rest refusing connections."""
    state_delay: float = 0.8
    """Each of pending, shutting-down and stopping."""
    instances_max: int | None = None
    """Instances that may be alive at once; one more is a VcpuLimitExceeded."""
    machine_memory: str = "512m"
    """Given to `docker run --memory` by a machine's docker command: the sandbox's doing, EC2 has no such cap."""

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> "Settings":
        return Settings(**json.loads(text))
