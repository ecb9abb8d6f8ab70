"""Prices: from the Price List, EC2 and the Spot Instance Advisor, all the sandbox's, into price-performance.json."""

import json
import shutil
from datetime import datetime, timedelta, timezone

import pytest
from conftest import ROOT, assert_one_line_error

RESULTS = ROOT / "tests/data/results"
SPOT_ADVISOR = "AWS_BENCHMARK_COLLECTOR_SPOT_ADVISOR_URL"


@pytest.fixture
def prices(collector):
    """prices.json of the types of the test data: two vCPUs each."""
    shutil.copytree(RESULTS, collector.home / "raw/results")
    done = collector("discover", "prices", "--results", "raw", "--file", "prices.json")
    assert done.code == 0, done.err
    assert "sandbox" in done.err
    return json.loads((collector.home / "prices.json").read_text())


def test_prices_of_the_types_that_have_results(collector, prices):
    assert sorted(prices["instances"]) == ["c7g.large", "m7i.large"] and prices["unavailable"] == {}
    m7i = prices["instances"]["m7i.large"]
    assert m7i["onDemand"] == 0.1 and m7i["reserved"] == {"term1yr": 0.06, "term3yr": 0.04}
    assert m7i["spot"]["current"] == 0.02 and m7i["spot"]["zone"] == "us-east-1a"
    assert m7i["spot"]["average7d"] == pytest.approx(0.03, abs=1e-4)
    assert m7i["spot"]["reliability"] in (0.95, 0.89)


def test_they_say_that_they_are_a_sandboxs_with_source_and_time(collector, prices):
    assert next(iter(prices)) == "notice" and prices["sandbox"] is True
    for source in prices["sources"].values():
        assert source["endpoint"].startswith(collector.environment["AWS_ENDPOINT_URL"])
        age = datetime.now(timezone.utc) - datetime.fromisoformat(source["time"].replace("Z", "+00:00"))
        assert timedelta(minutes=-1) < age < timedelta(minutes=5)
    done = collector("validate", "prices.json")
    assert done.code == 0, done.out


def test_they_enter_the_price_file_only_when_asked_for(collector, prices):
    done = collector("process", "raw", "--prices", "prices.json", "--output-dir", "out")
    assert_one_line_error(done, 2, "--include sandbox")
    assert not (collector.home / "out").exists()
    done = collector("process", "raw", "--prices", "prices.json", "--include", "sandbox", "--output-dir", "out")
    assert done.code == 0, done.err
    latest = collector.home / "out/latest"
    written = json.loads((latest / "price-performance.json").read_text())
    assert "sandbox" in written["notice"] and next(iter(written)) == "notice"
    assert written["prices"]["sources"] == prices["sources"]
    metadata = json.loads((latest / "metadata.json").read_text())
    assert metadata["typesWithoutPrice"] == {}
    assert "costEfficiency.costPerGflop" in metadata["incompleteTypes"]["m7i.large"]  # LINPACK was not run
    assert collector("validate", "out").code == 0


def test_a_type_without_a_price_is_named(collector):
    done = collector("discover", "prices", "m7i.large", "m99.large", "--output", "json")
    assert done.code == 1
    assert list(done.json()["instances"]) == ["m7i.large"]
    assert "m99.large" in done.json()["unavailable"]["m99.large"]
    assert "no price for m99.large" in done.err


def test_a_type_that_is_not_sold_as_spot_has_no_spot_price(collector):
    done = collector("discover", "prices", "hpc7g.4xlarge", "--output", "json")
    assert done.code == 0, done.err
    nothing = {"current": None, "average7d": None, "reliability": None, "zone": None}
    assert done.json()["instances"]["hpc7g.4xlarge"]["spot"] == nothing


def test_an_advisor_that_does_not_answer_leaves_the_rest(collector):
    nobody = {SPOT_ADVISOR: "http://127.0.0.1:9"}
    done = collector("discover", "prices", "m7i.large", "--output", "json", environment=nobody)
    assert done.code == 1
    assert done.json()["sources"]["reliability"] is None
    assert done.json()["instances"]["m7i.large"]["spot"]["reliability"] is None
    assert done.json()["instances"]["m7i.large"]["onDemand"] == 0.1


def test_nothing_is_written_where_nobody_can_be_asked(collector, cloud):
    cloud.fault("error:AccessDeniedException", "--action", "GetProducts", "--times", "0")
    done = collector("discover", "prices", "m7i.large", "--file", "prices.json")
    assert_one_line_error(done, 3, "GetProducts")
    assert not (collector.home / "prices.json").exists()


@pytest.mark.parametrize("words", [["discover", "prices"], ["discover", "prices", "large"]])
def test_no_type_or_none_by_its_name_is_a_usage_error(collector, words):
    assert_one_line_error(collector(*words), 2)


def test_a_file_that_holds_no_prices_is_a_usage_error(collector, cloud):
    (collector.home / "prices.json").write_text("{}")
    done = collector("process", RESULTS, "--prices", "prices.json", "--output-dir", "out")
    assert_one_line_error(done, 2, "prices.json")
