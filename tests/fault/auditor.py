"""What really became of a case, by the sandbox's word: leaked instances, lost results, wrong results, and whatever else
was promised and not kept. Nothing here believes what the program says of itself, but where it must have said it."""

import json
import re
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fault import documents
from fault.case import Case
from fault.documents import Truth, measurement_of
from fault.lane import BUCKET, Lane
from fault.programs import SANITIZER_FAILED, Home
from fault.rows import MAY_BE_LEFT, Stored

SANITIZER_WORDS = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:")
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")


@dataclass
class Verdict:
    """What was found; each entry is one instance, one result, one broken promise, in words."""

    leaked: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not (self.leaked or self.lost or self.wrong or self.unmet)


class Auditor:
    """Looks at one lane: `begin` before a case, `audit` after it."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._ec2 = lane.client("ec2")
        self._s3 = lane.client("s3")
        self._known: set[str] = set()

    def begin(self) -> None:
        self._known = set(self._instances())

    def audit(self, case: Case) -> Verdict:
        verdict = Verdict()
        new = {name: facts for name, facts in self._instances().items() if name not in self._known}
        self._check_leftovers(case, new, verdict)
        self._check_results(case, new, verdict)
        self._check_launches(case, new, verdict)
        verdict.unmet += [*case.unmet, *_check_words(case)]
        verdict.unmet += _check_sanitizer(case)
        verdict.unmet += self._check_secrets(case.home)
        return verdict

    # --- what is alive --------------------------------------------------------------------------------------

    def _instances(self) -> dict[str, dict[str, Any]]:
        pages = self._ec2.get_paginator("describe_instances").paginate()
        found = [i for page in pages for reservation in page["Reservations"] for i in reservation["Instances"]]
        return {instance["InstanceId"]: instance for instance in found}

    def _alive(self, ids: Any) -> list[str]:
        """EC2 says `terminated`, or it is alive."""
        states = {name: facts["State"]["Name"] for name, facts in self._instances().items()}
        return sorted(name for name in ids if states[name] != "terminated")

    def _check_leftovers(self, case: Case, new: dict[str, Any], verdict: Verdict) -> None:
        """Nothing is left; or the program has named it and ended with 4, and its clean-up removes it."""
        alive, others = self._alive(new), self._others()
        if case.forgive_groups:
            self._remove([], others)
            others = []
        if not alive and not others:
            return
        last = case.ended[-1]
        said = last.out + last.err
        if last.code != MAY_BE_LEFT:
            said = ""
        unsaid = [name for name in alive if not _is_named(new[name], said)]
        verdict.leaked += [f"{name} ({new[name]['InstanceType']}) is alive and nobody says so" for name in unsaid]
        verdict.unmet += [f"{kind} {name} is left and nobody says so" for kind, name in others if name not in said]
        if case.has_cleanup and not unsaid:
            case.command("cleanup", "--yes", codes=frozenset({0}))
            verdict.leaked += [f"{name} is alive after `cleanup --yes`" for name in self._alive(new)]
            verdict.unmet += [f"{kind} {name} is left after `cleanup --yes`" for kind, name in self._others()]
        self._remove(self._alive(new), self._others())

    def _others(self) -> list[tuple[str, str]]:
        """Kind and id of what is left; this account has nothing but its default groups."""
        ec2 = self._ec2
        found = [
            ("security group", group["GroupId"])
            for group in ec2.describe_security_groups()["SecurityGroups"]
            if group["GroupName"] != "default"
        ]
        found += [("key pair", pair["KeyName"]) for pair in ec2.describe_key_pairs()["KeyPairs"]]
        volumes = ec2.describe_volumes()["Volumes"]
        found += [("volume", volume["VolumeId"]) for volume in volumes if volume["State"] == "available"]
        interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
        found += [
            ("interface", interface["NetworkInterfaceId"])
            for interface in interfaces
            if interface["Status"] == "available"
        ]
        return found

    def _remove(self, instances: list[str], others: list[tuple[str, str]]) -> None:
        """So that what this case left is not held against the next."""
        if instances:
            self._ec2.terminate_instances(InstanceIds=instances)
            patience = {"Delay": 1, "MaxAttempts": 30}
            self._ec2.get_waiter("instance_terminated").wait(InstanceIds=instances, WaiterConfig=patience)
        for kind, name in others:
            if kind == "security group":
                self._ec2.delete_security_group(GroupId=name)
            elif kind == "key pair":
                self._ec2.delete_key_pair(KeyName=name)
            elif kind == "volume":
                self._ec2.delete_volume(VolumeId=name)
            else:
                self._ec2.delete_network_interface(NetworkInterfaceId=name)

    def _check_launches(self, case: Case, new: dict[str, Any], verdict: Verdict) -> None:
        """One instance for each job: a retry that launches again costs money even when both are ended."""
        expected = case.row.launches
        if expected is not None and len(new) != expected:
            verdict.unmet.append(f"{len(new)} instances were made, not {expected}")

    # --- what is kept ---------------------------------------------------------------------------------------

    def _objects(self, prefix: str) -> dict[str, bytes]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{prefix}/")
        names = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        found = {}
        for name in names:
            found[name.removeprefix(f"{prefix}/")] = self._s3.get_object(Bucket=BUCKET, Key=name)["Body"].read()
        return found

    def _check_results(self, case: Case, new: dict[str, Any], verdict: Verdict) -> None:
        spool = case.home.spool()
        objects = self._objects(case.prefix) if case.row.bucket else spool
        if case.row.foreign:
            verdict.lost += _without_foreign(case, spool, objects)
        verdict.lost += [f"{key} is on disk alone" for key in sorted(set(spool) - set(objects))]
        verdict.lost += [f"{key} is in the bucket alone" for key in sorted(set(objects) - set(spool))]
        verdict.wrong += [
            f"{key} differs between disk and bucket" for key in objects if key in spool and spool[key] != objects[key]
        ]
        truth = Truth(new, self._lane.witness.look(), case.own_suites)
        for key, data in sorted((spool | objects).items()):
            verdict.wrong += documents.problems(key, data, truth)
        verdict.wrong += _more_than_once(objects)
        verdict.lost += _journalled_but_gone(case, objects)

        _check_numbers(case, objects, verdict)
        if case.own_suites and case.row.stored is Stored.ALL and not _was_killed(case):
            verdict.lost += _unclaimed(new, objects, truth)
        self._validate(case, verdict)

    def _validate(self, case: Case, verdict: Verdict) -> None:
        """The program's own check finds nothing, either."""
        if case.home.spool():
            done = case.home.start("validate", "--output", "json", "results").wait(60)
            if done.code != 0:
                verdict.wrong.append(f"`validate` ends with {done.code}: {done.out[:300]}{done.err[-300:]}")

    # --- what was written -----------------------------------------------------------------------------------

    def _check_secrets(self, home: Home) -> Iterator[str]:
        """The secret key and the session token are nowhere; a private key is in no output."""
        secrets = [self._lane.environment[name] for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
                   if self._lane.environment.get(name)]
        for name, data in home.written().items():
            for secret in secrets:
                if secret.encode() in data and name not in ("aws-credentials", "aws-config"):
                    yield f"a secret stands in {name}"
            if PRIVATE_KEY.search(data):
                yield f"a private key stands in {name}"


