"""Whether docs/methodology.md explains what suites report."""

import pytest

from container import SUITES, brief, measure
from methodology import explained, is_explained


@pytest.mark.parametrize("suite", SUITES)
def test_every_metric_of_a_suite_is_explained(suite):
    words = explained(suite)
    metrics = [metric["name"] for metric in measure(suite, brief(suite))["metrics"]]
    assert metrics
    assert [name for name in metrics if not is_explained(name, words)] == []


@pytest.mark.parametrize("suite, metric", [("stream", "l1.latency"), ("cache", "l4.latency"), ("vector", "avx2.fp16")])
def test_what_is_not_explained_is_found(suite, metric):
    assert not is_explained(metric, explained(suite))
