"""A machine's metadata service: version 2, with the instance identity document and its signature alone.

It listens on a socket that the machine has to itself. 169.254.169.254 would be every machine's, since they share this
host's addresses: guest/curl leads there what is asked of it.
"""

import contextlib
import json
import secrets
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from moto.ec2.models.instances import Instance

from sandbox import hardware
from sandbox.certificates import IdentitySigner
from sandbox.settings import ACCOUNT

TTL_MAX = 21600
_TOKEN_PATH = "/latest/api/token"
_IDENTITY_PATH = "/latest/dynamic/instance-identity/"


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: "_Server"

    def do_PUT(self) -> None:
        ttl = self.headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
        if self.path != _TOKEN_PATH:
            self._answer(404)
        elif ttl.isdecimal() and 1 <= int(ttl) <= TTL_MAX:
            self._answer(200, self.server.token.encode())
        else:
            self._answer(400)

    def do_GET(self) -> None:
        body = self.server.documents.get(self.path)
        if self.headers.get("x-aws-ec2-metadata-token") != self.server.token:
            self._answer(401)
        elif body is None:
            self._answer(404)
        else:
            self._answer(200, body)

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Only the API's requests are logged."""


class _Server(socketserver.ThreadingUnixStreamServer):
    """The service of one machine. Its token is good for as long as the machine lives."""

    daemon_threads = True

    def __init__(self, path: Path, documents: dict[str, bytes]) -> None:
        self.documents = documents
        self.token = secrets.token_urlsafe(40)
        super().__init__(str(path), _Handler)


@contextlib.contextmanager
def serve(path: Path, instance: Instance, signer: IdentitySigner) -> Iterator[None]:
    """Answers on the socket until the machine has ended."""
    document = _document(instance)
    documents = {_IDENTITY_PATH + "document": document, _IDENTITY_PATH + "rsa2048": signer.sign(document)}
    path.unlink(missing_ok=True)
    server = _Server(path, documents)
    path.chmod(0o666)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        threading.Thread(target=_end, args=[server], daemon=True).start()


def _end(server: _Server) -> None:
    """Takes half a second, which no machine's end should wait for."""
    server.shutdown()
    server.server_close()


def _document(instance: Instance) -> bytes:
    """With AWS's names, order and spaces."""
    facts = {
        "accountId": ACCOUNT,
        "architecture": hardware.architecture(instance.instance_type),
        "availabilityZone": instance._placement.zone,
        "billingProducts": None,
        "devpayProductCodes": None,
        "marketplaceProductCodes": None,
        "imageId": instance.image_id,
        "instanceId": instance.id,
        "instanceType": instance.instance_type,
        "kernelId": None,
        "pendingTime": f"{instance.launch_time:%Y-%m-%dT%H:%M:%SZ}",
        "privateIp": str(instance.private_ip),
        "ramdiskId": None,
        "region": instance.ec2_backend.region_name,
        "version": "2017-09-30",
    }
    return json.dumps(facts, indent=2, separators=(",", " : ")).encode()
