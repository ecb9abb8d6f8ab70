"""Prices as AWS's own client reads them: invented, in the right formats."""

import json
import urllib.request
from typing import Any

import pytest

from sandbox.tests.helpers import client, exports

FILTERS = {
    "instanceType": "m7i.large",
    "regionCode": "us-east-1",
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}


def listed(**changed: str) -> list[dict[str, Any]]:
    wanted = {**FILTERS, **changed}
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]
    answer = client("pricing").get_products(ServiceCode="AmazonEC2", Filters=filters)
    return [json.loads(product) for product in answer["PriceList"]]


@pytest.mark.usefixtures("ec2")
def test_the_price_list_has_on_demand_and_reserved_terms() -> None:
    (product,) = listed()
    (term,) = product["terms"]["OnDemand"].values()
    (dimension,) = term["priceDimensions"].values()
    assert dimension["pricePerUnit"] == {"USD": "0.1000000000"} and dimension["unit"] == "Hrs"
    assert "invented" in dimension["description"]
    leases = {term["termAttributes"]["LeaseContractLength"] for term in product["terms"]["Reserved"].values()}
    assert leases == {"1yr", "3yr"}


@pytest.mark.usefixtures("ec2")
@pytest.mark.parametrize("changed", [{"instanceType": "x99.large"}, {"operatingSystem": "Windows"}])
def test_what_is_not_sold_is_not_listed(changed: dict[str, str]) -> None:
    assert listed(**changed) == []


def test_spot_prices_have_a_history_in_pages(ec2: Any) -> None:
    pages = ec2.get_paginator("describe_spot_price_history").paginate(
        InstanceTypes=["m7i.large"], ProductDescriptions=["Linux/UNIX"], PaginationConfig={"PageSize": 5}
    )
    history = [price for page in pages for price in page["SpotPriceHistory"]]
    first_zone = [price["SpotPrice"] for price in history if price["AvailabilityZone"] == "us-east-1a"]
    assert first_zone == ["0.020000", "0.040000"] and len(history) > 5


@pytest.mark.usefixtures("ec2")
def test_the_spot_advisor_knows_every_type_of_a_region() -> None:
    with urllib.request.urlopen(exports()["AWS_BENCHMARK_COLLECTOR_SPOT_ADVISOR_URL"], timeout=30) as answer:
        advice = json.load(answer)
    assert advice["spot_advisor"]["us-east-1"]["Linux"]["m7i.large"]["r"] in (0, 1)
    assert {entry["index"] for entry in advice["ranges"]} == {0, 1, 2, 3, 4}
