"""What the sandbox's instances cost: invented round numbers by the vCPU, in the formats of AWS.

The Price List's GetProducts and the Spot Instance Advisor's file are answered here; DescribeSpotPriceHistory replaces
moto's, whose prices are all the same and of 2006.
"""

import datetime
import json
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES
from moto.ec2.responses.spot_instances import SpotInstances

from sandbox import failures
from sandbox.failures import Failure
from sandbox.listings import paged
from sandbox.messages import Answer, Request

ON_DEMAND = 0.05
RESERVED = {"1yr": 0.03, "3yr": 0.02}
SPOT = 0.01
SPOT_STEP = 0.002
"""USD per vCPU and hour; the step is from one zone to the next."""

SPOT_CHANGED = datetime.timedelta(days=3.5)
"""So long ago spot prices fell to a half."""

_SAYS = "An invented price of the sandbox"
_PUBLISHED = "2026-11-01T00:00:00Z"
_RANGES = [(0, "<5%", 5), (1, "5-10%", 11), (2, "10-15%", 16), (3, "15-20%", 22), (4, ">20%", 100)]
_TERM_TYPES = ("TERM_MATCH", "EQUALS")


def install() -> None:
    """Replaces moto's spot prices. Once per process."""
    setattr(SpotInstances, "describe_spot_price_history", paged(_spot_history, "SpotPriceHistory", 1000))


def _vcpus(instance_type: str) -> int:
    return int(INSTANCE_TYPES[instance_type]["VCpuInfo"]["DefaultVCpus"])


# --- the Price List ---------------------------------------------------------------------------------------------------


def products(request: Request) -> Answer:
    """The answer to GetProducts, by instance type and region alone; it fits one page."""
    if request.action != "GetProducts":
        return failures.answer(request, Failure("UnknownOperationException", "The sandbox has GetProducts alone."))
    try:
        asked = json.loads(request.body)
        wanted = {entry["Field"]: entry["Value"] for entry in asked["Filters"] if entry["Type"] in _TERM_TYPES}
    except (KeyError, TypeError, ValueError) as error:
        return failures.answer(request, Failure("InvalidParameterException", f"not understood: {error!r}"))
    listed = [_product(wanted)] if asked.get("ServiceCode") == "AmazonEC2" and _is_listed(wanted) else []
    body = {"FormatVersion": "aws_v1", "PriceList": [json.dumps(product) for product in listed]}
    return Answer(200, [("Content-Type", "application/x-amz-json-1.1")], json.dumps(body).encode())


def _is_listed(wanted: dict[str, str]) -> bool:
    region, instance_type = wanted.get("regionCode", ""), wanted.get("instanceType", "")
    offered = INSTANCE_TYPE_OFFERINGS["region"].get(region, [])
    attributes = _attributes(instance_type, region)
    is_as_asked = all(attributes.get(name) == value for name, value in wanted.items())
    return is_as_asked and any(offer["InstanceType"] == instance_type for offer in offered)


def _attributes(instance_type: str, region: str) -> dict[str, str]:
    return {
        "instanceType": instance_type,
        "regionCode": region,
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
        "marketoption": "OnDemand",
        "servicecode": "AmazonEC2",
    }


def _product(wanted: dict[str, str]) -> dict[str, Any]:
    instance_type = wanted["instanceType"]
    sku = "SANDBOX-" + instance_type
    vcpus = _vcpus(instance_type)
    reserved = {
        f"{sku}.{length}": _term(
            sku,
            price * vcpus,
            {"LeaseContractLength": length, "OfferingClass": "standard", "PurchaseOption": "No Upfront"},
        )
        for length, price in RESERVED.items()
    }
    return {
        "product": {
            "productFamily": "Compute Instance",
            "attributes": _attributes(instance_type, wanted["regionCode"]),
            "sku": sku,
        },
        "serviceCode": "AmazonEC2",
        "terms": {"OnDemand": {f"{sku}.ondemand": _term(sku, ON_DEMAND * vcpus, {})}, "Reserved": reserved},
        "version": "20261101000000",
        "publicationDate": _PUBLISHED,
    }


def _term(sku: str, price: float, attributes: dict[str, str]) -> dict[str, Any]:
    dimension = {
        "unit": "Hrs",
        "beginRange": "0",
        "endRange": "Inf",
        "appliesTo": [],
        "rateCode": f"{sku}.rate",
        "description": _SAYS,
        "pricePerUnit": {"USD": f"{price:.10f}"},
    }
    return {
        "sku": sku,
        "offerTermCode": "SANDBOX",
        "effectiveDate": _PUBLISHED,
        "priceDimensions": {f"{sku}.rate": dimension},
        "termAttributes": attributes,
    }


# --- spot -------------------------------------------------------------------------------------------------------------


def _spot_history(self: Any) -> ActionResult:
    asked = self._get_param("InstanceTypes", [])
    systems = self._get_param("ProductDescriptions", [])
    now = datetime.datetime.now(datetime.timezone.utc)
    offers = INSTANCE_TYPE_OFFERINGS["availability-zone"].get(self.ec2_backend.region_name, [])
    history: list[dict[str, Any]] = []
    if systems and "Linux/UNIX" not in systems:
        offers = []
    for offer in offers:
        instance_type, zone = offer["InstanceType"], offer["Location"]
        if (asked and instance_type not in asked) or not _is_sold_as_spot(instance_type):
            continue
        price = _vcpus(instance_type) * (SPOT + SPOT_STEP * (ord(zone[-1]) - ord("a")))
        history.append(_spot_price(offer, price, now - SPOT_CHANGED))
        history.append(_spot_price(offer, 2 * price, now - datetime.timedelta(days=30)))
    return ActionResult({"SpotPriceHistory": history})


def _is_sold_as_spot(instance_type: str) -> bool:
    return "spot" in INSTANCE_TYPES[instance_type].get("SupportedUsageClasses", [])


def _spot_price(offer: dict[str, str], price: float, since: datetime.datetime) -> dict[str, Any]:
    return {
        "InstanceType": offer["InstanceType"],
        "ProductDescription": "Linux/UNIX",
        "SpotPrice": f"{price:.6f}",
        "AvailabilityZone": offer["Location"],
        "Timestamp": since,
    }


def advisor() -> Answer:
    """The Spot Instance Advisor's file."""
    regions = {}
    for region, offers in INSTANCE_TYPE_OFFERINGS["region"].items():
        names = sorted(offer["InstanceType"] for offer in offers)
        regions[region] = {"Linux": {name: {"s": 70, "r": number % 2} for number, name in enumerate(names)}}
    ranges = [{"index": index, "label": label, "dots": index, "max": most} for index, label, most in _RANGES]
    body = {"sandbox": _SAYS, "ranges": ranges, "spot_advisor": regions}
    return Answer(200, [("Content-Type", "application/json")], json.dumps(body).encode())
