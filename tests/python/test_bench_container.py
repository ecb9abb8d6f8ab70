"""What `make bench-container` reads from its peers and computes from it. Their outputs below have the form of what they
print, cut to the lines that matter."""

import json
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import container, container_figures, figures, ours, peers  # noqa: E402
from bench.container_figures import Comparison, Readings, compare, peak  # noqa: E402
from bench.peers import NoFigure  # noqa: E402

STREAM = """
Function    Best Rate MB/s  Avg time     Min time     Max time
Copy:           40000.0     0.030000     0.027000     0.031000
Scale:          27500.5     0.040000     0.040000     0.041000
Add:            30504.3     0.050000     0.050000     0.060000
Triad:          30008.4     0.060000     0.051000     0.069000
Solution Validates: avg error less than 1.000000e-13 on all three arrays
"""
LIKWID = """
LIKWID MICRO BENCHMARK
Test: stream_mem_avx_fma
Time:\t\t\t1.407692e-02 sec
Number of Flops:\t15999936
MFlops/s:\t\t1136.61
MByte/s:\t\t13639.29
Cycles per update:\t4.568160
"""
LIKWID_COPY = LIKWID.replace("15999936", "0").replace("1136.61", "0.00")
MEMBENCH = """size_kb,operation,bandwidth_mb_s,latency_ns,latency_stddev_ns,latency_samples,threads,iterations,elapsed_s
16,read,33669.87,0,0,0,1,608271,0.282277
16,latency,0,3.21,29.41,21,1,21,4.371942
"""
OPENBLAS = "core Cooperlake\ngflops 47.5\ngflops 40.25\ngflops 48\n"
HPCC = "HPL_Tflops=0.0625\nStarDGEMM_Gflops=50.5\nStarSTREAM_Triad=12.25\nSuccess=1\n"


def test_stream_gives_the_best_rate_and_the_average_one():
    found = peers.parse_stream(STREAM)
    assert found["copy"] == pytest.approx(40.0)
    assert found["copy.average"] == pytest.approx(40.0 * 27 / 30)
    assert found["scale"] == found["scale.average"] == pytest.approx(27.5005)
    assert found["triad.average"] == pytest.approx(30.0084 * 51 / 60)
    assert len(found) == 8


def test_likwid_gives_gflops_only_where_the_kernel_computes():
    assert peers.parse_likwid(LIKWID) == pytest.approx({"bandwidth": 13.63929, "gflops": 1.13661})
    assert peers.parse_likwid(LIKWID_COPY) == pytest.approx({"bandwidth": 13.63929})


def test_membench_counts_in_mib():
    assert peers.parse_membench(MEMBENCH, "read") == pytest.approx(33669.87 * 1048576 / 1e9)
    assert peers.parse_membench(MEMBENCH, "latency") == pytest.approx(3.21)


def test_the_others_are_read():
    assert peers.parse_multichase(" 1.955\n") == pytest.approx(1.955)
    assert peers.parse_openblas(OPENBLAS) == pytest.approx(47.5)
    assert peers.parse_hpcc(HPCC) == pytest.approx({"hpl": 62.5, "dgemm": 50.5})


@pytest.mark.parametrize(
    ("parse", "text", "says"),
    [
        (peers.parse_stream, "", "solution validates"),
        (peers.parse_stream, STREAM.replace("Solution Validates", "Failed Validation"), "solution validates"),
        (peers.parse_stream, STREAM.replace("Add:", "Sub:"), "no line for add"),
        (peers.parse_stream, STREAM.replace("40000.0", "inf"), "copy is 'inf'"),
        (peers.parse_stream, STREAM.replace("0.051000", "0.000000"), "triad is '0.000000'"),
        (peers.parse_likwid, "", "no MByte/s"),
        (peers.parse_likwid, LIKWID.replace("13639.29", "nan"), "MByte/s is 'nan'"),
        (peers.parse_likwid, LIKWID.replace("1136.61", "-1"), "MFlops/s is '-1'"),
        (lambda text: peers.parse_membench(text, "read"), "", "no line for read"),
        (lambda text: peers.parse_membench(text, "latency"), MEMBENCH.replace("3.21", "0"), "latency_ns is '0'"),
        (peers.parse_multichase, "usage: multichase", "latency is 'usage"),
        (peers.parse_multichase, "", "latency is ''"),
        (peers.parse_openblas, "core Zen\n", "no rate"),
        (peers.parse_openblas, "gflops fast\n", "gflops is 'fast'"),
        (peers.parse_hpcc, HPCC.replace("Success=1", "Success=0"), "succeeded"),
        (peers.parse_hpcc, HPCC.replace("HPL_Tflops", "HPL_N"), "no HPL_Tflops"),
    ],
)
def test_nonsense_is_named_with_the_peer_that_printed_it(parse, text, says):
    with pytest.raises(NoFigure, match="prints nonsense") as raised:
        parse(text)
    assert says in str(raised.value)


