"""Nothing that the program writes or shows holds a secret, whatever happens, and nobody reads one in its memory."""

import base64
import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from conftest import PROGRAM, QUICK, Finished, wait_for
from echo_server import SHAPES, echo_server
from traces import pem_body, traces, unpacked_journal, written

TALKATIVE = ["--verbose", "--progress"]
NOBODY = 65534


@pytest.fixture
def marked(collector, cloud):
    """The collector with temporary credentials, a key pair of its own, and all its files below its home."""
    collector.environment = collector.environment | {
        name: value
        for name, value in cloud.environment_as("session").items()
        if name.startswith(("AWS_ACCESS", "AWS_SECRET", "AWS_SESSION"))
    }
    for name in ("TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        (collector.home / name).mkdir(mode=0o700)
        collector.environment[name] = str(collector.home / name)
    return collector


@pytest.fixture
def key_pair(marked, cloud, tmp_path_factory):
    """The options for a key pair of the user's, whose file lies outside of what the program writes."""
    path = tmp_path_factory.mktemp("keys") / "mine"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
    public = path.with_suffix(".pub").read_bytes()
    cloud.client("ec2").import_key_pair(KeyName="mine", PublicKeyMaterial=public)
    yield path
    cloud.client("ec2").delete_key_pair(KeyName="mine")


def secrets_of(collector, key: Path | None = None) -> list[str]:
    variables = collector.environment
    return [
        variables["AWS_SECRET_ACCESS_KEY"],
        variables["AWS_SESSION_TOKEN"],
        *(pem_body(key) if key else []),
    ]


def run_words(key: Path, *more: str) -> list[str]:
    return [
        "run", "--instance-types", "m7i.large", "--key-pair", "mine", "--key-file", str(key), *TALKATIVE, *more, *QUICK,
    ]


def command_lines_of(pid: int) -> bytes:
    """Those of the process and of what it has started."""
    lines = Path(f"/proc/{pid}/cmdline").read_bytes()
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            lines += Path(f"/proc/{child}/cmdline").read_bytes()
    return lines


@pytest.mark.parametrize("progress", ["json", "plain"])
def test_a_run_that_goes_well(marked, cloud, key_pair, progress):
    process = marked.start(*run_words(key_pair, progress, "--s3-bucket", "sandbox-results"))
    wait_for(lambda: cloud.instances() != [])
    seen = command_lines_of(process.pid)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    texts = written(marked.home, Finished(0, out, err), cloud=cloud) | {"command line": seen}
    assert traces(texts, secrets_of(marked, key_pair)) == []
    assert any(name.startswith("s3://") for name in texts) and any("journal" in name for name in texts)
    only_the_journal_has_a_private_key(marked.home, texts)


def only_the_journal_has_a_private_key(home: Path, texts: dict[str, bytes]):
    """The one of the instance's host key, in the request as the instance gets it, for its owner's eyes."""
    keys = {name: text.count(b"PRIVATE KEY-----") for name, text in texts.items() if b"PRIVATE KEY" in text}
    (journal,) = home.rglob("journal.ndjson")
    assert keys == {f"user data in {journal.relative_to(home)}": 2}, "one key: its first and its last line"
    assert b'"ed25519_private":"-----BEGIN OPENSSH PRIVATE KEY' in unpacked_journal(journal.read_bytes())
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.parent.stat().st_mode) == 0o700


def test_a_run_that_fails(marked, cloud, key_pair):
    cloud.fault("never-boots")
    done = marked(*run_words(key_pair, "json", "--boot-timeout", "4s"))
    assert done.code == 1, done.err
    assert traces(written(marked.home, done), secrets_of(marked, key_pair)) == []


def test_a_run_that_is_interrupted(marked, cloud, key_pair):
    process = marked.start(*run_words(key_pair, "plain"))
    wait_for(lambda: cloud.instances() != [])
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert traces(written(marked.home, Finished(130, out, err)), secrets_of(marked, key_pair)) == []


