"""The machines' addresses: which port their sshd can have, and silence before they are up.

A machine's address is one of VPC_BLOCK, in the host's own network: any process here can reach it. Until the
machine is running its address must swallow packets, as EC2 does; nftables sees to that where it is available.
"""

import errno
import shutil
import socket
import subprocess
import threading

from sandbox import paths
from sandbox.settings import VPC_BLOCK

TABLE = paths.NAME
_SET = "answering"
_PROBE_ADDRESS = VPC_BLOCK.replace("0.0/16", "255.254")

_RULES = f"""
table inet {TABLE} {{
    set {_SET} {{ type ipv4_addr; }}
    chain input {{
        type filter hook input priority 0; policy accept;
        ip daddr {VPC_BLOCK} ip daddr != @{_SET} drop
        ip saddr {VPC_BLOCK} ip saddr != @{_SET} drop
    }}
}}
"""


def choose_ssh_port() -> int:
    """22, or the next that is free on the machines' addresses: a host's own sshd may hold 22 on every address."""
    for port in (22, 2222, 22022):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_PROBE_ADDRESS, port))
                probe.listen()
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return port
    raise RuntimeError("no port for the machines' sshd: 22, 2222 and 22022 are all taken")


class Silence:
    """Which addresses answer. Without nftables all do: a machine that is not up then refuses connections."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.available = shutil.which("nft") is not None and _nft("-f", "-", rules=_RULES)

    def lift(self, address: str) -> None:
        self._change("add", address)

    def impose(self, address: str) -> None:
        self._change("delete", address)

    def _change(self, verb: str, address: str) -> None:
        if self.available:
            with self._lock:
                _nft(verb, "element", "inet", TABLE, _SET, f"{{ {address} }}")


def reset_connections(address: str, port: int) -> None:
    """Has the kernel close the machine's side of each connection with a TCP reset."""
    subprocess.run(["ss", "-K", "--tcp", "src", address, "sport", "=", f":{port}"], check=True, capture_output=True)


def remove_table() -> None:
    """Ends all silence; no error where there is none."""
    if shutil.which("nft"):
        _nft("delete", "table", "inet", TABLE)


def _nft(*arguments: str, rules: str | None = None) -> bool:
    done = subprocess.run(["nft", *arguments], input=rules, text=True, capture_output=True, check=False)
    return done.returncode == 0
