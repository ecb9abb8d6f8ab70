"""The statistics of documents and of processed files, held against numpy's and scipy's."""

import json

import numpy as np
import pytest
from scipy import stats

import made_results
from data_program import collector, documents  # noqa: F401 (fixtures)

TRIAD = "triad.bandwidth"


def of_suite(documents, suite, instance_type="m7i.large"):
    (found,) = (
        d
        for d in documents
        if (d["metadata"]["benchmark_suite"], d["metadata"]["instance_type"]) == (suite, instance_type)
    )
    return found


def write_type(documents, root, triads, **changes):
    """A complete type, whose stream suite was run once for each row of samples."""
    for suite in ("cache", "numa"):
        made_results.write(made_results.make(of_suite(documents, suite), {}), root)
    for iteration, samples in enumerate(triads, start=1):
        changes["metadata__iteration"] = iteration
        changes["metadata__run_id"] = "made-run"
        made_results.write(made_results.make(of_suite(documents, "stream"), {TRIAD: list(samples)}, **changes), root)


def processed(collector, root) -> dict:
    done = collector("process", root, "--output-dir", "out")
    assert done.code == 0, done.err
    return json.loads((root.parent / "out/latest/memory-benchmarks.json").read_text())


@pytest.mark.parametrize("seed", range(12))
def test_statistics_of_a_document_are_scipys(collector, documents, tmp_path, seed):
    """`validate` computes them anew from the samples."""
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 60))
    samples = random.normal(40, random.choice([0.01, 1, 5]), count).clip(1)
    if seed % 3 == 0:
        samples[: count // 5] *= 1.5  # some that lie far off
    if seed % 4 == 0:
        samples[count // 3 :] = 41.0  # most of them equal
    document = made_results.make(of_suite(documents, "stream"), {TRIAD: samples.tolist()})
    path = made_results.write(document, tmp_path / "raw")
    done = collector("validate", "--output", "json", path)
    assert done.json() == {"files": 1, "findings": []}


def test_a_statistic_that_is_not_the_samples_is_found(collector, documents, tmp_path):
    document = made_results.make(of_suite(documents, "stream"), {TRIAD: [40.0, 41.0, 42.5]})
    document["measurements"][3]["mean_interval_95"][0] += 1e-6
    done = collector("validate", "--output", "json", made_results.write(document, tmp_path / "raw"))
    assert [finding["rule"] for finding in done.json()["findings"]] == ["statistics"]


def between_and_within(triads) -> tuple[float, float]:
    """The ANOVA estimators, by way of scipy's F."""
    counts = np.array([len(row) for row in triads])
    freedom = counts.sum() - len(triads)
    within = sum((len(row) - 1) * np.var(row, ddof=1) for row in triads) / freedom
    usual = (counts.sum() - (counts**2).sum() / counts.sum()) / (len(triads) - 1)
    between = (stats.f_oneway(*triads).statistic * within - within) / usual
    return float(np.sqrt(max(between, 0))), float(np.sqrt(within))


@pytest.mark.parametrize(("seed", "spread"), [(1, 3.0), (2, 0.5), (3, 0.0), (4, 10.0)])
def test_statistics_of_a_type_are_scipys(collector, documents, tmp_path, seed, spread):
    random = np.random.default_rng(seed)
    triads = [
        random.normal(40 + random.normal(0, spread), 0.7, int(random.integers(2, 30))).clip(1)
        for _ in range(3 + 2 * seed)
    ]
    write_type(documents, tmp_path / "raw", triads)
    instance = processed(collector, tmp_path / "raw")["instances"]["m7i.large"]
    found = instance["statistics"]["stream.triad.bandwidth"]
    wanted = made_results.statistics([float(np.median(row)) for row in triads])
    between, within = between_and_within(triads)
    assert found["results"] == len(triads) and found["samples"] == sum(map(len, triads))
    assert found["median"] == instance["stream"]["triad"]["bandwidth"] == wanted["median"]
    assert found["mean"] == pytest.approx(wanted["mean"], rel=1e-12)
    assert found["standardDeviation"] == pytest.approx(wanted["standard_deviation"], rel=1e-9)
    assert found["coefficientOfVariation"] == pytest.approx(wanted["coefficient_of_variation"], rel=1e-9)
    assert found["meanInterval95"] == pytest.approx(wanted["mean_interval_95"], rel=1e-9)
    assert found["medianInterval95"] == wanted["median_interval_95"]
    assert len(found["outliers"]) == len(wanted["outliers"])
    assert found["withinRun"] == pytest.approx(within, rel=1e-9)
    assert found["betweenRuns"] == pytest.approx(between, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("medians", "grade"),
    [
        ([40.0, 40.1, 40.2, 40.1, 40.3, 40.2], "A"),
        ([40.0, 40.1, 40.2, 40.1, 40.3], "B"),  # the same, but five
        ([40.0, 45.0, 40.0, 45.0, 40.0, 45.0], "C"),
        ([40.0, 41.0], "C"),
        ([30.0, 50.0], "D"),
        ([40.0], "D"),
    ],
)
def test_grade_is_by_the_rule_that_the_file_prints(collector, documents, tmp_path, medians, grade):
    write_type(documents, tmp_path / "raw", [[median, median + 0.01, median - 0.01] for median in medians])
    memory = processed(collector, tmp_path / "raw")
    assert sorted(memory["grades"]) == ["A", "B", "C", "D"]
    assert memory["instances"]["m7i.large"]["statistics"]["stream.triad.bandwidth"]["grade"] == grade


def test_outliers_are_named_and_kept(collector, documents, tmp_path):
    medians = [40.0, 40.5, 40.25, 39.75, 40.125, 39.5, 60.0]
    write_type(documents, tmp_path / "raw", [[median, median + 0.01, median - 0.01] for median in medians])
    found = processed(collector, tmp_path / "raw")["instances"]["m7i.large"]["statistics"]["stream.triad.bandwidth"]
    assert found["outliers"] == ["made-run-7"]
    assert found["results"] == 7 and found["mean"] == pytest.approx(np.mean(medians), rel=1e-12)


def test_types_with_several_cpus_are_told_apart(collector, documents, tmp_path):
    slow, fast = "AMD EPYC 7R13 Processor", "Intel(R) Xeon(R) Platinum 8488C"
    root = tmp_path / "raw"
    write_type(documents, root, [[40.0, 40.5, 41.0]])
    for iteration, (model, bandwidth) in enumerate([(slow, 30.0), (fast, 50.0), (fast, 52.0)], start=2):
        made_results.write(
            made_results.make(
                of_suite(documents, "stream"),
                {TRIAD: [bandwidth, bandwidth + 0.01, bandwidth - 0.01]},
                metadata__iteration=iteration,
                metadata__run_id="made-run",
                system_info__cpu_model=model,
            ),
            root,
        )
    instance = processed(collector, root)["instances"]["m7i.large"]
    strata = {(row["cpuModel"], row["region"], row["suiteVersion"]): row for row in instance["strata"]}
    assert sum(row["results"] for row in strata.values()) == instance["results"]
    own = of_suite(documents, "stream")
    version = own["metadata"]["suite_version"]
    assert strata[slow, "us-east-1", version]["medians"]["stream.triad.bandwidth"] == 30.0
    assert strata[fast, "us-east-1", version]["medians"]["stream.triad.bandwidth"] in (50.0, 51.0)
    assert own["system_info"]["cpu_model"] in {model for model, *_ in strata}


def test_rankings_have_the_order_the_ranks_and_the_intervals_of_their_figures(collector, documents, tmp_path):
    bandwidths = {"m7i.large": 40.0, "c7i.large": 50.0, "r7i.large": 40.0, "i7i.large": 60.0}
    random = np.random.default_rng(9)
    for number, (name, bandwidth) in enumerate(bandwidths.items(), start=1):
        changes = {"metadata__instance_type": name, "system_info__instance_family": name.split(".", maxsplit=1)[0]}
        for suite in ("cache", "numa"):
            template = of_suite(documents, suite)
            made = made_results.make(template, made_results.samples_near(template, random), **changes)
            made_results.write(made, tmp_path / "raw")
        for iteration in range(1, 4):
            samples = [bandwidth + (iteration - 2) * 0.5 + place * 0.001 * number for place in (-1, 0, 1)]
            stream = made_results.make(
                of_suite(documents, "stream"), {TRIAD: samples}, metadata__iteration=iteration, **changes
            )
            made_results.write(stream, tmp_path / "raw")
    processed(collector, tmp_path / "raw")
    rankings = json.loads((tmp_path / "out/latest/instance-rankings.json").read_text())["rankings"]
    assert rankings["triad_bandwidth"]["figure"] == "stream.triad.bandwidth"
    rows = rankings["triad_bandwidth"]["types"]
    assert [(row["rank"], row["instanceType"]) for row in rows] == [
        (1, "i7i.large"), (2, "c7i.large"), (3, "m7i.large"), (3, "r7i.large"),
    ]  # fmt: skip
    for row in rows:
        middle = bandwidths[row["instanceType"]]
        assert row["value"] == middle and row["results"] == 3 and row["rankInArchitecture"] == row["rank"]
        assert row["interval95"] == pytest.approx(made_results.mean_interval(np.array([-0.5, 0, 0.5]) + middle))
    assert rankings["peak_gflops"]["types"] == []
