"""The main job: two architectures, three suites, S3, the processed file, the consumer."""

import json
import re
import subprocess

from conftest import PROGRAM, QUICK, ROOT

KEY = re.compile(
    r"results/v1\.0/region=us-east-1/instance_type=(m7i|c7g)\.large/suite=(stream|cache|numa)"
    r"/date=\d{4}-\d\d-\d\d/\d{8}T\d{6}Z-[a-z0-5]{6}-1-[0-9a-f]{12}\.json"
)
TYPES = ["m7i.large", "c7g.large"]
SUITES = ["stream", "cache", "numa"]


def test_two_architectures_are_measured_stored_and_published(collector, cloud):
    before = set(cloud.keys())
    done = collector(
        "run", "--instance-types", ",".join(TYPES), "--suite-options", "max-seconds=2,max-memory=134217728",
        "--s3-bucket", "sandbox-results", "--output", "json", "--verbose", timeout=240,
    )
    assert done.code == 0, done.err
    assert done.err.count("s3 PutObject: status 400 BadDigest") == 1, done.err
    rows = {row["instance_type"]: row for row in done.json()}
    assert [rows[name]["architecture"] for name in TYPES] == ["x86_64", "arm64"]
    assert all(row["triad"]["bandwidth"] > 0 and row["results"] == 3 for row in rows.values())
    keys = set(cloud.keys()) - before
    assert {(match[1] + ".large", match[2]) for match in map(KEY.fullmatch, keys) if match} == {
        (name, suite) for name in TYPES for suite in SUITES
    }
    assert len(keys) == 6
    compare_disk_with_bucket(collector, cloud, keys)
    check_documents(collector, rows)
    publish_and_read(collector)


def compare_disk_with_bucket(collector, cloud, keys):
    for key in keys:
        stored = cloud.client("s3").get_object(Bucket="sandbox-results", Key=key)["Body"].read()
        assert stored == (collector.home / "results" / key).read_bytes()


def check_documents(collector, rows):
    for path in collector.results():
        document = json.loads(path.read_text())
        metadata = document["metadata"]
        assert metadata["collection_method"] == "sandbox"
        assert document["system_info"]["architecture"] == rows[metadata["instance_type"]]["architecture"]
        assert document["execution_context"]["placement"]["availability_zone_id"].startswith("use1-az")
    validated = collector("validate", "--output", "json", "results")
    assert validated.code == 0, validated.out
    assert validated.json() == {"files": 6, "findings": []}


def publish_and_read(collector):
    refused = collector("process", "results", "--output-dir", "public")
    assert refused.code == 0, refused.err
    empty = json.loads((collector.home / "public/latest/memory-benchmarks.json").read_text())
    assert empty["instances"] == {}, "a sandbox result was published without being asked for"
    done = collector("process", "results", "--output-dir", "processed", "--include", "sandbox")
    assert done.code == 0, done.err
    document = json.loads((collector.home / "processed/latest/memory-benchmarks.json").read_text())
    assert set(document["instances"]) == set(TYPES)
    for instance in document["instances"].values():
        read_as_compute_compass(instance)
    assert document["rankings"]["triad_bandwidth"][0].keys() >= {"instanceType", "bandwidth", "architecture"}
    assert document["rankings"]["memory_latency"][0].keys() >= {"instanceType", "latency", "architecture"}
    assert document["summary"]["totalInstances"] == 2
    assert sorted(document["summary"]["architectures"]) == ["graviton", "intel"]
    assert document["summary"]["bestMemoryBandwidth"]["bandwidth"] > 0
    assert document["performance_data"]["stream"]["copy"]["bandwidth"] > 0


