"""When a pretend machine really begins to answer: asked by us, and not taken from the collector that is measured."""

import os
import socket
import threading
import time

import boto3

INTERVAL = 0.01
"""Between two knocks, and how long one waits: a loopback address answers at once or not at all."""
GIVE_UP = 60.0


class BootWatch:
    """Knocks at each machine until its sshd takes the connection. One short-lived thread per machine."""

    def __init__(self) -> None:
        self._ec2 = boto3.client("ec2")
        self._port = int(os.environ.get("AWS_BENCHMARK_COLLECTOR_SSH_PORT", "22"))
        self._silent_until: dict[str, float] = {}

    def begin(self, instance_id: str) -> None:
        threading.Thread(target=self._watch, args=[instance_id], daemon=True).start()

    def silent_until(self, instance_id: str) -> float | None:
        """The last moment (monotonic) at which the machine was seen not to answer; None when that was not seen."""
        return self._silent_until.get(instance_id)

    def _watch(self, instance_id: str) -> None:
        address = self._address(instance_id)
        silent = None
        end = time.monotonic() + GIVE_UP
        while time.monotonic() < end:
            knocked = time.monotonic()
            if self._answers(address):
                if silent:
                    self._silent_until[instance_id] = silent
                return
            silent = knocked
            time.sleep(max(0.0, knocked + INTERVAL - time.monotonic()))

    def _address(self, instance_id: str) -> str:
        answer = self._ec2.describe_instances(InstanceIds=[instance_id])
        return answer["Reservations"][0]["Instances"][0]["PrivateIpAddress"]

    def _answers(self, address: str) -> bool:
        with socket.socket() as connection:
            connection.settimeout(INTERVAL)
            return connection.connect_ex((address, self._port)) == 0
