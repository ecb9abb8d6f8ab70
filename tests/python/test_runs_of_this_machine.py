"""status and logs on journals that were written before: what they show, and what they refuse."""

import csv
import fcntl
import io
import json

import pytest

from data_program import collector  # noqa: F401 (fixture)

RUN = "20261121T102613Z-m0ziqf"
OTHER = "20261121T102700Z-k3x9qd"
GROUP = "sg-b87cb9d0a84d435a5"
MACHINE = "i-738dd3d531cebbf5d"


def key(run: str, instance_type: str) -> str:
    place = f"region=us-east-1/instance_type={instance_type}/suite=stream/date=2026-11-21"
    return f"results/v1.0/{place}/{run}-1-939f10fa71c3.json"


def header(run: str, **more) -> dict:
    return {
        "record": "run", "run_id": run, "region": "us-east-1", "endpoint": "https://ec2.us-east-1.amazonaws.com",
        "account": "123456789012", "version": "0.1.0", "collection_method": "automated", "bucket": "my-results",
        "output_dir": "/home/me/results", "first_job": 0, "arguments": ["--iterations=1"],
        "instance_types": ["m7i.large", "c7g.large"],
    } | more


def begun(run: str) -> list[dict]:
    """Two machines are launched; the first has a result that is in the bucket, the second has failed."""
    digest = "939f10fa71c3" + "0" * 52
    group = {"record": "resource", "kind": "security_group"}
    request = "Action=RunInstances&ClientToken=t&UserData=c2VjcmV0&ImageId=ami-1"
    return [
        header(run),
        group | {"id": run, "what": "to be made"},
        group | {"id": GROUP, "what": "made"},
        {"record": "intent", "job": 0, "token": f"{run}-0-a", "request": request},
        {"record": "launched", "job": 0, "token": f"{run}-0-a", "instance_id": MACHINE},
        {"record": "intent", "job": 1, "token": f"{run}-1-a", "request": request},
        {"record": "not_launched", "job": 1, "token": f"{run}-1-a", "reason": "no capacity"},
        {"record": "state", "job": 1, "state": "failed", "detail": "no capacity\x1b[31m anywhere"},
        {"record": "measured", "job": 0, "key": key(run, "m7i.large"), "sha256": digest},
        {"record": "stored", "job": 0, "key": key(run, "m7i.large"), "sha256": digest},
        {"record": "state", "job": 0, "state": "stored", "detail": "output directory and bucket"},
    ]


def ended(run: str) -> list[dict]:
    digest = "939f10fa71c3" + "0" * 52
    return [
        {"record": "sent", "job": 0, "key": key(run, "m7i.large"), "sha256": digest},
        {"record": "terminated", "job": 0, "instance_id": MACHINE},
        {"record": "state", "job": 0, "state": "terminated", "detail": MACHINE},
        {"record": "resource", "kind": "security_group", "id": GROUP, "what": "removed"},
        {"record": "end", "exit_code": 1},
    ]


def write(tmp_path, run: str, records: list[dict], rest: str = ""):
    """The journal of a run, a record a second."""
    path = tmp_path / "state/runs" / run / "journal.ndjson"
    path.parent.mkdir(parents=True)
    lines = [json.dumps({"time": f"2026-11-21T10:26:{second:02}Z"} | record) for second, record in enumerate(records)]
    path.write_text("".join(line + "\n" for line in lines) + rest)
    return path


@pytest.fixture
def status(collector):  # noqa: F811
    return lambda *words: collector("status", *words, "--state-dir", "state")


@pytest.fixture
def logs(collector):  # noqa: F811
    return lambda *words: collector("logs", *words, "--state-dir", "state")


def test_without_runs_that_is_said(status):
    for words, out in (([], ""), (["--output", "json"], "[]")):
        done = status(*words)
        assert (done.code, done.out.strip()) == (0, out)
        assert "no runs yet" in done.err


