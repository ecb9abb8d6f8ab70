"""The auditor can fail: what is planted is found and counted, and nothing else is."""

import contextlib
import dataclasses
import hashlib
import json
import re

import pytest
from fault import documents
from fault.auditor import Auditor, Verdict
from fault.case import Abilities, Case
from fault.lane import BUCKET, Lane, take_number
from fault.programs import the_build
from fault.report import Summary, Tried
from fault.rows import INCOMPLETE, MAY_BE_LEFT, Row, Stored

ROW = Row("planted", "nothing: it is planted", jobs=1)


@pytest.fixture(scope="module")
def lane():
    with Lane(take_number()) as lane:
        yield lane


@pytest.fixture(scope="module")
def played(lane, tmp_path_factory):
    """A run that went well, and its auditor."""
    directory = tmp_path_factory.mktemp("fault") / "planted-1"
    case = Case(ROW, 1, lane, the_build(), directory, Abilities())
    auditor = Auditor(lane)
    auditor.begin()
    case.play()
    return case, auditor


@pytest.fixture
def case(played):
    return played[0]


@pytest.fixture
def audit(played):
    case, auditor = played
    return lambda: auditor.audit(case)


@pytest.fixture
def s3(lane):
    return lane.client("s3")


@pytest.fixture
def result(case):
    """The key and the bytes of the only result, which is put back after the test."""
    ((key, data),) = case.home.spool().items()
    yield key, data
    (case.home.results / key).write_bytes(data)
    case.lane.client("s3").put_object(Bucket=BUCKET, Key=f"{case.prefix}/{key}", Body=data)


def plant_instance(lane, **more):
    ec2 = lane.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, InstanceType="m7i.large", MinCount=1, MaxCount=1, **more)
    return made["Instances"][0]["InstanceId"]


@contextlib.contextmanager
def ended_as(case, **changes):
    """The program's last end, otherwise."""
    last = case.ended[-1]
    case.ended[-1] = dataclasses.replace(last, **changes)
    yield
    case.ended[-1] = last


def test_a_run_that_went_well_holds(audit):
    assert audit() == Verdict()


def test_a_leaked_instance_is_counted(audit, lane):
    planted = plant_instance(lane)
    verdict = audit()
    assert len(verdict.leaked) == 1 and planted in verdict.leaked[0]
    assert audit() == Verdict()  # it was removed, and is not held against the next


def test_an_instance_that_the_program_names_with_exit_4_is_not_leaked(audit, lane, case):
    planted = plant_instance(lane)
    with ended_as(case, code=MAY_BE_LEFT, err=f"MAY STILL BE RUNNING: instance {planted}"):
        assert audit() == Verdict()


@pytest.mark.parametrize("changes", [{"code": MAY_BE_LEFT}, {"code": INCOMPLETE, "err": "instance {planted}"}])
def test_exit_4_alone_and_the_name_alone_are_not_enough(audit, lane, case, changes):
    planted = plant_instance(lane)
    changes = {name: text.format(planted=planted) if name == "err" else text for name, text in changes.items()}
    with ended_as(case, **changes):
        assert len(audit().leaked) == 1


def test_a_security_group_that_is_left_is_said(audit, lane):
    lane.client("ec2").create_security_group(GroupName="planted", Description="planted")
    verdict = audit()
    assert verdict.leaked == [] and "security group" in verdict.unmet[0]
    assert audit() == Verdict()


def test_an_object_that_is_gone_is_lost(audit, case, s3, result):
    s3.delete_object(Bucket=BUCKET, Key=f"{case.prefix}/{result[0]}")
    verdict = audit()
    assert any("on disk alone" in text for text in verdict.lost)
    assert any("stored in the journal" in text for text in verdict.lost)
    assert any("what container" in text for text in verdict.lost)


def test_a_file_that_is_gone_is_lost(audit, case, result):
    (case.home.results / result[0]).unlink()
    assert any("in the bucket alone" in text for text in audit().lost)


def test_other_bytes_in_the_bucket_are_wrong(audit, case, s3, result):
    s3.put_object(Bucket=BUCKET, Key=f"{case.prefix}/{result[0]}", Body=result[1] + b" ")
    assert any("differs between" in text for text in audit().wrong)


def test_a_second_object_of_a_measurement_is_wrong(audit, case, s3, result):
    key, data = doctored(result, lambda document: document["execution_context"].update(seconds_billed=1))
    put(case, s3, key, data)
    assert any("2 objects of" in text for text in audit().wrong)
    take_away(case, s3, key)


def doctored(result, change):
    """The result with something changed, sealed again and under the key that goes with that."""
    key, data = result
    document = json.loads(data)
    change(document)
    document["integrity"]["sha256"] = "0" * 64
    text = json.dumps(document)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return re.sub("-[0-9a-f]{12}[.]json$", f"-{digest[:12]}.json", key), text.replace("0" * 64, digest).encode()


