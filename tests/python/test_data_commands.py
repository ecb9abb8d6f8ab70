"""process and validate on directories: what enters, what is named, what is published."""

import hashlib
import json
import shutil
import subprocess

import pytest

from data_program import PROGRAM, RESULTS, ROOT, collector, documents, seal  # noqa: F401 (fixtures)


def read_latest(folder, name="memory-benchmarks") -> dict:
    return json.loads((folder / "latest" / f"{name}.json").read_text())


def test_the_digest_is_that_of_the_file_with_zeros_in_its_place():
    for path in RESULTS.rglob("*.json"):
        text = path.read_text()
        digest = json.loads(text)["integrity"]["sha256"]
        assert hashlib.sha256(text.replace(digest, "0" * 64).encode()).hexdigest() == digest
        assert path.stem.endswith("-" + digest[:12])


def test_processing_twice_gives_the_same_bytes(collector, tmp_path):
    for folder in ("one", "two"):
        assert collector("process", RESULTS, "--output-dir", folder).code == 0
    for name in ("memory-benchmarks", "cpu-benchmarks", "price-performance", "instance-rankings", "metadata"):
        one, two = (tmp_path / folder / f"latest/{name}.json" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
    assert sorted(read_latest(tmp_path / "one")["instances"]) == ["c7g.large", "m7i.large"]


def test_an_edited_number_is_found_by_its_digest(collector, tmp_path, documents):
    document = documents[0]
    text = seal(document)
    (tmp_path / "good.json").write_text(text)
    (tmp_path / "edited.json").write_text(text.replace("us-east-1", "us-east-2"))
    assert collector("validate", "good.json").code == 0
    done = collector("validate", "--output", "json", "edited.json")
    assert done.code == 1
    assert [finding["rule"] for finding in done.json()["findings"]] == ["checksum"]


def test_a_number_that_its_samples_do_not_give_is_found_under_any_seal(collector, tmp_path, documents):
    document = next(each for each in documents if each["metadata"]["benchmark_suite"] == "stream")
    document["performance_data"]["stream"]["triad"]["bandwidth"] = 999
    (tmp_path / "raised.json").write_text(seal(document))
    findings = collector("validate", "--output", "json", "raised.json").json()["findings"]
    assert [finding["rule"] for finding in findings] == ["statistics"]


@pytest.mark.parametrize(
    ("instance_type", "family"), [("m8g.large", "m8g"), ("a1.large", "a1"), ("im4gn.large", "im4gn")]
)
def test_an_arm_type_with_an_x86_result_is_found(collector, tmp_path, documents, instance_type, family):
    document = next(each for each in documents if each["metadata"]["instance_type"] == "m7i.large")
    document["metadata"]["instance_type"] = instance_type
    document["system_info"]["instance_family"] = family
    (tmp_path / "wrong.json").write_text(seal(document))
    findings = collector("validate", "--output", "json", "wrong.json").json()["findings"]
    assert [finding["rule"] for finding in findings] == ["architecture"]


def test_numbers_of_another_type_are_found_and_not_published(collector, tmp_path, documents):
    shutil.copytree(RESULTS, tmp_path / "raw/results")
    document = next(each for each in documents if each["metadata"]["instance_type"] == "m7i.large")
    document["metadata"]["instance_type"] = "m7i.xlarge"
    (tmp_path / "raw/zz.json").write_text(seal(document))
    (finding,) = collector("validate", "--output", "json", "raw").json()["findings"]
    assert (finding["file"], finding["rule"]) == ("raw/zz.json", "copied")
    assert "instance_type=m7i.large" in finding["message"]
    done = collector("process", "raw", "--output-dir", "out", "--output", "json")
    assert done.code == 1 and done.json()["used"] == 6
    (refused,) = done.json()["refused"]
    assert refused["file"] == "raw/zz.json" and refused["reason"].startswith("copied: ")


def test_states_out_of_order_are_found(collector, tmp_path, documents):
    document = documents[0]
    document["execution_context"]["timing"]["launched"] = "2026-11-20T16:00:00.000Z"
    (tmp_path / "late.json").write_text(seal(document))
    findings = collector("validate", "--output", "json", "late.json").json()["findings"]
    assert [finding["rule"] for finding in findings] == ["timing"]


def test_a_sandbox_result_enters_only_by_name_and_under_a_notice(collector, tmp_path, documents):
    (tmp_path / "raw").mkdir()
    for number, document in enumerate(documents):
        document["metadata"]["collection_method"] = "sandbox"
        (tmp_path / f"raw/{number}.json").write_text(seal(document))
    assert collector("process", "raw", "--output-dir", "out").code == 0
    assert read_latest(tmp_path / "out")["instances"] == {}
    assert read_latest(tmp_path / "out", "metadata")["results"] == {"used": 0, "leftOut": {"sandbox": 6}}
    assert collector("process", "raw", "--output-dir", "out", "--include", "sandbox").code == 0
    with_them = read_latest(tmp_path / "out")
    assert len(with_them["instances"]) == 2
    assert next(iter(with_them)) == "notice" and "sandbox" in with_them["notice"]


def test_two_documents_of_one_measurement_do_not_both_count(collector, tmp_path, documents):
    (tmp_path / "raw").mkdir()
    document = documents[0]
    (tmp_path / "raw/a.json").write_text(seal(document))
    shutil.copy(tmp_path / "raw/a.json", tmp_path / "raw/b.json")
    document["execution_context"]["duration_seconds"] += 1
    (tmp_path / "raw/c.json").write_text(seal(document))
    done = collector("process", "raw", "--output-dir", "out", "--output", "json")
    assert done.code == 1
    report = done.json()
    assert (report["used"], report["left_out"]) == (1, 1)
    assert report["refused"][0]["file"] == "raw/c.json"
    (finding,) = collector("validate", "raw", "--output", "json").json()["findings"]
    assert (finding["file"], finding["rule"]) == ("raw/c.json", "duplicate")
    assert "raw/a.json" in finding["message"]


def test_nothing_but_unsound_files_leaves_what_was_published(collector, tmp_path):
    assert collector("process", RESULTS, "--output-dir", "out").code == 0
    before = (tmp_path / "out/latest/memory-benchmarks.json").read_bytes()
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/bad.json").write_text("{}")
    done = collector("process", "raw", "--output-dir", "out")
    assert done.code == 1 and "as they were" in done.err
    assert (tmp_path / "out/latest/memory-benchmarks.json").read_bytes() == before


def test_a_source_that_is_not_there_is_a_usage_error(collector, tmp_path):
    done = collector("process", "nowhere", "--output-dir", "out")
    assert done.code == 2 and "nowhere" in done.err
    assert not (tmp_path / "out").exists()


def test_validate_says_by_its_exit_code_what_it_found(collector, tmp_path):
    assert collector("validate", RESULTS).code == 0
    (tmp_path / "bad.json").write_text("{}")
    assert collector("validate", "bad.json").code == 1
    assert collector("validate", "nowhere.json").code == 2
    (tmp_path / "empty").mkdir()
    assert collector("validate", "empty").code == 2


def test_json_of_another_kind_in_a_directory_is_left_out_and_counted(collector, tmp_path):
    shutil.copytree(RESULTS, tmp_path / "all")
    shutil.copytree(ROOT / "data/schemas", tmp_path / "all/schemas")
    (tmp_path / "all/package.json").write_text('{"name": "other"}')
    done = collector("validate", "all", "--verbose", "--output", "json")
    assert done.code == 0 and done.json() == {"files": 6, "findings": []}
    schemas = len(list((tmp_path / "all/schemas").rglob("*.json")))
    done = collector("validate", "all", "--verbose")
    assert done.err.count("left out: ") == schemas + 1 and f"of another kind: {schemas + 1}" in done.err
    only = collector("validate", "all/schemas")
    assert only.code == 2 and "neither a result nor a processed file" in only.err


def test_what_is_named_or_lies_among_results_is_judged_whatever_it_is(collector, tmp_path):
    (tmp_path / "manifest.json").write_text('{"name": "other"}')
    place = tmp_path / "raw/results/v1.0/region=us-east-1"
    place.mkdir(parents=True)
    shutil.copy(tmp_path / "manifest.json", place)
    for word in ("manifest.json", "raw"):
        (finding,) = collector("validate", word, "--output", "json").json()["findings"]
        assert finding["rule"] == "schema" and "neither a result" in finding["message"]
    for member in ("$schema", "properties"):
        result = json.loads(next(RESULTS.rglob("*.json")).read_text()) | {member: "x"}
        (tmp_path / "odd").mkdir(exist_ok=True)
        (tmp_path / "odd/result.json").write_text(json.dumps(result))
        assert collector("validate", "odd").code == 1, "a result that pretends to be a schema is no schema"


def test_validate_does_not_read_s3(collector):
    done = collector("validate", "s3://bucket/there")
    assert done.code == 2 and "aws s3 sync s3://bucket/there" in done.err


def test_process_says_where_it_wrote_and_what_would_have_entered(collector, tmp_path, documents):
    (tmp_path / "raw").mkdir()
    for number, document in enumerate(documents):
        document["metadata"]["collection_method"] = "sandbox"
        (tmp_path / f"raw/{number}.json").write_text(seal(document))
    done = collector("process", "raw", "--output-dir", "out")
    assert "written: out/latest" in done.err and "--include sandbox" in done.err and "local" not in done.err
    done = collector("process", "raw", "--output-dir", "out", "--include", "sandbox")
    assert "written: out/latest" in done.err and "--include" not in done.err


def test_a_full_disk_leaves_the_published_files(tmp_path):
    script = f"""
        mkdir -p out/latest && mount -t tmpfs -o size=8k none out/latest || exit 99
        trap 'umount out/latest' EXIT
        echo old > out/latest/memory-benchmarks.json
        {PROGRAM} process {RESULTS} --output-dir out
        code=$?
        ls -A out/latest && cat out/latest/memory-benchmarks.json
        exit $code"""
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 3, done.stderr
    assert done.stdout == "memory-benchmarks.json\nold\n"
    assert "No space left on device" in done.stderr


def test_an_output_directory_that_can_not_be_made_is_said(collector):
    done = collector("process", RESULTS, "--output-dir", "/dev/null/out")
    assert done.code == 3 and "/dev/null/out" in done.err