# --- programs that are missing, or end badly --------------------------------------------------------------------------


def program(folder: Path, monkeypatch, text: str) -> peers.Program:
    """A peer of this script, found by PEERS_DIR."""
    path = folder / "some-peer"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PEERS_DIR", str(folder))
    return peers.Program("some-peer", "make some", environment={"OF_THE_PEER": "one"})


def test_peer_comes_from_peers_dir_and_gets_its_environment(tmp_path, monkeypatch):
    peer = program(tmp_path, monkeypatch, 'echo "$OF_THE_PEER $OF_THE_CALL $1"')
    assert peer.run("word", environment={"OF_THE_CALL": "two"}) == "one two word\n"


def test_missing_peer_is_no_peer_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PEERS_DIR", str(tmp_path))
    with pytest.raises(NoFigure, match=r"^no peer: some-peer is missing \(make some\)$"):
        peers.Program("some-peer", "make some").run()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo reason >&2; exit 3", "some-peer ended with exit code 3: reason"),
        ("exit 3", "exit code 3: no word"),
        ("kill -SEGV $$", f"some-peer ended with signal {signal.SIGSEGV.value}"),
    ],
)
def test_peer_that_ends_badly_is_named_with_its_end(tmp_path, monkeypatch, script, says):
    with pytest.raises(NoFigure) as raised:
        program(tmp_path, monkeypatch, script).run()
    assert says in str(raised.value)


def test_peer_that_hangs_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(peers, "LONGEST", 0.2)
    with pytest.raises(NoFigure, match="was not done after"):
        program(tmp_path, monkeypatch, "exec sleep 60").run()


def test_peer_that_is_no_program_is_named(tmp_path, monkeypatch):
    peer = program(tmp_path, monkeypatch, "exit 0")
    (tmp_path / "some-peer").write_bytes(b"\x7fELF and nothing more")
    with pytest.raises(NoFigure, match="some-peer"):
        peer.run()


# --- ratios -----------------------------------------------------------------------------------------------------------


def test_ratio_is_the_median_of_the_turns():
    figure = figures.ratio("x", [10.0, 30.0, 20.0], [10.0, 10.0, 40.0], ">= 1")
    assert figure.value == pytest.approx(1.0)  # the ratio of the medians would be 2
    assert sorted(figure.samples) == pytest.approx([0.5, 1.0, 3.0])
    assert figure.holds is True
    assert figure.as_json() == {
        "value": 1.0, "unit": "ratio", "min": 0.5, "max": 3.0, "wanted": ">= 1", "holds": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "wanted", "holds"),
    [
        (1.029, "within 3 %", True), (0.971, "within 3 %", True), (1.031, "within 3 %", False),
        (0.969, "within 3 %", False), (0.3, "<= 0.3 s", True), (0.31, "<= 0.3 s", False), (1.05, ">= 1.05", True),
    ],
)  # fmt: skip
def test_bars_of_every_kind(value, wanted, holds):
    assert figures.Figure("x", "ratio", [value], wanted).holds is holds


def test_figure_without_samples_holds_nothing_and_says_why():
    figure = figures.ratio("x", [], [], ">= 2", "no peer: some is missing")
    assert figure.value is None and figure.holds is None
    assert figure.as_json() == {
        "value": None, "unit": "ratio", "min": None, "max": None, "wanted": ">= 2", "holds": None,
        "note": "no peer: some is missing",
    }  # fmt: skip
    assert figures.table([figure]).splitlines()[1].split() == ["x", "-", "-", "-", "ratio", ">=", "2", "-"]


def test_ours_is_held_against_the_best_of_the_peers():
    readings = Readings({"own/rate": [4.0, 6.0], "a/rate": [2.0, 2.0], "b/rate": [4.0, 5.0]}, {"c": "no peer: c"})
    best = compare(Comparison("x", "own/rate", ("a/rate", "b/rate"), ">= 1"), readings)
    assert best.value == pytest.approx(1.1)  # the middle of 4 / 4 and 6 / 5
    assert best.note == "the best of 2 is b/rate"
    least = compare(Comparison("x", "own/rate", ("a/rate", "b/rate"), None, min), readings)
    assert least.value == pytest.approx(2.5)
    some = compare(Comparison("x", "own/rate", ("c/rate", "a/rate"), ">= 1"), readings)
    assert some.value == pytest.approx(2.5) and some.note == "no peer: c"
    none = compare(Comparison("x", "own/rate", ("c/rate",), ">= 1"), readings)
    assert none.value is None and none.holds is None and none.note == "no peer: c"


