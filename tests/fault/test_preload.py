"""The library that makes this machine fail does so at the moment that it was told, and at no other."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fault.programs import the_build

WRITER = """
import errno, os, sys
file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
for line in sys.argv[2:]:
    data = (line + "\\n").encode()
    try:
        while data:
            data = data[os.write(file, data):]
        os.fsync(file)
    except OSError as error:
        print(errno.errorcode[error.errno])
"""
"""A program that writes lines, and syncs each."""


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "journal.ndjson"


def under(code, *words, **faults):
    variables = {**os.environ, "LD_PRELOAD": str(the_build().preload), **faults}
    done = subprocess.run([sys.executable, "-c", code, *words], env=variables, capture_output=True, text=True)
    return done.returncode, done.stdout.split()


def write(journal: Path, *lines: str, **faults: str):
    return under(WRITER, str(journal), *lines, **faults)


@pytest.mark.parametrize(
    ("moment", "left"), [("before", "first\n"), ("torn", "first\nsec"), ("after", "first\nsecond\n")]
)
def test_a_kill_at_a_line(journal, moment, left):
    code, _ = write(journal, "first", "second", "third", FAULT_KILL=f"{moment}:1:*second*")
    assert code == -signal.SIGKILL
    assert journal.read_text() == left


def test_a_kill_at_a_later_line_of_a_kind(journal):
    code, _ = write(journal, "one a", "two", "one b", "one c", FAULT_KILL="after:2:one *")
    assert code == -signal.SIGKILL
    assert journal.read_text() == "one a\ntwo\none b\n"


def test_no_kill_where_no_line_is_like_it(journal):
    assert write(journal, "first", FAULT_KILL="after:1:*second*") == (0, [])
    assert journal.read_text() == "first\n"


def test_a_disk_that_fills_up(journal):
    _, said = write(journal, "first", "second", "third", FAULT_DISK="write:ENOSPC:2:0:*/journal.ndjson")
    assert said == ["ENOSPC", "ENOSPC"]
    assert journal.read_text() == "first\nsec"


def test_a_disk_that_has_room_again(journal):
    _, said = write(journal, "first", "second", "third", FAULT_DISK="write:ENOSPC:1:2:*/journal.ndjson")
    assert said == ["ENOSPC"]
    assert journal.read_text() == "firsecond\nthird\n"


def test_a_sync_that_fails(journal):
    assert write(journal, "first", FAULT_DISK="sync:EIO:1:0:*/journal.ndjson") == (0, ["EIO"])


def test_files_of_other_names_are_left_alone(journal):
    assert write(journal, "first", FAULT_DISK="write:ENOSPC:1:0:*/results/*") == (0, [])


def test_a_clock_that_is_off(tmp_path):
    report = tmp_path / "report"
    code = "import time; print(int(time.time()), time.clock_gettime_ns(time.CLOCK_REALTIME) // 10**9)"
    _, said = under(code, FAULT_CLOCK="-3600:0", FAULT_REPORT=str(report))
    assert all(abs(time.time() - 3600 - float(word)) < 30 for word in said) and len(said) == 2
    assert report.read_text() == "the clock was off\n"


def test_a_clock_that_jumps():
    code = "import time; a = time.time(); time.sleep(1); print(time.time() - a)"
    _, (passed,) = under(code, FAULT_CLOCK="3600:0.7")
    assert float(passed) > 3600


def test_short_and_interrupted_calls_lose_nothing(journal, tmp_path):
    lines = [f"line {number} of some length" for number in range(50)]
    report = tmp_path / "report"
    assert write(journal, *lines, FAULT_TRICKLE="7", FAULT_REPORT=str(report)) == (0, [])
    assert report.read_text() == "a call was cut short\n"
    assert journal.read_text().splitlines() == lines