@pytest.mark.parametrize("wrong", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
def test_credentials_that_are_refused(marked, wrong):
    marked.environment[wrong] = f"marked-and-wrong-{wrong.lower()}"
    done = marked("run", "--instance-types", "m7i.large", *TALKATIVE, "json", "--s3-bucket", "sandbox-results")
    assert done.code == 3, done.err
    assert traces(written(marked.home, done), secrets_of(marked)) == []


def test_credentials_files_that_can_not_be_read(marked):
    """A file with a mistake is named with the line, never with what stands there."""
    secret, token = marked.environment["AWS_SECRET_ACCESS_KEY"], marked.environment["AWS_SESSION_TOKEN"]
    unset = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"))
    for text in (
        f"[default]\naws_secret_access_key {secret}\n",
        f"[default]\naws_access_key_id = A\naws_secret_access_key = {secret} b\naws_session_token = {token}\n",
        f"[default]\naws_secret_access_key = {secret}\naws_session_token = {token}\n",
        f"{secret}\n",
        f"[{token}\n",
    ):
        (marked.home / "credentials").write_text(text)
        done = marked("discover", "amis", "--verbose", environment=unset)
        assert done.code == 3, done.err
        (marked.home / "credentials").unlink()
        assert traces(written(marked.home, done), [secret, token]) == []


NO_KEYS = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"))


@pytest.mark.parametrize(
    "said",
    [
        '{"Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": "marked secret key", "SessionToken": 7}',
        '{"Version": 2, "SecretAccessKey": "marked secret key"}',
        "marked secret key",
        '{"Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": "marked secret key", "Expiration": "yesterday"}',
    ],
)
def test_a_program_for_credentials_that_answers_wrongly(marked, said):
    answer = marked.home / "TMPDIR/answer"
    answer.write_text(said)
    (marked.home / "config").write_text(f"[default]\ncredential_process = cat {answer}\n")
    done = marked("discover", "amis", "--verbose", environment=NO_KEYS)
    answer.unlink()
    assert done.code == 3 and "credential_process" in done.err, done.err
    assert traces(written(marked.home, done), ["marked secret key"]) == []


@pytest.mark.parametrize("shape", ["xml-error", "server-error", "no-xml"])
def test_tokens_for_credentials_that_are_repeated(marked, shape):
    """That of a web identity, in a request's body, and that of a container's role, in its header."""
    token = "marked-token-of-another-service"
    (marked.home / "TMPDIR/token").write_text(token)
    with echo_server(shape) as server:
        web = {
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(marked.home / "TMPDIR/token"),
            "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/mine",
        }
        container = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server.url}/role",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
        }
        finished = [
            marked("discover", "amis", "--verbose", environment=NO_KEYS | more | {"AWS_ENDPOINT_URL": server.url})
            for more in (web, container)
        ]
        assert token in " ".join(server.told), "it was sent"
    (marked.home / "TMPDIR/token").unlink()
    assert all(done.code == 3 and "error" in done.err for done in finished)
    assert traces(written(marked.home, *finished), [token]) == []


def test_an_endpoint_with_a_password(marked):
    done = marked("discover", "amis", "--verbose", "--endpoint-url", "http://me:marked-password@127.0.0.1:9/")
    assert done.code in (2, 3), done.err
    assert traces(written(marked.home, done), ["marked-password"]) == []


COMMANDS = [
    ["run", "--instance-types", "m7i.large", "--s3-bucket", "some-bucket", "--ssh-cidr", "127.0.0.1/32"],
    ["run", "--instance-types", "m7i.*", "--dry-run"],
    ["discover", "amis"],
    ["discover", "infrastructure"],
    ["process", "s3://some-bucket/there"],
]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_server_that_repeats_what_it_was_told(marked, shape):
    with echo_server(shape) as server:
        finished = [
            marked(*command, *TALKATIVE, "json", "--output", form, environment={"AWS_ENDPOINT_URL": server.url})
            for command in COMMANDS
            for form in ("json", "table")
        ]
    assert all(done.code != 0 and "error" in done.err for done in finished)
    assert len(server.confided) >= len(COMMANDS)
    assert traces(written(marked.home, *finished), [*secrets_of(marked), *server.confided]) == []