def put(case, s3, key, data):
    (case.home.results / key).write_bytes(data)
    s3.put_object(Bucket=BUCKET, Key=f"{case.prefix}/{key}", Body=data)


def take_away(case, s3, key):
    (case.home.results / key).unlink()
    s3.delete_object(Bucket=BUCKET, Key=f"{case.prefix}/{key}")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda document: document["measurements"][0].update(samples=[99.5]), "it says [99.5]"),
        (lambda document: document["system_info"].update(architecture="arm64"), "its architecture is x86_64"),
        (lambda document: document["execution_context"].update(instance_id="i-0123456789abcdef0"), "never was"),
        (lambda document: document["metadata"].update(collection_method="automated"), "measured in the sandbox"),
        (lambda document: document["execution_context"].update(passed=False), "did not pass"),
        (lambda document: document["metadata"].update(instance_type="m7i.metal-48xl"), "its key says"),
        (lambda document: document["metadata"].update(run_id="20260101T000000Z-aaaaaa"), "its key says"),
        (lambda document: document["system_info"].update(cpu_model="container 0123456789ab"), "never ended"),
        (lambda document: document.pop("system_info"), "lacks"),
    ],
)
def test_a_doctored_document_is_wrong_also_when_it_is_sealed_again(audit, case, s3, result, change, words):
    key, data = doctored(result, change)
    take_away(case, s3, result[0])
    put(case, s3, key, data)
    try:
        assert any(words in text for text in audit().wrong), audit()
    finally:
        take_away(case, s3, key)


def test_a_document_that_was_changed_is_wrong(case, lane, result):
    key, data = result
    found = documents.problems(key, data.replace(b"no_measurement", b"measurement__"), truth(lane))
    assert any("its SHA-256 is" in text for text in found)


def truth(lane):
    return documents.Truth({}, lane.witness.look())


def test_a_result_that_should_not_be_is_wrong(audit, case):
    case.row = dataclasses.replace(ROW, stored=Stored.NONE)
    try:
        assert any("1 results of" in text for text in audit().wrong)
    finally:
        case.row = ROW


def test_instances_beyond_those_that_were_wanted_are_said(audit, case):
    case.row = dataclasses.replace(ROW, launches=0)
    try:
        (text,) = audit().unmet
        assert text.endswith("instances were made, not 0")
    finally:
        case.row = ROW


@pytest.mark.parametrize("secret", ["{key}", "-----BEGIN OPENSSH PRIVATE KEY-----"])
def test_a_secret_in_a_file_is_said(audit, case, lane, secret):
    path = case.home.directory / "planted"
    path.write_text(f"x {secret.format(key=lane.environment['AWS_SECRET_ACCESS_KEY'])} y")
    verdict = audit()
    path.unlink()
    assert len(verdict.unmet) == 1 and verdict.unmet[0].endswith("stands in planted")


def test_what_a_sanitizer_finds_is_said(audit, case):
    with ended_as(case, err="WARNING: ThreadSanitizer: data race"):
        assert len(audit().unmet) == 1


def test_a_program_that_hangs_or_ends_otherwise_is_said(case, lane, tmp_path):
    hanging = Case(dataclasses.replace(ROW, limit=0.5), 1, lane, case.build, tmp_path / "hanging-1", Abilities())
    auditor = Auditor(lane)
    auditor.begin()
    hanging.play()
    verdict = auditor.audit(hanging)
    assert any("did not end in" in text for text in verdict.unmet)
    other = Case(dataclasses.replace(ROW, suite="failing"), 1, lane, case.build, tmp_path / "other-1", Abilities())
    auditor.begin()
    other.play()
    assert any("ended with 1, not with [0]" in text for text in auditor.audit(other).unmet)


def test_the_summary_counts(tmp_path):
    verdicts = [Verdict(), Verdict(leaked=["a"], lost=["b", "c"], wrong=["d", "e", "f"]), Verdict(unmet=["g"])]
    summary = Summary([Tried(ROW, seed, 1.0, (0,), verdict) for seed, verdict in enumerate(verdicts)])
    assert summary.line() == "faults tried: 1, leaked instances: 1, lost results: 2, wrong results: 3"
    assert not summary.holds
    summary.write(tmp_path / "fault.json")
    written = json.loads((tmp_path / "fault.json").read_text())
    assert (written["leaked_instances"], written["lost_results"], written["wrong_results"]) == (1, 2, 3)
    assert not written["holds"]
    assert Summary([Tried(ROW, 1, 1.0, (0,), Verdict())]).holds
