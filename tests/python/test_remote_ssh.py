"""SSH as the collector speaks it, against a real sshd and against servers that mean ill: a command counts as done only
when its own last line says so, and every wait ends at its deadline, whatever the far side does."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

import asyncssh
import pytest

ROOT = Path(__file__).resolve().parents[2]
HELPER = ROOT / "build/release/tests/helpers/remote_script"
SSHD = "/usr/sbin/sshd"
MOST_SECONDS_LATE = 10
"""A busy host may take so long to do what is due."""


class Client:
    """Runs scripts by the helper; `key` logs in."""

    def __init__(self, folder: Path):
        self.key = make_key(folder / "user")
        self.host = make_key(folder / "host")
        self._folder = folder

    def run(self, port, script, seconds=20, silence=20, limit=4096):
        file = self._folder / "output"
        file.unlink(missing_ok=True)
        host_key = " ".join(self.host.with_suffix(".pub").read_text().split()[:2])
        words = [HELPER, "127.0.0.1", port, user_name(), self.key, host_key, seconds, silence, limit, file]
        started = time.monotonic()
        done = subprocess.run(
            [str(word) for word in words], input=script, capture_output=True, text=True, timeout=seconds + 60
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        answer["seconds"] = time.monotonic() - started
        answer["output"] = file.read_bytes() if file.exists() else b""
        return answer


def user_name():
    return "root" if os.geteuid() == 0 else os.environ["USER"]


def make_key(path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
    return path


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    subprocess.run(["make", "-s", HELPER.relative_to(ROOT)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return Client(tmp_path_factory.mktemp("ssh"))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


# --- a real sshd ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sshd(client, tmp_path_factory):
    """The port of a real sshd that lets the client in."""
    folder, port = tmp_path_factory.mktemp("sshd"), free_port()
    authorized = folder / "authorized_keys"
    shutil.copy(client.key.with_suffix(".pub"), authorized)
    config = folder / "config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {client.host}\nPidFile none\nUsePAM no\nStrictModes no\n"
        f"AuthorizedKeysFile {authorized}\nPermitRootLogin prohibit-password\nUseDNS no\n"
    )
    separation = Path("/run/sshd")
    ours = os.geteuid() == 0 and not separation.exists()
    if ours:
        separation.mkdir(mode=0o755)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stderr=log)
    deadline = time.monotonic() + 20
    while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
        assert process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.05)
    yield port
    process.terminate()
    process.wait()
    if ours:
        separation.rmdir()


def test_a_healthy_command_that_says_nothing_for_long_gives_its_own_exit_code(client, sshd):
    """With libssh2's own keepalive this gave 0 after two seconds."""
    answer = client.run(sshd, "sleep 6; exit 3", silence=2)
    assert (answer["step"], answer["exit_code"]) == ("done", 3)
    assert answer["seconds"] >= 6


def test_output_arrives_as_the_bytes_that_it_is(client, sshd):
    answer = client.run(sshd, "printf 'a\\0b\\033[31m\\377\\n\\n../../etc/passwd\\n'")
    assert answer["step"] == "done" and answer["output"] == b"a\0b\x1b[31m\xff\n\n../../etc/passwd\n"


@pytest.mark.parametrize(
    "script",
    [
        "echo result; kill -9 $$",
        "echo result; kill -9 $PPID",
        "echo result; kill -9 $$ $PPID",
        "echo result; kill -9 -$$",
        "echo result; pkill -9 -s $(ps -o sid= -p $$)",
    ],
)
def test_a_script_that_is_killed_is_no_success(client, sshd, script):
    """libssh2 says exit status 0 of all of these."""
    answer = client.run(sshd, script, seconds=60, silence=5)
    assert answer["step"] == "run" and answer["kind"] in ("remote", "network") and answer["exit_code"] == -1
    assert answer["seconds"] < 5 + MOST_SECONDS_LATE