def test_the_search_finds_what_is_there(marked, key_pair, tmp_path):
    """Each secret, in each form in which it could have been written, and in each kind of place."""
    secrets = secrets_of(marked, key_pair)
    assert len(secrets) >= 3 and all(len(secret) >= 20 for secret in secrets)
    for number, secret in enumerate(secrets):
        planted = tmp_path / f"planted-{number}"
        for text in (f"x{secret}y", f"{secret.encode().hex()}", f'{{"a":"{secret}"}}'):
            planted.write_text(text)
            assert traces(written(tmp_path), [secret]) == [planted.name]
        for before in range(3):
            planted.write_bytes(base64.b64encode(b"x" * before + secret.encode() + b"!"))
            assert traces(written(tmp_path), [secret]) == [planted.name]
        planted.unlink()
        said = Finished(0, f"out {secret}", "")
        assert traces(written(tmp_path, said), [secret]) == ["stdout 0"]
    said = Finished(0, "", "Authorization: AWS4-HMAC-SHA256 Credential=AKIA")
    assert traces(written(tmp_path, said), []) == ["stderr 0"]


# --- memory ------------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(marked):
    """Starts a program that waits for a server which says nothing, as a user without privileges."""
    listener = socket.create_server(("127.0.0.1", 0))
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    program = shutil.copy(PROGRAM, place / "program")
    environment = marked.environment | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{listener.getsockname()[1]}"}
    started = []

    def start(*command: str | Path) -> subprocess.Popen:
        def allow_cores():
            os.chdir(place / "scratch")
            resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

        process = subprocess.Popen(
            command, env=environment, preexec_fn=allow_cores, user=NOBODY, group=NOBODY, stderr=subprocess.DEVNULL
        )
        started.append(process)
        return process

    (place / "scratch").mkdir()
    (place / "scratch").chmod(0o777)
    listener.settimeout(30)
    yield lambda: start(program, "discover", "amis"), start, listener, place / "scratch"
    for process in started:
        process.kill()
        process.wait()
    listener.close()
    shutil.rmtree(place)


def test_its_memory_and_environment_are_nobody_elses(waiting):
    start_program, start, listener, _ = waiting
    process = start_program()
    connection, _ = listener.accept()
    ordinary = start("sleep", "60")
    wait_for(lambda: Path(f"/proc/{ordinary.pid}/comm").read_text() == "sleep\n")
    for name in ("environ", "mem", "maps", "fd"):
        assert os.stat(f"/proc/{ordinary.pid}/{name}").st_uid == NOBODY
        assert os.stat(f"/proc/{process.pid}/{name}").st_uid == 0, name
    reading = subprocess.run(
        ["cat", f"/proc/{process.pid}/environ"], user=NOBODY, group=NOBODY, capture_output=True, check=False
    )
    assert reading.returncode != 0 and reading.stdout == b""
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    (core,) = [line.split() for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core[4:6] == ["0", "0"]
    connection.close()


def dumped(process: subprocess.Popen) -> bool:
    """Whether the process left a core dump when it was aborted."""
    os.kill(process.pid, signal.SIGABRT)
    end = time.monotonic() + 30
    while True:
        pid, status = os.waitpid(process.pid, os.WNOHANG)
        if pid:
            break
        assert time.monotonic() < end
        time.sleep(0.02)
    process.returncode = -signal.SIGABRT
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGABRT
    return os.WCOREDUMP(status)


def test_a_crash_leaves_no_core_dump(waiting):
    start_program, start, listener, scratch = waiting
    ordinary = start("sleep", "60")
    wait_for(lambda: Path(f"/proc/{ordinary.pid}/comm").read_text() == "sleep\n")
    if not dumped(ordinary):
        pytest.skip("this host writes no core dumps at all")
    for path in scratch.iterdir():
        path.unlink()
    process = start_program()
    listener.accept()
    assert not dumped(process)
    assert list(scratch.iterdir()) == []
