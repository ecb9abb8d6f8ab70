"""Whether a stored document tells the truth, by the sandbox's word. Knows nothing of the program's code."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from fault.witness import Container

KEY = re.compile(
    r"results/v1\.0/region=(?P<region>[^/]+)/instance_type=(?P<type>[^/]+)/suite=(?P<suite>[^/]+)/"
    r"date=(?P<date>\d{4}-\d\d-\d\d)/(?P<run>[^/]+)-(?P<iteration>\d+)-(?P<sha12>[0-9a-f]{12})\.json"
)
DIGEST = re.compile(rb'("sha256": *")([0-9a-f]{64})(")')


@dataclass(frozen=True)
class Truth:
    """What the sandbox knows."""

    instances: dict[str, dict[str, Any]]
    """As EC2 describes them, by id; also those that have ended."""
    containers: dict[str, Container]
    """Those that have ended, by name."""
    own_suites: bool = True
    """The suites are those of suite.c, which name their container."""


@dataclass(frozen=True)
class Measurement:
    """What a document is the result of: there is one document for each."""

    run: str
    instance_type: str
    suite: str
    iteration: int


def measurement_of(key: str) -> Measurement | None:
    match = KEY.fullmatch(key)
    return Measurement(match["run"], match["type"], match["suite"], int(match["iteration"])) if match else None


def container_of(data: bytes) -> str | None:
    """The container that a document says it comes from."""
    try:
        words = json.loads(data)["system_info"]["cpu_model"].split()
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return words[1] if len(words) == 2 and words[0] == "container" else None


def problems(key: str, data: bytes, truth: Truth) -> list[str]:
    """What is false in a document; empty for one that holds."""
    match = KEY.fullmatch(key)
    if not match:
        return [f"{key}: no key of a result"]
    try:
        document = json.loads(data)
    except ValueError as error:
        return [f"{key}: not JSON: {error}"]
    try:
        found = [*_digest(match, data), *_names(match, document), *_machine(document, truth)]
        if truth.own_suites:
            found += _container(document, truth)
    except (KeyError, TypeError, IndexError) as error:
        found = [f"lacks {error!r}"]
    return [f"{key}: {problem}" for problem in found]


def _digest(match: re.Match[str], data: bytes) -> list[str]:
    """SHA-256 over the bytes, with the digest itself as zeros."""
    sealed = DIGEST.search(data)
    if not sealed:
        return ["no SHA-256 in it"]
    zeroed = data[: sealed.start(2)] + b"0" * 64 + data[sealed.end(2) :]
    actual = hashlib.sha256(zeroed).hexdigest()
    said = sealed[2].decode()
    found = [] if said == actual else [f"its SHA-256 is {actual}, it says {said}"]
    return found if match["sha12"] == said[:12] else [*found, "its key has another SHA-256"]


def _names(match: re.Match[str], document: dict[str, Any]) -> list[str]:
    metadata = document["metadata"]
    pairs = {
        "region": metadata["region"],
        "type": metadata["instance_type"],
        "suite": metadata["benchmark_suite"],
        "run": metadata["run_id"],
        "iteration": str(metadata["iteration"]),
        "date": metadata["timestamp"][:10],
    }
    found = [f"{name} is {said}, its key says {match[name]}" for name, said in pairs.items() if said != match[name]]
    if metadata["collection_method"] != "sandbox":
        found.append(f"measured in the sandbox, it says {metadata['collection_method']}")
    if document["execution_context"]["passed"] is not True:
        found.append("of a suite that did not pass")
    return found


def _machine(document: dict[str, Any], truth: Truth) -> list[str]:
    said = document["execution_context"]
    instance = truth.instances.get(said["instance_id"])
    if instance is None:
        return [f"of {said['instance_id']}, which there never was"]
    pairs = {
        "instance type": (document["metadata"]["instance_type"], instance["InstanceType"]),
        "architecture": (document["system_info"]["architecture"], instance["Architecture"]),
        "image": (said["ami"]["id"], instance["ImageId"]),
        "zone": (said["placement"]["availability_zone"], instance["Placement"]["AvailabilityZone"]),
        "run": (document["metadata"]["run_id"], run_of(instance)),
    }
    return [f"its {name} is {really}, it says {said}" for name, (said, really) in pairs.items() if said != really]


def _container(document: dict[str, Any], truth: Truth) -> list[str]:
    """The number comes from the container, the container ran on that instance and ended well."""
    words = document["system_info"]["cpu_model"].split()
    container = truth.containers.get(words[-1])
    if container is None:
        return [f"from {' '.join(words)}, which never ended"]
    found = []
    if container.exit_code != 0:
        found.append(f"from a container that ended with {container.exit_code}")
    if container.instance_id != document["execution_context"]["instance_id"]:
        found.append(f"from a container of {container.instance_id}")
    expected = round(10 + int(container.name[:6], 16) / 1e5, 5)
    if document["measurements"][0]["samples"] != [expected]:
        found.append(f"measured {expected}, it says {document['measurements'][0]['samples']}")
    return found


def run_of(instance: dict[str, Any]) -> str | None:
    """The run that an instance is tagged with."""
    tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
    return tags.get("aws-benchmark-collector:run-id")
