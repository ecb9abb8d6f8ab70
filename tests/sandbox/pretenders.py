"""What answers on a machine's port in place of its sshd, until the machine ends."""

import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator

DRIP_INTERVAL = 1.0
"""Seconds between two bytes."""

_PACKET = bytes([0, 0, 0x80, 0, 4, 20])
"""The beginning of a key exchange of 32 KiB: length, padding, message number."""


def be_silent(address: str, port: int, ended: threading.Event) -> None:
    """The kernel completes connections; nobody ever reads them."""
    with _listen(address, port):
        ended.wait()


def drip(address: str, port: int, ended: threading.Event) -> None:
    """Every connection gets what an sshd would say, a byte at a time: it is never idle, and never gets anywhere."""
    with _listen(address, port) as server, contextlib.ExitStack() as connections:
        server.setblocking(False)
        speeches: dict[socket.socket, Iterator[int]] = {}
        while not ended.wait(DRIP_INTERVAL):
            with contextlib.suppress(BlockingIOError):
                while True:
                    connection = connections.enter_context(server.accept()[0])
                    speeches[connection] = itertools.chain(b"SSH-2.0-OpenSSH_8.7\r\n", _PACKET, itertools.repeat(0))
            for connection, speech in list(speeches.items()):
                try:
                    connection.send(bytes([next(speech)]))
                except OSError:
                    del speeches[connection]


def _listen(address: str, port: int) -> socket.socket:
    return socket.create_server((address, port), backlog=512)