def test_a_run_that_has_ended_is_settled(status, tmp_path):
    write(tmp_path, RUN, begun(RUN) + ended(RUN))
    (row,) = status("--output", "json").json()
    assert (row["run_id"], row["state"], row["open"], row["exit_code"]) == (RUN, "settled", [], 1)
    assert (row["started"], row["seconds"]) == ("2026-11-21T10:26:00Z", 15)
    assert {state: n for state, n in row["job_counts"].items() if n} == {"total": 2, "terminated": 1, "failed": 1}
    assert row["results"] == {"measured": 1, "stored": 1, "sent": 1}
    done = status()
    assert "settled" in done.out and "0:15" in done.out and "1 failed, 1 terminated" in done.out
    assert "1 stored, 1 sent" in done.out and "unfinished" not in done.err


def test_what_is_open_of_a_run_that_was_cut_off_is_named(status, tmp_path):
    write(tmp_path, RUN, begun(RUN))
    (row,) = status("--output", "json").json()
    assert (row["state"], row["exit_code"]) == ("unfinished", None)
    assert row["open"] == ["1 instance not confirmed as terminated", "1 security group", "1 result not in the bucket"]
    assert "run --resume" in status().err


def test_a_job_that_nobody_is_at_work_on_any_more_is_cut_off(status, tmp_path):
    path = write(tmp_path, RUN, begun(RUN))
    with path.open() as journal:
        fcntl.flock(journal, fcntl.LOCK_EX)
        live = status(RUN, "--output", "json").json()[0]
    cut = status(RUN, "--output", "json").json()[0]
    assert [run["jobs"][0]["state"] for run in (live, cut)] == ["stored", "cut_off"]
    assert cut["jobs"][0]["reached"] == "stored" and cut["job_counts"]["cut_off"] == 1
    assert "1 cut off, 1 failed" in status().out


@pytest.mark.parametrize(
    ("records", "rest", "said"),
    [
        (begun(RUN)[:4], "", "1 launch without an answer"),
        (begun(RUN) + ended(RUN), "nonsense\n", "journal damaged, line 17"),
        (begun(RUN)[:9], "", "1 result that may not be on disk"),
    ],
)
def test_what_is_not_known_is_open(status, tmp_path, records, rest, said):
    write(tmp_path, RUN, records, rest)
    (row,) = status("--output", "json").json()
    assert row["state"] == "unfinished"
    assert any(said in text for text in row["open"]), row["open"]


def test_a_cut_last_line_is_no_damage(status, logs, tmp_path):
    write(tmp_path, RUN, begun(RUN) + ended(RUN), '{"record":"en')
    assert status("--output", "json").json()[0]["state"] == "settled"
    done = logs(RUN)
    assert done.code == 0 and "last line has no end" in done.err


def test_a_run_that_somebody_is_at_work_on_is_live(status, tmp_path):
    path = write(tmp_path, RUN, begun(RUN))
    with path.open() as journal:
        fcntl.flock(journal, fcntl.LOCK_EX)
        (row,) = status("--output", "json").json()
    assert row["state"] == "live" and row["open"][0] == "1 instance"


def test_runs_are_listed_newest_first_up_to_a_limit(status, tmp_path):
    for run in (RUN, OTHER):
        write(tmp_path, run, begun(run) + ended(run))
    assert [row["run_id"] for row in status("--output", "json").json()] == [OTHER, RUN]
    done = status("--limit", "1")
    assert OTHER in done.out and RUN not in done.out and "not shown (--limit): 1" in done.err
    rows = list(csv.DictReader(io.StringIO(status("--output", "csv").out)))
    assert [row["run_id"] for row in rows] == [OTHER, RUN] and rows[0]["job_counts.failed"] == "1"


