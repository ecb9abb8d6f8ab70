"""What a person sees: completion as the shell does it, the manual page, streams that end early, the live table."""

import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import termios

import pytest
from conftest import PROGRAM, QUICK

COMPLETE = """
source <("$1" completion bash)
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_aws_benchmark_collector
printf '%s\\n' "${COMPREPLY[@]}"
"""


def complete(*words: str) -> list[str]:
    """What bash offers for the last word; words are split as readline splits them."""
    command = ["bash", "-c", COMPLETE, "bash", PROGRAM, "aws-benchmark-collector", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["disc"], ["discover"]),
        (["discover", ""], ["instances", "infrastructure", "amis", "prices"]),
        (["discover", "in"], ["instances", "infrastructure"]),
        (["run", "--max-c"], ["--max-concurrency"]),
        (["run", "--address", ""], ["auto", "public", "private"]),
        (["run", "--address", "=", "pu"], ["public"]),
        (["run", "-o", "j"], ["json"]),
        (["help", "di"], ["discover"]),
        (["validate", "READ"], ["README.md"]),
        (["process", "READ"], ["README.md"]),
        (["discover", "instances", "--output", "="], ["table", "json", "csv"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["run", "--region", ""], []),
        (["run", "nonsense"], []),
    ],
)
def test_bash_completes(words, offered):
    assert complete(*words) == offered


def test_bash_completes_files_for_paths(tmp_path):
    (tmp_path / "results").mkdir()
    assert complete("run", "--output-dir", f"{tmp_path}/res") == [f"{tmp_path}/results"]


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_the_manual_page_is_clean_troff():
    page = subprocess.run([PROGRAM, "help", "--man"], capture_output=True, check=True).stdout
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8"], input=page, capture_output=True, check=True)
    assert done.stderr == b""
    assert b"--max-concurrency" in re.sub(rb"\x1b\[[0-9;]*m|.\x08", b"", done.stdout)


def test_a_reader_that_goes_away_is_no_error():
    process = subprocess.Popen([PROGRAM, "help", "--man"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=10) == 0


def test_data_that_cannot_be_written_is_an_error():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, "version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "stdout could not be written" in done.stderr


def run_in_terminal(collector, rows: int, columns: int, *arguments: str) -> tuple[int, str]:
    """The exit code, and what the program wrote to a terminal of that size."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        [PROGRAM, *arguments],
        cwd=collector.home,
        env=collector.environment | {"TERM": "xterm"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    written = b""
    try:
        while chunk := os.read(master, 65536):
            written += chunk
    except OSError:  # the terminal's other side is closed
        pass
    os.close(master)
    return process.wait(timeout=10), written.decode().replace("\r\n", "\n")


def test_a_terminal_shows_a_live_table_that_fits(collector):
    code, written = run_in_terminal(collector, 12, 80, "run", "--instance-types", "m7i.large,c7i.large", *QUICK)
    assert code == 0, written
    frames = re.findall(r"\x1b\[\?7l(.*?)\x1b\[\?7h", written, re.DOTALL)
    assert written.count("\x1b[?7l") == written.count("\x1b[?7h") == len(frames) > 3
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", frame) for frame in frames]
    assert any("booting" in frame for frame in plain)
    assert any("measuring stream" in frame for frame in plain)
    assert max(len(line) for frame in plain for line in frame.splitlines()) <= 80
    assert "2 jobs: 2 done in 0:" in written.split("\x1b[J")[-1]


def test_no_colour_where_it_is_not_wanted(collector):
    collector.environment["NO_COLOR"] = "1"
    _, written = run_in_terminal(collector, 12, 80, "run", "--instance-types", "m7i.large", *QUICK)
    assert not re.search(r"\x1b\[[0-9;]*m", written)


def test_quiet_says_nothing_on_a_run_that_goes_well(collector):
    done = collector("run", "--instance-types", "m7i.large", "--quiet", *QUICK)
    assert (done.code, done.err) == (0, "")
    assert "m7i.large" in done.out


def test_progress_as_json_is_json_alone(collector):
    done = collector("run", "--instance-types", "m7i.large", "--progress", "json", *QUICK)
    events = [json.loads(line) for line in done.err.splitlines()]
    states = [event["state"] for event in events if event["event"] == "state"]
    assert states[0] == "intent"
    assert states[-1] == "terminated"
    assert any(event["event"] == "progress" and event["suite"] == "stream" for event in events)


def test_an_endpoint_can_be_named_on_the_command_line(collector):
    url = collector.environment["AWS_ENDPOINT_URL"]
    nobody = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    done = collector("discover", "infrastructure", "--output", "json", "--endpoint-url", url, environment=nobody)
    assert done.code == 0, done.err
