"""Whatever lies among the results: it is named with its reason, the rest is processed, and the exit code is 1."""

import json
import os
import shutil

import pytest

from data_program import RESULTS, collector, documents, seal  # noqa: F401 (fixtures)


@pytest.fixture
def raw(tmp_path):
    """A directory with sound results, to which a test adds what is not."""
    shutil.copytree(RESULTS, tmp_path / "raw/results")
    return tmp_path / "raw"


@pytest.fixture
def judge(collector, tmp_path, raw):
    """Holds the directory to `validate` and to `process`, which must both name just these files."""

    def run(files: list[str], rule: str) -> list[str]:
        validated = collector("validate", "--output", "json", "raw")
        processed = collector("process", "raw", "--output-dir", "out", "--output", "json")
        findings, refused = validated.json()["findings"], processed.json()["refused"]
        assert (validated.code, processed.code) == (1, 1)
        assert sorted({finding["file"] for finding in findings}) == files
        assert sorted(each["file"] for each in refused) == files
        assert {finding["rule"] for finding in findings} == {rule}
        assert processed.json()["used"] == 6
        memory = json.loads((tmp_path / "out/latest/memory-benchmarks.json").read_text())
        assert sorted(memory["instances"]) == ["c7g.large", "m7i.large"]
        return [finding["message"] for finding in findings] + [each["reason"] for each in refused]

    return run


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "json"),
        (b"{", "json"),
        (b"{}{}", "json"),
        (b"\xff\xfe\x00{}", "json"),
        (b'{"schema_version": "1.0.\xc3\x28"}', "json"),
        (b'{"metadata": 1, "metadata": 2}', "json"),
        (b"[" * 100_000, "json"),
        (b'{"metadata":' * 65 + b"1" + b"}" * 65, "json"),
        (b'{"schema_version": "1.0.0"}', "schema"),
    ],
)
def test_what_is_no_result(raw, judge, data, rule):
    (raw / "bad.json").write_bytes(data)
    assert all(judge(["raw/bad.json"], rule))


@pytest.mark.parametrize("text", ["[]", "null", "\ufeff{}", '"' + "x" * 5_000_000 + '"', '{"name": "other"}'])
def test_json_of_another_kind_is_no_result(collector, raw, text):
    (raw / "other.json").write_text(text)
    done = collector("process", "raw", "--output-dir", "out", "--output", "json")
    assert done.code == 1 and done.json()["used"] == 6
    assert [each["file"] for each in done.json()["refused"]] == ["raw/other.json"]


def test_every_beginning_of_a_result_is_not_one(collector, tmp_path):
    text = next(RESULTS.rglob("*.json")).read_bytes()
    lengths = range(1, len(text) - 1, 97)
    for length in lengths:
        (tmp_path / f"{length}.json").write_bytes(text[:length])
    report = collector("validate", "--output", "json", tmp_path).json()
    assert report["files"] == len(lengths)
    assert {finding["file"] for finding in report["findings"]} == {str(tmp_path / f"{n}.json") for n in lengths}


def test_a_file_of_a_gigabyte_is_not_read(raw, judge):
    with open(raw / "large.json", "wb") as file:
        file.truncate(1 << 30)
    assert all("larger than" in text for text in judge(["raw/large.json"], "readable"))


def test_another_version_is_said_to_be_one(raw, judge, documents):
    documents[0]["schema_version"] = "2.0.0"
    (raw / "later.json").write_text(seal(documents[0]))
    for text in judge(["raw/later.json"], "schema"):
        assert "is version 2.0.0, this program reads 1.0.0" in text


def test_links_out_of_the_tree(raw, judge, tmp_path):
    shutil.copytree(RESULTS, tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", raw / "link")
    os.symlink(next((tmp_path / "elsewhere").rglob("*.json")), raw / "link.json")
    os.symlink("/etc/passwd", raw / "secret.json")
    os.symlink(raw / "results", raw / "within")
    texts = judge(["raw/link", "raw/link.json", "raw/secret.json"], "readable")
    assert all("a symbolic link that leads out of the directory" in text for text in texts)


def test_two_documents_of_one_measurement(raw, judge, documents):
    documents[0]["execution_context"]["duration_seconds"] += 1
    (raw / "second.json").write_text(seal(documents[0]))
    judge(["raw/second.json"], "duplicate")


def in_go(instance_type: str, layout: str, **stream: float) -> dict:
    """A result as the older program in Go wrote it, with the faults that its results had."""
    measured = {"stream": {name: {"bandwidth": value, "unit": "GB/s"} for name, value in stream.items()}}
    if layout == "performance_data":
        return {
            "metadata": {"instance_type": instance_type, "benchmark_suite": "stream"},
            "performance_data": measured | {"metadata": {"instanceType": instance_type}},
            "system_info": {"architecture": "x86_64"},
        }
    return {
        "schema_version": "1.0.0",
        "metadata": {"instanceType": instance_type, "processorArchitecture": "graviton"},
        "performance": {"memory": measured},
        "system_info": {"architecture": "graviton"},
        "validation": {"reproducibility": {"confidence": 1, "runs": 1}},
    }


def test_results_of_the_older_program_are_held_to_sense(collector, tmp_path):
    folder = tmp_path / "go"
    folder.mkdir()
    canned = {"copy": 45.2, "scale": 44.8, "add": 42.1, "triad": 41.9}
    files = {
        "a": in_go("m7i.large", "performance_data", **canned),
        "b": in_go("m7i.large", "performance_data", **canned),
        "c": in_go("c7a.large", "performance_data", **canned),
        "d": in_go("m7i.large", "performance", copy=13.3, scale=13.4, add=13.5, triad=13.6),
        "e": in_go("c7g.large", "performance_data", copy=50.1, triad=-1),
        "f": {"metadata": {"instance_type": "m7i.large"}, "performance_data": {"cache": {
            "memory": {"latency": 0.73, "unit": "ns"}}}},
    }
    for name, document in files.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    done = collector("validate", "--output", "json", "go")
    found = [(finding["file"].removeprefix("go/"), finding["rule"]) for finding in done.json()["findings"]]
    assert done.code == 1 and done.json()["files"] == len(files)
    assert found == [
        ("c.json", "copied"),
        ("d.json", "architecture"),
        ("d.json", "architecture"),
        ("d.json", "statistics"),
        ("e.json", "architecture"),
        ("e.json", "plausibility"),
        ("f.json", "plausibility"),
    ]
    assert collector("validate", "go/a.json").code == 0
    refused = collector("process", "go", "--output-dir", "out", "--output", "json").json()["refused"]
    assert {each["reason"] for each in refused} == {"schema: the document is a result of another program"}
