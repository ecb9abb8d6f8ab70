"""Result documents made from those of tests/data/results, with samples of one's own: sound in every respect, their
statistics computed by numpy and scipy, so that `validate` holds the program's statistics against theirs."""

import copy
import hashlib
import json
from pathlib import Path

import numpy as np
from scipy import stats

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
    low, high = stats.t.interval(0.95, len(samples) - 1, loc=samples.mean(), scale=stats.sem(samples))
    return [float(low), float(high)]


def outliers(samples: np.ndarray) -> list[int]:
    """By the modified z-score of Iglewicz and Hoaglin."""
    deviations = np.abs(samples - np.median(samples))
    scale = stats.median_abs_deviation(samples, scale="normal") or deviations.mean() * np.sqrt(np.pi / 2)
    return [int(i) for i in np.flatnonzero(deviations > 3.5 * scale)]


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


def _place(document: dict, metric: str, value: float) -> None:
    suite = document["metadata"]["benchmark_suite"]
    *groups, last = metric.split(".")
    at = document["performance_data"][suite]
    for group in groups:
        at = at[group]
    at[last] = value


def seal(document: dict) -> str:
    """The document's text with the digest that belongs to it."""
    document["integrity"]["sha256"] = "0" * 64
    text = json.dumps(document, separators=(",", ":")) + "\n"
    return text.replace('"sha256":"' + "0" * 64, '"sha256":"' + hashlib.sha256(text.encode()).hexdigest())


def make(template: dict, samples: Samples, **changes: str | int) -> dict:
    """changes: by dotted path as keywords with '__' for the dots, such as metadata__run_id."""
    document = copy.deepcopy(template)
    for path, value in changes.items():
        *groups, last = path.split("__")
        at = document
        for group in groups:
            at = at[group]
        at[last] = value
    for measurement in document["measurements"]:
        if measurement["name"] in samples:
            measurement["samples"] = samples[measurement["name"]]
            measurement.update(statistics(measurement["samples"]))
            _place(document, measurement["name"], measurement["median"])
    return document


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
