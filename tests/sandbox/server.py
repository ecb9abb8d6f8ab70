"""HTTP and HTTPS in front of the gateway: one thread a connection, kept open or closed as the settings say."""

import socket
import ssl
import struct
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.faults import Faults
from sandbox.gateway import Gateway
from sandbox.messages import Answer, Delivery, Request

MAX_BODY = 64 * 1024 * 1024
IDLE_TIMEOUT = 60
STALL_TIMEOUT = 3600
FAULT_INTERVAL = 0.1


class _BadRequest(Exception):
    """A request that HTTP itself refuses."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: "Server"
    protocol_version = "HTTP/1.1"
    timeout = IDLE_TIMEOUT
    _clock_offset = 0.0

    def setup(self) -> None:
        """The TLS handshake happens here, in the connection's own thread: a silent client holds up nobody else."""
        if isinstance(self.request, ssl.SSLSocket):
            self.request.settimeout(IDLE_TIMEOUT)
            self.request.do_handshake()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def _serve(self) -> None:
        try:
            request = self._read_request()
        except _BadRequest as error:
            self.close_connection = True
            self.send_error(400, str(error))
        else:
            self._deliver(self.server.gateway.handle(request))

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _serve

    def _read_request(self) -> Request:
        path, _, query = self.requestline.split()[1].partition("?")  # as sent: self.path is tidied up
        return Request(
            method=self.command,
            raw_path=path,
            raw_query=query,
            headers=[(name.lower(), value) for name, value in self.headers.items()],
            body=self._read_body(),
            client_address=self.client_address[0],
        )

    def _read_body(self) -> bytes:
        if (self.headers.get("transfer-encoding") or "").lower() == "chunked":
            return self._read_chunks()
        length = self.headers.get("content-length") or "0"
        if not length.isdecimal() or int(length) > MAX_BODY:
            raise _BadRequest("bad Content-Length")
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            raise _BadRequest("the body ended early")
        return body

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while True:
            try:
                size = int(self.rfile.readline(64).partition(b";")[0], 16)
            except ValueError as error:
                raise _BadRequest("bad chunk") from error
            if size < 0 or len(body) + size > MAX_BODY:
                raise _BadRequest("too large")
            body += self.rfile.read(size)
            self.rfile.readline(4)
            if size == 0:
                return bytes(body)

    def _deliver(self, answer: Answer) -> None:
        keep = self.server.keep_alive and answer.delivery is Delivery.WHOLE
        self.close_connection = self.close_connection or not keep
        time.sleep(answer.delay)
        if answer.delivery is Delivery.DROPPED:
            self._reset()
        elif answer.delivery is Delivery.STALLED:
            self._wait_for_the_client_to_leave()
        else:
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        self._clock_offset = answer.clock_offset
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if self.command != "HEAD" or not any(name.lower() == "content-length" for name, _ in answer.headers):
            self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.end_headers()
        if self.command != "HEAD":
            cut_off = answer.delivery is Delivery.CUT_OFF
            self.wfile.write(answer.body[: len(answer.body) // 2] if cut_off else answer.body)

    def _wait_for_the_client_to_leave(self) -> None:
        self.request.settimeout(STALL_TIMEOUT)
        self.rfile.read(1)

    def _reset(self) -> None:
        """Closes with a TCP reset, so that the client sees a broken connection and no empty answer."""
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string((timestamp or time.time()) + self._clock_offset)

    def version_string(self) -> str:
        return "AmazonEC2"

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are logged by the gateway."""


class Server(ThreadingHTTPServer):
    """The AWS endpoint."""

    daemon_threads = True
    request_queue_size = 2048

    def __init__(
        self, port: int, gateway: Gateway, faults: Faults, keep_alive: bool, tls: ssl.SSLContext | None
    ) -> None:
        self.gateway = gateway
        self._faults = faults
        self.keep_alive = keep_alive
        super().__init__(("127.0.0.1", port), _Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def server_bind(self) -> None:
        """To a port by its number: the kernel keeps no other one while the socket does not listen."""
        host, port = self.server_address[0], self.server_address[1]
        if not port:
            with socket.create_server((host, 0)) as probe:
                self.server_address = (host, probe.getsockname()[1])
        super().server_bind()

    def serve_forever(self, poll_interval: float = FAULT_INTERVAL) -> None:
        super().serve_forever(poll_interval)

    def service_actions(self) -> None:
        """Called between connections: a listening socket that is shut down refuses them, and can listen again."""
        fault = self._faults.take("endpoint-down")
        if fault:
            self.socket.shutdown(socket.SHUT_RDWR)
            time.sleep(fault.number)
            self.socket.listen(self.request_queue_size)

    def shutdown_request(self, request: Any) -> None:
        """Without the orderly FIN where a reset was asked for."""
        linger = request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
        if struct.unpack("ii", linger)[0]:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no event."""
