"""Where the sandbox keeps things, and its number.

A machine usually has one sandbox, number 0. Another one beside it is given another number by AWS_BENCHMARK_SANDBOX in
the environment of every command: it has its own directory, addresses (127.10.0.0/16 becomes 127.(10 + number).0.0/16),
engines and network table.
"""

import os
from pathlib import Path

NUMBER = int(os.environ.get("AWS_BENCHMARK_SANDBOX", "0"))
NAME = "aws-benchmark-collector-sandbox" + (f"-{NUMBER}" if NUMBER else "")

RUN = Path("/run") / NAME
"""Seen by every process of the host; removed by `down`."""

STATE = RUN / "state.json"
CONTROL_SOCKET = RUN / "control.sock"
REQUEST_LOG = RUN / "requests.jsonl"
DAEMON_LOG = RUN / "daemon.log"
CERTIFICATE_AUTHORITY = RUN / "ca.pem"
IDENTITY_CERTIFICATE = RUN / "identity.pem"
PRIVATE = RUN / "private"
"""A tmpfs of the daemon and its children: it ends with them, whatever ends them."""

TEMPLATE = PRIVATE / "template"
MACHINES = PRIVATE / "machines"
ENGINE = PRIVATE / "engine"
TLS = PRIVATE / "tls"
MACHINE_LOGS = RUN / "machines"

GUEST_FILES = Path(__file__).resolve().parent / "guest"