def test_a_script_that_does_not_end_is_no_success(client, sshd):
    answer = client.run(sshd, "echo result; exec sleep 60", seconds=8)
    assert (answer["step"], answer["kind"]) == ("run", "remote") and "time" in answer["message"]
    assert answer["seconds"] < 8 + MOST_SECONDS_LATE


def test_a_machine_that_freezes_is_given_up_for_its_missing_heartbeat(client, sshd):
    freeze = "for p in $(pgrep -s $(ps -o sid= -p $$)); do [ $p = $$ ] || kill -STOP $p; done; kill -STOP $$"
    answer = client.run(sshd, freeze, seconds=60, silence=3)
    assert (answer["step"], answer["kind"]) == ("run", "network") and "silent" in answer["message"]
    assert answer["seconds"] < 3 + MOST_SECONDS_LATE


def test_ten_gigabytes_of_output_are_cut_off(client, sshd):
    answer = client.run(sshd, "head -c 10000000000 /dev/zero")
    assert (answer["step"], answer["kind"]) == ("run", "remote") and "more than 4096 bytes" in answer["message"]


def test_endless_talk_is_cut_off(client, sshd):
    answer = client.run(sshd, "yes >&2", seconds=60)
    assert (answer["step"], answer["kind"]) == ("run", "remote") and "standard error" in answer["message"]


def test_a_line_that_never_ends_takes_no_memory(client, sshd):
    answer = client.run(sshd, "head -c 8000000 /dev/zero >&2; echo >&2")
    assert answer["step"] == "done" and answer["lines"] == 1


def test_a_refused_log_in_is_told_from_a_broken_connection(client, sshd, tmp_path):
    other = Client(tmp_path)
    other.host = client.host
    answer = other.run(sshd, "true")
    assert (answer["step"], answer["kind"]) == ("connect", "auth")


def test_another_host_key_is_found_before_the_log_in(client, sshd, tmp_path):
    stranger = Client(tmp_path)
    stranger.key = client.key
    answer = stranger.run(sshd, "true")
    assert (answer["step"], answer["kind"]) == ("connect", "security")


# --- servers that never get as far as a session -----------------------------------------------------------------------


