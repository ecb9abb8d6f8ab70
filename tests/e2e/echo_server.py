"""A server in AWS's place that repeats to the client, wherever a client may look, what it was told in confidence."""

import json
import re
import threading
import urllib.parse
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class EchoServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, shape: str):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.shape = shape
        self.confided: set[str] = set()
        """Every signature and Authorization header that came in."""
        self.told: list[str] = []
        """Everything that is repeated."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


_EC2_ERROR = "<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors></Response>"
_VPCS = "<vpcSet><item><vpcId>{0}</vpcId><isDefault>true</isDefault></item></vpcSet>"

SHAPES = {
    "xml-error": (403, _EC2_ERROR.format("AuthFailure", "{}")),
    "xml-code": (400, _EC2_ERROR.format("{}", "no")),
    "s3-error": (403, "<Error><Code>SignatureDoesNotMatch</Code><Message>{0}</Message><Signed>{0}</Signed></Error>"),
    "json-error": (400, '{{"__type":"InvalidSignatureException","message":{}}}'),
    "server-error": (500, "{}"),
    "values": (200, f"<R><regionName>{{0}}</regionName>{_VPCS}</R>"),
    "no-xml": (200, "{}"),
}
"""Status and body of every answer; the braces are what was told."""


class _Handler(BaseHTTPRequestHandler):
    server: EchoServer

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")
        authorization = self.headers.get("Authorization", "")
        token = self.headers.get("X-Amz-Security-Token", "")
        if match := re.search(r"Signature=([0-9a-f]{64})", authorization):
            self.server.confided |= {authorization, match[1]}
        signature = authorization[-64:]
        identity = urllib.parse.parse_qs(sent).get("WebIdentityToken", [""])[0]
        told = f"{signature} {token} {identity} {authorization} "
        self.server.told.append(told)
        status, template = SHAPES[self.server.shape]
        body = template.format(json.dumps(told) if "__type" in template else told).encode()
        self.send_response(status)
        for name in ("x-amzn-RequestId", "x-amz-request-id", "x-amz-bucket-region", "ETag", "Date"):
            self.send_header(name, f"{'.' * 20}{identity}{signature}{token}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _answer

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def echo_server(shape: str):
    server = EchoServer(shape)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