def _is_named(instance: dict[str, Any], said: str) -> bool:
    """By its id, or by the token of a launch whose answer never came."""
    return instance["InstanceId"] in said or instance.get("ClientToken", "\0") in said


def _check_numbers(case: Case, objects: dict[str, bytes], verdict: Verdict) -> None:
    """As many results of each type as the row says."""
    stored = Counter(measurement.instance_type for measurement in map(measurement_of, objects) if measurement)
    for instance_type in sorted(set(case.types) | set(stored)):
        wanted = _wanted(case, instance_type)
        if wanted is None or stored[instance_type] == wanted:
            continue
        text = f"{stored[instance_type]} results of {instance_type}, not {wanted}"
        (verdict.lost if stored[instance_type] < wanted else verdict.wrong).append(text)


def _unclaimed(new: dict[str, Any], objects: dict[str, bytes], truth: Truth) -> Iterator[str]:
    """Suites that ended well on a machine of this case, with nothing stored of them."""
    kept = {documents.container_of(data) for data in objects.values()}
    for container in truth.containers.values():
        if container.instance_id in new and container.exit_code == 0 and container.name not in kept:
            yield f"what container {container.name} on {container.instance_id} measured"


def _was_killed(case: Case) -> bool:
    """What a program that was killed had not yet written down is gone with it."""
    return any(ended.code == -signal.SIGKILL for ended in case.ended)


def _wanted(case: Case, instance_type: str) -> int | None:
    """How many results of a type must be stored; None where the moment decides."""
    if case.row.stored is Stored.WHAT_ENDED:
        return None
    if case.row.stored is Stored.NONE or instance_type not in case.types:
        return 0
    return 0 if case.row.stored is Stored.OTHERS and instance_type == case.victim else 1


def _more_than_once(objects: dict[str, bytes]) -> list[str]:
    counts = Counter(measurement_of(key) for key in objects)
    return [f"{count} objects of {measurement}" for measurement, count in counts.items() if count > 1 and measurement]


def _without_foreign(case: Case, spool: dict[str, bytes], objects: dict[str, bytes]) -> list[str]:
    """Takes the victim's result out of both; it is on disk, and under its key lie the bytes of others."""
    keys = [key for key in set(spool) | set(objects) if _is_of(key, case.victim)]
    kept = [key for key in keys if spool.pop(key, None)]
    for key in keys:
        objects.pop(key, None)
    return [] if len(kept) == 1 else [f"the result of {case.victim} is not on disk"]


def _is_of(key: str, instance_type: str) -> bool:
    return f"/instance_type={instance_type}/" in key


def _journalled_but_gone(case: Case, objects: dict[str, bytes]) -> Iterator[str]:
    """What a journal says is stored is there; what it says is about to be, where the program had the time for it."""
    kept = ("stored", "sent") if _was_killed(case) else ("measured", "stored", "sent")
    for path in case.home.journals():
        for line in path.read_text(errors="replace").splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue  # the line that a kill has torn
            key = record.get("key", "")
            if case.row.foreign and _is_of(key, case.victim) and record["record"] != "sent":
                continue
            if record.get("record") in kept and key not in objects:
                yield f"{key}: {record['record']} in the journal, and gone"


def _check_words(case: Case) -> Iterator[str]:
    said = "".join(ended.out + ended.err for ended in case.ended)
    for word in case.row.says:
        if word.format(victim=case.victim) not in said:
            yield f"nobody says '{word}'"


def _check_sanitizer(case: Case) -> Iterator[str]:
    for ended in case.ended:
        if ended.code == SANITIZER_FAILED or SANITIZER_WORDS.search(ended.err):
            found = next((line for line in ended.err.splitlines() if SANITIZER_WORDS.search(line)), "")
            yield f"a sanitizer ended `{ended.words[0]}`: {found}"


