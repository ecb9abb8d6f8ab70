"""The socket between the commands and the daemon: one JSON request and one JSON answer a connection."""

import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable
from typing import Any

from sandbox import paths

Handler = Callable[[dict[str, Any]], Any]
_LINE_MAX = 1 << 20


class ControlError(RuntimeError):
    """The daemon is not there, or it refused; the text is for the user."""


def ask(command: str, **parameters: Any) -> Any:
    """Has the daemon carry out a command, and gives its answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        try:
            connection.connect(str(paths.CONTROL_SOCKET))
        except OSError:
            raise ControlError("the sandbox is not up") from None
        connection.sendall(json.dumps({"command": command, **parameters}).encode() + b"\n")
        with connection.makefile("rb") as stream:
            answer = json.loads(stream.readline() or b'{"error": "the sandbox did not answer"}')
    if "error" in answer:
        raise ControlError(answer["error"])
    return answer["result"]


class _Connection(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        request = json.loads(self.rfile.readline(_LINE_MAX))
        handler = self.server.handlers.get(request.pop("command"))
        try:
            answer = {"result": handler(request)} if handler else {"error": "unknown command"}
        except ValueError as error:
            answer = {"error": str(error)}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, handlers: dict[str, Handler]) -> None:
        self.handlers = handlers
        super().__init__(str(paths.CONTROL_SOCKET), _Connection)


def serve(handlers: dict[str, Handler]) -> None:
    """Answers commands in a thread of its own, for root alone."""
    server = _Server(handlers)
    os.chmod(paths.CONTROL_SOCKET, 0o600)
    threading.Thread(target=server.serve_forever, name="control", daemon=True).start()
