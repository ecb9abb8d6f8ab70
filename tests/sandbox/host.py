"""What the machines share."""

from dataclasses import dataclass

from sandbox.certificates import IdentitySigner
from sandbox.engine import Engines
from sandbox.faults import Faults
from sandbox.network import Silence
from sandbox.settings import Settings


@dataclass(frozen=True)
class Host:
    """The settings, and the parts of the sandbox that every machine uses."""

    settings: Settings
    ssh_port: int
    engines: Engines
    silence: Silence
    faults: Faults
    signer: IdentitySigner
