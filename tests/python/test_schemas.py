"""Our JSON Schema validator against an independent one, on documents with one thing changed in each."""

import copy
import json

import jsonschema
import pytest

from data_program import RESULTS, ROOT, collector, documents  # noqa: F401 (fixtures)

SCHEMAS = ROOT / "data/schemas/v1.0"
DELETED = object()
# No text ends in a newline: Python's "$" matches before one, that of the standard (ECMA-262) and ours do not.
STRANGE_VALUES = [DELETED, None, True, "", "x", "A/b\nc", 0, -1, 1.5, 1e30, 3.0, [], [1, 2], {}, {"unit": "x"}]


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def places(item, path=()):
    """The path of every member, and of the first two items of every array."""
    if path:
        yield path
    if isinstance(item, dict):
        for key, value in item.items():
            yield from places(value, (*path, key))
        yield (*path, "Added-1")
    elif isinstance(item, list):
        for index, value in enumerate(item[:2]):
            yield from places(value, (*path, index))


def changed(document, path, value):
    """A copy of the document with the value at the path, or None where that changes nothing."""
    result = copy.deepcopy(document)
    parent = result
    for step in path[:-1]:
        parent = parent[step]
    if value is not DELETED:
        parent[path[-1]] = value
    elif isinstance(parent, dict) and path[-1] not in parent:
        return None
    else:
        del parent[path[-1]]
    return result


def variants(document):
    """The document, and copies of it that each have one strange value, or lack one member."""
    yield document
    for path in places(document):
        if path == ("schema",):  # it says which schema holds
            continue
        for value in STRANGE_VALUES:
            variant = changed(document, path, value)
            if variant is not None:
                yield variant


def judge(collector, folder, documents) -> list[bool]:
    """Whether our validator finds each of the documents in keeping with its schema."""
    folder.mkdir()
    for number, document in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps(document))
    done = collector("validate", "--output", "json", folder)
    report = done.json()
    assert report["files"] == len(documents)
    broken = {finding["file"] for finding in report["findings"] if finding["rule"] == "schema"}
    assert not [finding for finding in report["findings"] if finding["rule"] == "json"]
    return [f"{folder}/{number}.json" not in broken for number in range(len(documents))]


def compare(collector, folder, name, documents):
    other = validator(name)
    ours = judge(collector, folder, documents)
    theirs = [other.is_valid(document) for document in documents]
    assert ours[0] and theirs[0], "the unchanged document is valid"
    assert not all(theirs), "no change broke the schema"
    for document, mine, their in zip(documents, ours, theirs, strict=True):
        assert mine == their, f"jsonschema says {their}: {json.dumps(document)[:2000]}"


@pytest.mark.parametrize("suite", ["stream", "cache", "numa"])
def test_both_validators_agree_on_results(collector, documents, tmp_path, suite):
    document = next(each for each in documents if each["metadata"]["benchmark_suite"] == suite)
    document["measurements"] = document["measurements"][:3]
    document["system_info"]["caches"] = document["system_info"]["caches"][:1]
    compare(collector, tmp_path / "variants", "result", list(variants(document)))


PRICES = ROOT / "tests/data/prices.json"


def test_both_validators_agree_on_prices(collector, tmp_path):
    compare(collector, tmp_path / "variants", "prices", list(variants(json.loads(PRICES.read_text()))))


def test_both_validators_agree_on_the_price_file(collector, tmp_path):
    assert collector("process", RESULTS, "--prices", PRICES, "--output-dir", tmp_path / "processed").code == 0
    document = json.loads((tmp_path / "processed/latest/price-performance.json").read_text())
    costs = {"costPerGflop": 0.001, "costPerGBs": 0.002, "costPerResult": None}
    price = json.loads(PRICES.read_text())["instances"]["m7i.large"]
    document["instances"] = {"m7i.large": {**price, "costEfficiency": costs}}  # the test data has no LINPACK
    compare(collector, tmp_path / "variants", "price-performance", list(variants(document)))


@pytest.mark.parametrize("name", ["memory-benchmarks", "cpu-benchmarks", "instance-rankings", "metadata"])
def test_both_validators_agree_on_processed_files(collector, tmp_path, name):
    assert collector("process", RESULTS, "--output-dir", tmp_path / "processed").code == 0
    document = json.loads((tmp_path / f"processed/latest/{name}.json").read_text())
    for instance in document.get("instances", {}).values():  # one of many alike: each node gives several variants
        instance["statistics"] = dict(list(instance["statistics"].items())[:1])
        instance["strata"][0]["medians"] = dict(list(instance["strata"][0]["medians"].items())[:2])
    compare(collector, tmp_path / "variants", name, list(variants(document)))


def test_every_file_of_the_repository_is_valid(collector):
    done = collector("validate", "--output", "json", RESULTS, ROOT / "data/processed")
    assert done.code == 0, done.out
    assert done.json()["findings"] == []


def test_suite_documents_of_the_test_data_are_valid():
    for path in (ROOT / "tests/data/suite-output").glob("*.json"):
        validator("suite-output").validate(json.loads(path.read_text()))


@pytest.mark.parametrize(
    "name", ["memory-benchmarks", "cpu-benchmarks", "price-performance", "instance-rankings"]
)
def test_the_published_files_start_empty(name):
    document = json.loads((ROOT / f"data/processed/latest/{name}.json").read_text())
    validator(name).validate(document)
    methods = set(document["collectionMethods"])
    assert methods <= {"automated", "manual"}, "sandbox and local results are not published"
