"""What AWS says of an instance, kept in its results, and whether `validate` sees what was changed."""

import hashlib
import json
import subprocess

import pytest
from conftest import QUICK, assert_one_line_error, sandbox

RUN = ["run", "--instance-types", "m7i.large", *QUICK]


@pytest.fixture
def certificate(collector):
    """Of who signs the sandbox's documents."""
    path = collector.home / "sandbox.pem"
    path.write_text(sandbox("certificate"))
    return path


@pytest.fixture
def stranger(collector):
    """The certificate of somebody else."""
    path = collector.home / "stranger.pem"
    words = ["-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=Sandbox instance identity"]
    subprocess.run(["openssl", "req", "-x509", *words, "-out", path], check=True, capture_output=True)
    return path


def seal(path, document):
    """Writes the result with its own digest, under no key: whoever tampers can do that too."""
    document["integrity"]["sha256"] = "0" * 64
    text = json.dumps(document, separators=(",", ":")) + "\n"
    path.write_text(text.replace("0" * 64, hashlib.sha256(text.encode()).hexdigest()))


def findings(collector, path, *certificates):
    """Rule and message of each, with --attested."""
    words = [word for certificate in certificates for word in ("--certificate", str(certificate))]
    done = collector("validate", "--output", "json", "--attested", *words, str(path))
    found = [(finding["rule"], finding["message"]) for finding in done.json()["findings"]]
    assert done.code == (1 if found else 0), done.err
    return found


def test_a_result_is_verified_and_what_was_changed_is_found(collector, cloud, certificate, stranger):
    done = collector(*RUN)
    assert done.code == 0 and "identity document" not in done.err, done.err
    (path,) = collector.results()
    document = json.loads(path.read_text())
    attestation = document["attestation"]
    identity = json.loads(attestation["instance_identity_document"])
    assert identity["instanceId"] == document["execution_context"]["instance_id"]
    assert identity["instanceType"] == "m7i.large" and attestation["verified"] is None
    assert findings(collector, path, certificate) == []
    assert findings(collector, path, stranger, certificate) == []
    assert [rule for rule, _ in findings(collector, path, stranger)] == ["attestation"]

    changed = collector.home / "changed.json"
    document["metadata"]["instance_type"] = "m7i.metal-24xl"
    seal(changed, document)
    ((rule, message),) = findings(collector, changed, certificate)
    assert rule == "attestation" and "instanceType m7i.large" in message
    assert collector("validate", str(changed)).code == 1, "no certificate is needed to see that they disagree"

    attestation["instance_identity_document"] = json.dumps(identity | {"instanceType": "m7i.metal-24xl"})
    seal(changed, document)
    assert collector("validate", str(changed)).code == 0, "both agree now"
    ((rule, message),) = findings(collector, changed, certificate)
    assert rule == "attestation" and "another text" in message


def test_a_machine_without_a_metadata_service_is_measured_and_that_is_said(collector, cloud, certificate):
    cloud.fault("no-metadata")
    done = collector(*RUN)
    assert done.code == 0 and done.err.count("no instance identity document") == 1, done.err
    (path,) = collector.results()
    assert set(json.loads(path.read_text())["attestation"].values()) == {None}
    assert findings(collector, path, certificate) == [("attestation", "there is no instance identity document")]
    assert collector("validate", str(path)).code == 0


def test_the_account_need_not_be_named(collector, cloud):
    assert collector(*RUN, "--no-attestation").code == 0
    (path,) = collector.results()
    assert "123456789012" not in path.read_text()


def test_nothing_is_attested_without_a_certificate(collector, tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    assert_one_line_error(collector("validate", "--attested", "."), 2, "--certificate", "regions-certs.html")
    assert_one_line_error(collector("validate", "--certificate", str(empty), "."), 2, "--attested")
    refused = collector("validate", "--attested", "--certificate", str(empty), ".")
    assert_one_line_error(refused, 2, "--certificate", "empty.pem", "no certificate")
    refused = collector("validate", "--attested", "--certificate", "none.pem", ".")
    assert_one_line_error(refused, 2, "--certificate", "none.pem")
