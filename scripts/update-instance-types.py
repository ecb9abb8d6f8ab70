#!/usr/bin/env python3
"""Writes data/instance-types.json, the facts about instance types that the program carries for offline use.

Asks DescribeInstanceTypes of every region named (a type that several regions offer is taken from the first), at AWS or
at the endpoint that --endpoint-url names. Needs boto3 and, at AWS, the permission
ec2:DescribeInstanceTypes.
"""

import argparse
import datetime
import json
import pathlib

import boto3

TABLE = pathlib.Path(__file__).resolve().parent.parent / "data" / "instance-types.json"
COLUMNS = ["instance_type", "architectures", "manufacturer", "vcpus", "memory_mib"]


def describe(region: str, endpoint_url: str | None) -> dict[str, list]:
    client = boto3.client("ec2", region_name=region, endpoint_url=endpoint_url)
    pages = client.get_paginator("describe_instance_types").paginate()
    return {fact["InstanceType"]: row(fact) for page in pages for fact in page["InstanceTypes"]}


def row(fact: dict) -> list:
    processor = fact["ProcessorInfo"]
    return [
        fact["InstanceType"],
        processor["SupportedArchitectures"],
        processor.get("Manufacturer", ""),
        fact["VCpuInfo"]["DefaultVCpus"],
        fact["MemoryInfo"]["SizeInMiB"],
    ]


def table(types: dict[str, list], source: str, date: str) -> str:
    """One line for each type, so that a change of the table reads as a change of types."""
    rows = ",\n".join(json.dumps(types[name], separators=(",", ":")) for name in sorted(types))
    head = {"source": source, "date": date, "columns": COLUMNS}
    lines = [f'"{key}": {json.dumps(value)},\n' for key, value in head.items()]
    return f'{{\n{"".join(lines)}"types": [\n{rows}\n]\n}}\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--region", action="append", help="may be repeated (default: us-east-1)")
    parser.add_argument("--endpoint-url", help="another endpoint than AWS's own")
    parser.add_argument("--source", help="what the table says where its facts are from")
    parser.add_argument("--output", type=pathlib.Path, default=TABLE)
    options = parser.parse_args()
    regions = options.region or ["us-east-1"]
    if options.endpoint_url and not options.source:
        parser.error("--endpoint-url needs --source: the table has to say where its facts are from")

    types: dict[str, list] = {}
    for region in reversed(regions):
        types |= describe(region, options.endpoint_url)
    source = options.source or f"DescribeInstanceTypes of {', '.join(regions)}"
    date = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    options.output.write_text(table(types, source, date))
    print(f"{options.output}: {len(types)} types")


if __name__ == "__main__":
    main()
