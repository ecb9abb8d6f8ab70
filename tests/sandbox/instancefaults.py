"""What a fault does to an instance at its launch or its end: the kinds of `Stage.INSTANCE` in faults.py."""

import copy
import math
import threading
from contextlib import AbstractContextManager
from typing import Any

from moto.ec2.models.instances import Instance, StateReason

from sandbox.faults import Fault, Faults, describe

NO_CAPACITY = StateReason(
    "Server.InsufficientInstanceCapacity: Insufficient capacity available to satisfy launch request",
    "Server.InsufficientInstanceCapacity",
)


class InstanceFaults:
    """Called by the cloud. Safe to use from several threads."""

    def __init__(self, faults: Faults, ending: AbstractContextManager[Any]) -> None:
        """ending: held while an instance is ended."""
        self._faults = faults
        self._ending = ending
        self._asks_left: dict[str, int] = {}
        """By instance id: how often it is not found yet."""
        self._lock = threading.Lock()

    def launch(self, instance: Instance) -> bool:
        """Whether the launch goes on to a machine."""
        hidden = self._meets("not-found-at-first", instance)
        if hidden:
            with self._lock:
                self._asks_left[instance.id] = int(hidden.number)
        if not self._meets("late-capacity", instance):
            return True
        state: Any = instance._state
        delay = state.seconds_left()
        state.linger(math.inf)
        timer = threading.Timer(delay, self._find_no_capacity, [instance])
        timer.daemon = True
        timer.start()
        return False

    def end(self, instance: Instance) -> None:
        """Called when an instance has begun to shut down."""
        slow = self._meets("terminate-slow", instance)
        if slow:
            state: Any = instance._state
            state.linger(slow.number)

    def hides(self, instance: Instance) -> bool:
        """Whether a request does not find the instance yet; one of its asks is used up."""
        with self._lock:
            left = self._asks_left.get(instance.id, 0)
            if left:
                self._asks_left[instance.id] = left - 1
        return left > 0

    def without_hidden(self, reservations: list[Any]) -> list[Any]:
        """Reservations without the instances that are not found yet."""
        if not any(self._asks_left.values()):
            return reservations
        parts = [copy.copy(reservation) for reservation in reservations]
        for part in parts:
            part.instances = [instance for instance in part.instances if not self.hides(instance)]
        return [part for part in parts if part.instances]

    def _meets(self, name: str, instance: Instance) -> Fault | None:
        return self._faults.take(name, describe(instance))

    def _find_no_capacity(self, instance: Instance) -> None:
        with self._ending:
            if instance.state != "pending":
                return
            state: Any = instance._state
            for interface in instance.nics.values():
                interface.stop()
                if interface.delete_on_termination:
                    interface.delete()
            instance.teardown_defaults()
            state.break_off()
            instance.state_reason = NO_CAPACITY