@contextlib.contextmanager
def serving(behave):
    """The port of a server that treats each connection so; behave() may fail when the client has gone."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=treat, args=[connection], daemon=True).start()

    def treat(connection):
        with contextlib.suppress(OSError), connection:
            behave(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def silent(connection):
    connection.recv(1 << 20)
    time.sleep(30)


def dripping(connection):
    for byte in b"SSH-2.0-OpenSSH_9.2" + b"x" * 60:
        connection.sendall(bytes([byte]))
        time.sleep(1)


def endless_lines(connection):
    while True:
        connection.sendall(b"welcome to nowhere\r\n" * 4096)


def endless_line(connection):
    while True:
        connection.sendall(b"x" * 65536)


def endless_zeros(connection):
    connection.sendall(b"SSH-2.0-zeros\r\n")
    while True:
        connection.sendall(bytes(65536))


def packet(payload):
    padding = 8 - (len(payload) + 5) % 8
    padding += 8 if padding < 4 else 0
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + bytes(padding)


def ignore_before_keys(connection):
    """SSH_MSG_IGNORE, which libssh2 drops for as long as more of them come, inside one call."""
    connection.sendall(b"SSH-2.0-flood\r\n")
    flood = packet(b"\2" + struct.pack(">I", 64) + bytes(64)) * 1024
    while True:
        connection.sendall(flood)


def unknown_before_keys(connection):
    """Packets that nobody asks for, which libssh2 keeps."""
    connection.sendall(b"SSH-2.0-flood\r\n")
    flood = packet(b"\xc8" + bytes(8000)) * 64
    while True:
        connection.sendall(flood)


def huge_packet(connection):
    connection.sendall(b"SSH-2.0-huge\r\n" + struct.pack(">IB", 0x7FFFFFFF, 4) + bytes(1024))
    time.sleep(30)


def gone(connection):
    connection.sendall(b"SSH-2.0-gone\r\n")


@pytest.mark.parametrize(
    "behave",
    [
        *(silent, dripping, endless_lines, endless_line, endless_zeros, ignore_before_keys, unknown_before_keys),
        *(huge_packet, gone),
    ],
)
def test_a_peer_that_is_no_ssh_server_ends_at_the_deadline(client, behave):
    with serving(behave) as port:
        answer = client.run(port, "true", seconds=3)
    assert (answer["step"], answer["kind"]) == ("connect", "network")
    assert answer["seconds"] < 3 + MOST_SECONDS_LATE


# --- servers that speak SSH well, and use it ill ----------------------------------------------------------------------


class HostileServer(asyncssh.SSHServer):
    """Lets everybody in. `misuse` gets the connection and the process of a command."""

    def begin_auth(self, username):
        return True

    def validate_public_key(self, username, key):
        return True

    def public_key_auth_supported(self):
        return True


@contextlib.contextmanager
def hostile(client, misuse):
    """The port of a server, with the right host key, that treats each command so."""
    loop = asyncio.new_event_loop()

    async def start():
        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=HostileServer, server_host_keys=[str(client.host)],
            process_factory=misuse, encoding=None, login_timeout=30,
        )

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    try:
        yield server.get_port()
    finally:
        loop.call_soon_threadsafe(server.close)
        time.sleep(0.2)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)


async def status_zero_without_a_last_line(process):
    process.stdout.write(b"result\n")
    process.exit(0)


async def killed_by_signal(process):
    process.stdout.write(b"result\n")
    process.exit_with_signal("KILL")


async def end_without_a_status(process):
    process.stdout.write(b"result\n")
    process.close()


async def cut(process):
    process.stdout.write(b"result\n")
    process.channel.get_connection().abort()


@pytest.mark.parametrize("misuse", [status_zero_without_a_last_line, killed_by_signal, end_without_a_status, cut])
def test_an_exit_status_is_never_believed(client, misuse):
    with hostile(client, misuse) as port:
        answer = client.run(port, "true", silence=10)
    assert answer["step"] == "run" and answer["kind"] in ("remote", "network") and answer["exit_code"] == -1


async def silence(process):
    await asyncio.sleep(60)


async def ignore_flood(process):
    connection = process.channel.get_connection()
    while not connection.is_closed():
        for _ in range(256):
            connection.send_packet(asyncssh.constants.MSG_IGNORE, asyncssh.packet.String(bytes(8000)))
        await asyncio.sleep(0)


async def dripping_output(process):
    while True:
        process.stdout.write(b"x")
        await asyncio.sleep(0.5)


@pytest.mark.parametrize(
    ("misuse", "kinds"),
    [(silence, {"network"}), (ignore_flood, {"network", "remote"}), (dripping_output, {"remote"})],
)
def test_every_wait_ends_whatever_the_machine_does(client, misuse, kinds):
    with hostile(client, misuse) as port:
        answer = client.run(port, "true", seconds=10, silence=3)
    assert answer["step"] == "run" and answer["kind"] in kinds
    assert answer["seconds"] < 10 + MOST_SECONDS_LATE


def test_a_host_key_that_changes_within_a_session_is_not_trusted(client, tmp_path):
    """libssh2 1.10 ends the session at any second key exchange; where it takes one, the key is compared again."""
    other = asyncssh.read_private_key(str(make_key(tmp_path / "other")))

    async def exchange_keys_again(process):
        connection = process.channel.get_connection()
        keypair = asyncssh.public_key.load_keypairs([other])[0]
        connection._server_host_keys = {b"ssh-ed25519": keypair}
        connection._send_kexinit()
        await asyncio.sleep(60)

    with hostile(client, exchange_keys_again) as port:
        answer = client.run(port, "true", silence=10)
    assert answer["step"] == "run" and answer["kind"] in ("security", "network"), answer
    assert answer["seconds"] < 10 + MOST_SECONDS_LATE
