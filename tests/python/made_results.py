"""Result documents made from those of tests/data/results, with samples of one's own: sound in every respect, their
statistics computed by numpy and scipy, so that `validate` holds the program's statistics against theirs."""

import copy
import json
from datetime import datetime
from pathlib import Path

import numpy as np
from scipy import stats

from data_program import seal

Samples = dict[str, list[float]]
"""By the name of the metric; metrics that are not named keep their own."""


def median_interval(samples: np.ndarray) -> list[float] | None:
    """Order statistics: the l-th from either end, for the largest l with P(fewer than l below the median) <= 2.5 %."""
    count = len(samples)
    place = int(stats.binom.ppf(0.025, count, 0.5))
    if stats.binom.cdf(place, count, 0.5) <= 0.025:
        place += 1
    ordered = np.sort(samples)
    return [float(ordered[place - 1]), float(ordered[count - place])] if place >= 1 else None


def mean_interval(samples: np.ndarray) -> list[float] | None:
    if len(samples) < 2:
        return None
    if (samples == samples[0]).all():
        return [float(samples[0])] * 2
    low, high = stats.t.interval(0.95, len(samples) - 1, loc=samples.mean(), scale=stats.sem(samples))
    return [float(low), float(high)]


def outliers(samples: np.ndarray) -> list[int]:
    """By the modified z-score of Iglewicz and Hoaglin."""
    deviations = np.abs(samples - np.median(samples))
    scale = stats.median_abs_deviation(samples, scale="normal") or deviations.mean() * np.sqrt(np.pi / 2)
    return [int(i) for i in np.flatnonzero(deviations > 3.5 * scale)]


NOTHING = {"n": 0, "outliers": []}
"""Of what the hardware lacks, beside nulls."""


def statistics(values: list[float]) -> dict:
    samples = np.array(values)
    several = len(samples) > 1
    return {
        "n": len(samples),
        "median": float(np.median(samples)),
        "mean": float(samples.mean()),
        "standard_deviation": float(samples.std(ddof=1)) if several else None,
        "coefficient_of_variation": float(stats.variation(samples, ddof=1)) if several else None,
        "minimum": float(samples.min()),
        "maximum": float(samples.max()),
        "mean_interval_95": mean_interval(samples),
        "median_interval_95": median_interval(samples),
        "outliers": outliers(samples),
    }


def _place(document: dict, measurement: dict) -> None:
    """The median at its path, its unit beside it; counts and names that end in their unit have none."""
    *groups, last = measurement["name"].split(".")
    at = document["performance_data"].setdefault(document["metadata"]["benchmark_suite"], {})
    for group in groups:
        at = at.setdefault(group, {})
    at[last] = measurement["median"]
    unit = measurement["unit"]
    if unit != "count" and not last.lower().endswith("_" + unit.lower()):
        units = at["unit"].split("|") if "unit" in at else []
        at["unit"] = "|".join(units if unit in units else [*units, unit])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _move_timing(document: dict, before: str) -> None:
    """The states go where the document's time has gone."""
    moved = _time(document["metadata"]["timestamp"]) - _time(before)
    timing = document["execution_context"]["timing"]
    for state, time in timing.items():
        if isinstance(time, str):
            timing[state] = (_time(time) + moved).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def make(template: dict, samples: Samples, **changes: str | int) -> dict:
    """changes: by dotted path as keywords with '__' for the dots, such as metadata__run_id."""
    document = copy.deepcopy(template)
    for path, value in changes.items():
        *groups, last = path.split("__")
        at = document
        for group in groups:
            at = at[group]
        at[last] = value
    _move_timing(document, template["metadata"]["timestamp"])
    for measurement in document["measurements"]:
        if measurement["name"] in samples:
            measurement["samples"] = samples[measurement["name"]]
            measurement.update(statistics(measurement["samples"]))
            _place(document, measurement)
    return document


def of_output(template: dict, output: dict) -> dict:
    """The document of another suite's output on the same instance."""
    document = copy.deepcopy(template)
    document["metadata"] |= {"benchmark_suite": output["suite"], "suite_version": output["suite_version"]}
    document["performance_data"] = {}
    document["measurements"] = []
    for metric in output["metrics"]:
        values = metric["samples"]
        measurement = metric | (statistics(values) if values else dict.fromkeys(statistics([1.0])) | NOTHING)
        document["measurements"].append(measurement)
        _place(document, measurement)
    return document


def samples_near(template: dict, random: np.random.Generator) -> Samples:
    """Of every rate, some per cent from the template's: what another run would have measured."""
    return {
        row["name"]: (np.array(row["samples"]) * random.normal(1, 0.05, len(row["samples"])).clip(0.8, 1.2)).tolist()
        for row in template["measurements"]
        if row["samples"] and row["unit"] in ("GB/s", "GFLOPS")
    }


def write(document: dict, root: Path) -> Path:
    """Below root, where its key says."""
    text = seal(document)
    about = document["metadata"]
    folder = root / "results/v1.0" / "/".join(
        (
            f"region={about['region']}",
            f"instance_type={about['instance_type']}",
            f"suite={about['benchmark_suite']}",
            f"date={about['timestamp'][:10]}",
        )
    )
    folder.mkdir(parents=True, exist_ok=True)
    digest = json.loads(text)["integrity"]["sha256"]
    path = folder / f"{about['run_id']}-{about['iteration']}-{digest[:12]}.json"
    path.write_text(text)
    return path