def test_a_named_run_shows_its_jobs(status, tmp_path):
    write(tmp_path, RUN, begun(RUN) + ended(RUN))
    (run,) = status("m0z", "--output", "json").json()
    first, second = run["jobs"]
    assert (first["instance_type"], first["state"], first["instance_id"]) == ("m7i.large", "terminated", MACHINE)
    assert first["since"] == "2026-11-21T10:26:13Z" and first["results"]["sent"] == 1 and first["error"] is None
    assert second["state"] == "failed" and second["error"].startswith("no capacity") and second["instance_id"] is None
    table = status(RUN).out
    assert "no capacity" in table and "\x1b" not in table
    rows = list(csv.DictReader(io.StringIO(status(RUN, "--output", "csv").out)))
    assert [(row["job"], row["state"]) for row in rows] == [("0", "terminated"), ("1", "failed")]


def test_a_run_that_is_not_known_is_a_usage_error(status, logs, tmp_path):
    write(tmp_path, RUN, begun(RUN))
    write(tmp_path, OTHER, begun(OTHER))
    for command in (status, logs):
        for word, said in (
            (RUN[:-1] + "g", f"did you mean '{RUN}'?"),
            ("2026", "give more of its id"),
            ("../../..", "there is no run"),
            ("x" * 5000, "there is no run"),
        ):
            done = command(word)
            assert done.code == 2 and said in done.err and done.out == "", done.err


def test_logs_are_the_events_in_order(logs, tmp_path):
    write(tmp_path, RUN, begun(RUN) + ended(RUN))
    done = logs("m0z")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("2026-11-21T10:26:00Z  run") and "m7i.large, c7g.large" in lines[0]
    assert lines[4] == f"2026-11-21T10:26:04Z  0 m7i.large     launched: {MACHINE}"
    assert lines[-1].endswith("ended with exit code 1")
    assert "\x1b" not in done.out and "UserData" not in done.out
    relative = logs("m0z", "--times", "relative").out.splitlines()
    assert relative[4] == f"    0:04  0 m7i.large     launched: {MACHINE}"


def test_logs_of_one_job(logs, tmp_path):
    write(tmp_path, RUN, begun(RUN) + ended(RUN))
    by_number = logs(RUN, "--job", "1").out
    assert by_number.count("\n") == 3 and all(" 1 c7g.large " in line for line in by_number.splitlines())
    assert logs(RUN, "--instance-type", "c7*").out == by_number
    for words, said in (
        (["--job", "2"], "no job 2"),
        (["--job", "-1"], "--job"),
        (["--job", "one"], "--job"),
        (["--instance-type", "m7i"], "no job of type 'm7i'"),
        (["--follow", "--output", "csv"], "--follow"),
    ):
        done = logs(RUN, *words)
        assert done.code == 2 and said in done.err, done.err


def test_logs_for_a_program_are_the_records_without_user_data(logs, tmp_path):
    write(tmp_path, RUN, begun(RUN) + ended(RUN))
    records = [json.loads(line) for line in logs(RUN, "--output", "json").out.splitlines()]
    assert [record["record"] for record in records] == [record["record"] for record in begun(RUN) + ended(RUN)]
    assert records[3]["request"] == "Action=RunInstances&ClientToken=t&ImageId=ami-1"
    rows = list(csv.DictReader(io.StringIO(logs(RUN, "--output", "csv").out)))
    assert len(rows) == len(records) and rows[4]["text"] == f"launched: {MACHINE}"


def test_damaged_lines_are_named_and_the_others_shown(logs, tmp_path):
    records = begun(RUN)
    path = write(tmp_path, RUN, records)
    lines = path.read_text().splitlines(keepends=True)
    lines[3:4] = ['{"record":"intent","job":99,"token":"t"}\n', "\x1b[2Jnonsense\n", "\x00\xff\n"]
    path.write_text("".join(lines), encoding="latin-1")
    done = logs(RUN)
    assert done.code == 0 and done.out.count("launch begun") == 1
    assert "line 5" in done.err and "line 6" in done.err and "\x1b" not in done.out + done.err
