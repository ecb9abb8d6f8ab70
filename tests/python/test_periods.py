"""Snapshots and summaries of weeks and months, held against Python's calendar and scipy's tests."""

import datetime
import json

import numpy as np
import pytest
from scipy import stats

import made_results
from data_program import collector, documents  # noqa: F401 (fixtures)
from test_statistics_against_scipy import TRIAD, of_suite

FIGURE = "stream.triad.bandwidth"


def measured(documents, root, by_day: dict[str, list[float]]) -> None:
    """A complete type; by day, the triad of each run of stream."""
    first = min(by_day)
    for suite in ("cache", "numa"):
        made_results.write(
            made_results.make(of_suite(documents, suite), {}, metadata__timestamp=f"{first}T01:00:00Z"), root
        )
    iteration = 0
    for day, bandwidths in by_day.items():
        for bandwidth in bandwidths:
            iteration += 1
            samples = [bandwidth, bandwidth + 0.001 * iteration, bandwidth - 0.001 * iteration]
            document = made_results.make(
                of_suite(documents, "stream"),
                {TRIAD: samples},
                metadata__timestamp=f"{day}T12:00:00Z",
                metadata__iteration=iteration,
                metadata__run_id="made-run",
            )
            made_results.write(document, root)


def summaries(collector, tmp_path, kind) -> dict[str, dict]:
    done = collector("process", tmp_path / "raw", "--output-dir", "out")
    assert done.code == 0, done.err
    files = sorted((tmp_path / "out/historical" / kind).glob("*.json"))
    return {path.stem: json.loads(path.read_text()) for path in files}


DAYS = ["2024-12-29", "2024-12-30", "2025-01-01", "2026-01-01", "2026-12-31", "2027-01-03", "2028-02-29", "2100-03-01"]


def test_weeks_are_those_of_iso_8601_and_months_the_calendars(collector, documents, tmp_path):
    measured(documents, tmp_path / "raw", {day: [40.0] for day in DAYS})
    weekly = summaries(collector, tmp_path, "weekly")
    monthly = summaries(collector, tmp_path, "monthly")
    dates = [datetime.date.fromisoformat(day) for day in DAYS]
    weeks = {date.strftime("%G-W%V"): date - datetime.timedelta(days=date.weekday()) for date in dates}
    assert {name: found["period"]["from"] for name, found in weekly.items()} == {
        name: monday.isoformat() for name, monday in weeks.items()
    }
    assert sorted(monthly) == sorted({day[:7] for day in DAYS})
    for name, found in monthly.items():
        assert found["period"]["name"] == name and found["period"]["from"] == name + "-01"
        after = datetime.date.fromisoformat(found["period"]["to"]) + datetime.timedelta(days=1)
        assert after.day == 1 and (after - datetime.timedelta(days=1)).isoformat()[:7] == name
    assert sum(found["instances"]["m7i.large"][FIGURE]["results"] for found in weekly.values()) == len(DAYS)


def test_the_snapshot_of_a_day_has_the_files_of_latest(collector, documents, tmp_path):
    measured(documents, tmp_path / "raw", {"2026-11-20": [40.0], "2026-11-21": [41.0]})
    summaries(collector, tmp_path, "weekly")
    (day,) = (tmp_path / "out/v1.0").iterdir()
    assert day.name == "2026-11-21"
    latest = {path.name: path.read_bytes() for path in (tmp_path / "out/latest").iterdir()}
    assert {path.name: path.read_bytes() for path in day.iterdir()} == latest
    assert sorted(latest) == sorted(json.loads(latest["metadata.json"])["files"])


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 6, 7, 8])
def test_what_has_moved_is_what_welchs_test_says(collector, documents, tmp_path, seed):
    random = np.random.default_rng(seed)
    before = random.normal(40, 1, int(random.integers(2, 9)))
    now = random.normal(40 + seed * 0.6, 0.5, int(random.integers(2, 9)))
    by_day = {"2026-11-11": before.tolist(), "2026-11-20": now.tolist()}
    measured(documents, tmp_path / "raw", by_day)
    found = summaries(collector, tmp_path, "weekly")["2026-W47"]
    figure = found["instances"]["m7i.large"][FIGURE]
    chance = stats.ttest_ind(before, now, equal_var=False).pvalue
    assert abs(chance - 0.05) > 0.005, "choose another seed: degrees of freedom are rounded down"
    assert figure["moved"] is bool(chance < 0.05)
    assert figure["change"] == pytest.approx(now.mean() / before.mean() - 1, rel=1e-9)
    assert figure["previous"]["period"] == "2026-W46" and figure["previous"]["results"] == len(before)
    moved = [row for row in found["moved"] if row["figure"] == FIGURE]
    assert [row["instanceType"] for row in moved] == (["m7i.large"] if figure["moved"] else [])


def test_one_result_a_period_says_nothing_about_noise(collector, documents, tmp_path):
    measured(documents, tmp_path / "raw", {"2026-10-20": [30.0], "2026-11-20": [60.0]})
    figure = summaries(collector, tmp_path, "monthly")["2026-11"]["instances"]["m7i.large"][FIGURE]
    assert figure["moved"] is None and figure["change"] == pytest.approx(1.0)


def test_the_trend_is_theil_sens_slope_over_the_last_twelve_periods(collector, documents, tmp_path):
    random = np.random.default_rng(1)
    monday = datetime.date(2026, 6, 1)
    values = {week: 40 + 0.3 * week + random.normal(0, 1) for week in range(16) if week not in (3, 9)}
    days = {(monday + datetime.timedelta(weeks=week)).isoformat(): [value] for week, value in values.items()}
    measured(documents, tmp_path / "raw", days)
    weekly = summaries(collector, tmp_path, "weekly")
    last = weekly[max(weekly)]["instances"]["m7i.large"][FIGURE]
    weeks, medians = list(values)[-12:], list(values.values())[-12:]
    slope = stats.theilslopes(medians, weeks).slope
    assert last["trendPerPeriod"] == pytest.approx(slope / medians[-1], rel=1e-9)
    second = sorted(weekly)[1]
    assert weekly[second]["instances"]["m7i.large"][FIGURE]["trendPerPeriod"] is None


def test_summaries_are_the_same_bytes_each_time_and_valid(collector, documents, tmp_path):
    measured(documents, tmp_path / "raw", {"2026-11-11": [40.0, 41.0], "2026-11-20": [42.0, 42.5]})
    first = summaries(collector, tmp_path, "weekly")
    assert summaries(collector, tmp_path, "weekly") == first
    done = collector("validate", "--output", "json", tmp_path / "out")
    assert done.json()["findings"] == []
