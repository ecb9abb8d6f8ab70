"""The queries of scripts/athena give what `process` gives, to the last digit."""

import json

import numpy as np
import pytest

import made_results
from data_program import ROOT, collector, documents  # noqa: F401 (fixtures)
from queries import FILES, by_duckdb, by_process

CPU_SUITES = ("linpack", "vector", "scaling")


def whole(documents) -> list[dict]:
    """A document of every suite on both types."""
    outputs = [json.loads((ROOT / f"tests/data/suite-output/{suite}.json").read_text()) for suite in CPU_SUITES]
    streams = [document for document in documents if document["metadata"]["benchmark_suite"] == "stream"]
    return [*documents, *(made_results.of_output(stream, output) for stream in streams for output in outputs)]


@pytest.fixture
def raw(documents, tmp_path):
    """Some results of four types, among them such as must not be published."""
    random = np.random.default_rng(7)
    root = tmp_path / "raw"
    templates = whole(documents)
    for run in range(5):
        for template in templates:
            samples = made_results.samples_near(template, random)
            made = made_results.make(template, samples, metadata__run_id=f"made-{run}")
            made_results.write(made, root)
    spoilt = {
        "sandbox": {"metadata__collection_method": "sandbox"},
        "failed": {"execution_context__passed": False},
        "emulated": {"execution_context__flags": ["emulated"]},
        "resident": {"execution_context__flags": ["cache_resident"]},
        "partial": {"metadata__instance_type": "c7i.large", "system_info__instance_family": "c7i"},
    }
    for name, changes in spoilt.items():
        template = next(each for each in templates if each["metadata"]["instance_type"] == "m7i.large")
        samples = made_results.samples_near(template, random)
        made = made_results.make(template, samples, metadata__run_id=name, **changes)
        made_results.write(made, root)
    return root


@pytest.mark.parametrize("name", FILES)
def test_duckdb_and_process_agree_over_a_directory(collector, raw, name):
    done = collector("process", raw, "--output-dir", "out")
    assert done.code == 0, done.err
    ours = by_process(raw.parent / "out", name)
    assert {instance_type for instance_type, _ in ours} == {"c7g.large", "m7i.large"}
    assert min(results for results, _ in ours.values()) == 5
    assert by_duckdb(raw, name) == ours
