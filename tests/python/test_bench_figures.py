"""What `make bench` computes from runs, on runs that are made up here."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import figures  # noqa: E402
from bench.runs import Job, Run  # noqa: E402

REACHED = {
    "intent": 1.0, "launched": 1.01, "running": 2.0, "reachable": 4.0, "delivered": 4.5,
    "measured": 14.75, "stored": 14.78, "terminated": 15.75,
}  # fmt: skip


def job(**changes) -> Job:
    return Job("m7i.large", "i-1", REACHED | changes, first_words=4.7, suite_seconds=10.0, answers=3.9)


def some_run(wall: float = 60.0, peak_kib: int = 10240, jobs: int = 5) -> Run:
    return Run(wall, peak_kib, [job() for _ in range(jobs)])


def test_overhead_is_all_but_cloud_transfer_and_suite():
    overhead = figures.overhead_of(job(), state_delay=0.8)
    assert overhead.launch == pytest.approx(0.01)
    assert overhead.reach == pytest.approx(0.1)
    assert overhead.container == pytest.approx(0.25)
    assert overhead.end == pytest.approx(0.2)
    whole = REACHED["terminated"] - REACHED["intent"]
    pending_and_boot = 3.9 - 1.01
    assert overhead.seconds == pytest.approx(whole - pending_and_boot - 0.5 - 10.0 - 0.8)


def test_an_end_that_is_noticed_late_is_overhead():
    late = figures.overhead_of(job(terminated=16.75), state_delay=0.8)
    assert late.seconds == pytest.approx(figures.overhead_of(job(), state_delay=0.8).seconds + 1)


def test_what_the_engine_takes_alone_is_not_the_program_s():
    whole = figures.overhead_of(job(), state_delay=0.8).seconds
    figure = figures.overhead_per_instance(some_run(), 0.8, engine=[0.9, 0.2, 0.1])
    assert figure.samples == pytest.approx([whole - 0.2] * 5)
    assert figures.engine_per_container([0.9, 0.2, 0.1]).value == 0.2


def test_efficiency_compares_with_as_many_walls_as_there_are_instances():
    figure = figures.parallel_efficiency(some_run(100.0), [some_run(25.0), some_run(20.0), some_run(22.0)])
    assert sorted(figure.samples) == pytest.approx([0.8, 100 / 110, 1.0])
    assert figure.value == pytest.approx(100 / 110)
    assert figure.holds is False
    assert figures.parallel_efficiency(some_run(97.0), [some_run(20.0)]).holds is True


def test_memory_is_shared_among_the_workers_beyond_the_first():
    figure = figures.memory_per_worker(some_run(peak_kib=10240), some_run(peak_kib=10240 + 4 * 512, jobs=5))
    assert figure.value == pytest.approx(0.5)
    assert figure.holds is True


def test_a_figure_at_its_bar_is_judged_by_the_sign():
    assert figures.Figure("x", "s", [0.5], "< 0.5 s").holds is False
    assert figures.Figure("x", "ratio", [0.97], ">= 0.97").holds is True
    assert figures.Figure("x", "s", [0.5]).holds is None


def test_suites_at_once_are_those_whose_container_ran_when_one_began():
    run = some_run(jobs=3)
    assert run.most_at_once() == 3
    run.jobs[2].first_words = REACHED["measured"] + 1
    run.jobs[2].reached = REACHED | {"measured": REACHED["measured"] + 2}
    assert run.most_at_once() == 2


def test_the_file_has_the_shape_that_readers_expect(tmp_path):
    image = tmp_path / "universal.tar"
    image.write_bytes(bytes(819200))
    found = [figures.image_size(image), figures.ssh_to_container(some_run())]
    figures.write(found, tmp_path / "bench.json")
    assert json.loads((tmp_path / "bench.json").read_text()) == {
        "image_size": {
            "value": 0.8192, "unit": "MB", "min": 0.8192, "max": 0.8192, "wanted": "< 1.5 MB", "holds": True,
        },
        "ssh_to_container": {"value": 0.7, "unit": "s", "min": 0.7, "max": 0.7, "wanted": None, "holds": None},
    }  # fmt: skip
    lines = figures.table(found).splitlines()
    assert len(lines) == 3 and lines[1].endswith("yes") and lines[2].endswith("-")