def test_peer_that_ran_once_stands_against_the_last_turn():
    readings = Readings({"own/rate": [1.0, 2.0, 3.0], "a/rate": [1.5]}, {})
    assert compare(Comparison("x", "own/rate", ("a/rate",)), readings).samples == [2.0]


def test_every_comparison_has_a_name_of_its_own():
    names = [comparison.name for comparison in container_figures.COMPARISONS]
    assert len(names) == len(set(names))


def test_peak_is_held_against_lanes_units_and_clock():
    shares = {"avx2": [15.9, 15.8, 16.0], "avx512": [15.2]}
    assert peak("avx2", "AuthenticAMD", 25, shares).value == pytest.approx(15.9 / 16)
    assert peak("avx512", "AuthenticAMD", 25, shares).holds is False  # 15.2 of 16: one unit of 512 bits on Zen 4
    unknown = peak("avx2", "SomeVendor", 1, shares)
    assert unknown.holds is None and "unknown" in unknown.note
    assert peak("avx512", "GenuineIntel", 6, {}).note == "no figure: this CPU has no avx512"


# --- the schedule -----------------------------------------------------------------------------------------------------

PARAMETERS = {
    "array_bytes": 1 << 27, "threads": 2, "widest_interval": 0.008, "dgemm_order": 2000,
    "l1_working_set_bytes": 16384, "l2_working_set_bytes": 524288, "memory_working_set_bytes": 1 << 28,
}  # fmt: skip
SYSTEM = {"cpu_features": ["fma", "avx512f"], "cpu_vendor": "AuthenticAMD", "clock_ghz": 3.0}
METRICS = [comparison.ours.split("/", maxsplit=1)[1] for comparison in container_figures.COMPARISONS] + ["problem_size"]


def pretend_suite(_program, suite, *_parameters) -> ours.Document:
    rows = [{"name": name, "samples": [47.0, 48.0, 49.0]} for name in METRICS]
    return ours.Document(
        {"suite": suite, "metrics": rows, "parameters": PARAMETERS, "system": SYSTEM, "duration_seconds": 8.0}
    )


@pytest.fixture
def pretended(monkeypatch, tmp_path):
    """Our own programs give numbers at once, and the engine is not asked; returns what main is called with."""
    monkeypatch.setattr(ours, "run", pretend_suite)
    monkeypatch.setattr(ours, "latency_alone", lambda *_: (100.0, 0.5))
    monkeypatch.setattr(container, "engine_figures", lambda _: [])
    monkeypatch.delenv("PEERS_DIR", raising=False)
    monkeypatch.setattr(container, "cpu_family", lambda: 25)
    (tmp_path / "image.tar").write_bytes(bytes(1000))
    words = ["bench.container", "--universal", "u", "--image", str(tmp_path / "image.tar"), "--parts", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", [*words, "--output", str(tmp_path / "figures.json")])
    return tmp_path / "figures.json"


def test_every_comparison_has_what_it_compares(pretended, monkeypatch):
    monkeypatch.setattr(peers, "hpcc", lambda *_: {"hpl": 24.0, "dgemm": 24.0})
    monkeypatch.setattr(peers, "stream", lambda *_: peers.parse_stream(STREAM))
    monkeypatch.setattr(peers, "likwid", lambda *_: {"bandwidth": 24.0, "gflops": 24.0})
    for name in ("membench", "multichase", "openblas"):
        monkeypatch.setattr(peers, name, lambda *_: 24.0)
    assert container.main() == 0
    found = json.loads(pretended.read_text())
    assert not [name for name, figure in found.items() if figure["value"] is None]
    assert found["triad_to_likwid"]["value"] == found["dgemm_avx2_to_openblas"]["value"] == 2.0
    assert found["fma_avx2_to_units"]["value"] == 0.5  # 48 / 2 threads / 3 GHz of 16
    assert found["memory_set_seconds"] == {
        "value": 24.0, "unit": "s", "min": 24.0, "max": 24.0, "wanted": "<= 30 s", "holds": True,
    }  # fmt: skip


def test_without_peers_the_figures_say_so_and_the_exit_code_is_0(pretended, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    assert container.main() == 0
    found = json.loads(pretended.read_text())
    for comparison in container_figures.COMPARISONS:
        figure = found[comparison.name]
        assert figure["value"] is None and figure["holds"] is None
        assert figure["note"].startswith("no peer: ")
    assert capsys.readouterr().err.count("likwid-bench is missing (scripts/bootstrap.sh peers)") > 1
    assert found["image_size"]["holds"] is True


def test_program_that_gives_no_result_is_an_error_without_a_file(pretended, monkeypatch, capsys):
    pretended.write_text("old")

    def failing(*_):
        raise ours.NotMeasured("run stream ended with exit code 3: too little memory")

    monkeypatch.setattr(ours, "run", failing)
    assert container.main() == 1
    assert not pretended.exists()
    assert "too little memory" in capsys.readouterr().err