def read_as_compute_compass(instance):
    """Every nested field that the consumer reads without a guard."""
    for kernel in ("copy", "scale", "add", "triad"):
        assert instance["stream"][kernel]["bandwidth"] > 0 and instance["stream"][kernel]["unit"] == "GB/s"
    for level in ("l1", "l2", "l3"):
        cache = instance["cache"][level]
        assert cache["unit"] == "cycles|GB/s" and {"latency", "bandwidth"} <= cache.keys()
    assert instance["cache"]["memory"]["latency"] > 0 and instance["cache"]["memory"]["unit"] == "ns"
    assert instance["numa"]["socketCount"] >= 1 and instance["numa"]["localBandwidth"] > 0
    assert {"remoteBandwidth", "interSocketLatency"} <= instance["numa"].keys()


def test_the_document_says_where_it_was_measured(collector, cloud):
    done = collector("run", "--instance-types", "c7g.large", *QUICK)
    assert done.code == 0, done.err
    (path,) = collector.results()
    text = path.read_text()
    document = json.loads(text)
    assert document["metadata"]["instance_type"] == "c7g.large"
    assert document["system_info"]["instance_family"] == "c7g"
    image = document["execution_context"]["image"]
    built = json.loads((ROOT / "build/image/universal.json").read_text())
    assert image["digest"] == built["index"]["digest"]
    assert image["platform_digest"] == built["platforms"]["linux/arm64"]["manifest_digest"]
    for wanted in (r'"i-[0-9a-f]+"', r'"ami-[0-9a-f]+"', r'"us-east-1[a-f]"', r'"sha256:[0-9a-f]{64}"'):
        assert re.search(wanted, text), wanted


def test_the_table_on_a_pipe_has_no_escapes_and_names_the_outcome(collector, cloud):
    done = collector("run", "--instance-types", "m7i.large", *QUICK)
    assert done.code == 0, done.err
    assert "\x1b" not in done.out + done.err
    assert "m7i.large" in done.out and "TRIAD" in done.out and "ok" in done.out
    for state in ("launched", "running", "reachable", "delivered", "measured", "stored", "terminated"):
        assert state in done.err


def test_quiet_says_nothing_but_the_data(collector, cloud):
    done = collector("run", "--instance-types", "m7i.large", "--quiet", "--output", "csv", *QUICK)
    assert done.code == 0
    assert done.err == ""
    assert done.out.startswith("instance_type,architecture,")


def test_a_dry_run_makes_nothing(collector, cloud):
    done = collector("run", "--instance-types", "m7i.large,c7g.large", "--dry-run", "--output", "json")
    assert done.code == 0, done.err
    plan = done.json()
    assert [row["architecture"] for row in plan] == ["x86_64", "arm64"]
    assert plan[0]["ami"] != plan[1]["ami"]
    assert plan[0]["ssh_from"] == "127.0.0.1/32"
    assert "suites: stream, cache, numa" in done.err and "127.0.0.1/32" in done.err
    assert cloud.temporary_groups() == []
    assert not (collector.home / "state").exists() and not (collector.home / "results").exists()


def test_progress_as_json_is_one_object_a_line(collector, cloud):
    done = collector("run", "--instance-types", "m7i.large", "--progress", "json", *QUICK)
    assert done.code == 0, done.err
    events = [json.loads(line) for line in done.err.splitlines()]
    states = [event["state"] for event in events if event.get("kind", event.get("event")) == "state"]
    assert states[0] == "intent" and "terminated" in states


def test_the_journal_has_the_intent_before_the_launch(collector, cloud):
    assert collector("run", "--instance-types", "m7i.large", *QUICK).code == 0
    (journal,) = (collector.home / "state").rglob("journal.ndjson")
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    kinds = [record["record"] for record in records]
    assert kinds.index("intent") < kinds.index("launched") < kinds.index("stored") < kinds.index("terminated")
    intent = records[kinds.index("intent")]
    assert f"ClientToken={intent['token']}" in intent["request"]
    assert journal.stat().st_mode & 0o077 == 0


def test_version_and_help_need_no_account(tmp_path):
    for arguments in (["--version"], ["--help"], ["help", "run"], ["run", "--help"]):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, env={}, cwd=tmp_path)
        assert done.returncode == 0 and done.stdout and not done.stderr
