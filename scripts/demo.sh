#!/usr/bin/env bash
# The main job in the local sandbox: two architectures, all suites, results on disk and in S3, the processed files.
set -euo pipefail

cd "$(dirname "$(readlink -f "$0")")/.."
sandbox=tests/sandbox/sandbox
demo=build/demo
suites=stream,cache,numa,linpack,vector,scaling

say() {
    printf '\n== %s\n' "$*"
}

rm -rf "$demo"
mkdir -p "$demo"

say "starting the sandbox (a local EC2 of real parts; its numbers are this machine's, not AWS's)"
trap '"$sandbox" down' EXIT
trap 'exit 130' INT TERM
"$sandbox" up
eval "$("$sandbox" env)"

say "aws-benchmark-collector run --instance-types m7i.large,c7g.large (arm64 runs under qemu, slowly)"
./aws-benchmark-collector run --instance-types m7i.large,c7g.large --max-concurrency 5 \
    --benchmarks "$suites" --suite-options max-seconds=6 \
    --output-dir "$demo/results" --s3-bucket sandbox-results --state-dir "$demo/state"

say "in the sandbox's S3"
build/venv/bin/python - <<'PYTHON'
import boto3

for page in boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket="sandbox-results"):
    for entry in page.get("Contents", []):
        print(f"s3://sandbox-results/{entry['Key']}")
PYTHON

say "aws-benchmark-collector discover prices --results $demo/results (the sandbox's are invented)"
./aws-benchmark-collector discover prices --results "$demo/results" --file "$demo/prices.json"

say "aws-benchmark-collector process $demo/results --include sandbox --prices $demo/prices.json"
./aws-benchmark-collector process "$demo/results" --include sandbox --prices "$demo/prices.json" \
    --output-dir "$demo/processed"
./aws-benchmark-collector validate "$demo/results" "$demo/prices.json" "$demo/processed"

say "what ComputeCompass would read, from $demo/processed/latest"
build/venv/bin/python - "$demo/processed/latest" <<'PYTHON'
import json
import pathlib
import sys


def shown(value):
    return "-" if value is None else f"{value:.3g}"


def memory(instance):
    stream, cache, numa = instance["stream"], instance["cache"], instance["numa"]
    return (f"triad {shown(stream['triad']['bandwidth'])} {stream['triad']['unit']}, "
            f"L1 {shown(cache['l1']['latency'])} cycles, DRAM {shown(cache['memory']['latency'])} "
            f"{cache['memory']['unit']}, sockets {numa['socketCount']}")


def cpu(instance):
    linpack, scaling = instance["linpack"], instance["scaling"]
    widest = max(instance["vectorization"].items(), key=lambda item: item[1])
    return (f"LINPACK {shown(linpack['gflops'])} GFLOPS ({shown(linpack['efficiency'])} of peak), "
            f"{widest[0]} {shown(widest[1])} GFLOPS, one thread {shown(scaling['singleThread'])}, "
            f"all cores {shown(scaling['allCores'])} GFLOPS")


def price(instance):
    costs = instance["costEfficiency"]
    return (f"{shown(instance['onDemand'])} USD an hour, spot {shown(instance['spot']['current'])}, a GFLOP "
            f"{shown(costs['costPerGflop'])}, a GB/s {shown(costs['costPerGBs'])} (invented prices)")


folder = pathlib.Path(sys.argv[1])
kinds = (("memory-benchmarks.json", memory), ("cpu-benchmarks.json", cpu), ("price-performance.json", price))
for name, describe in kinds:
    instances = json.loads((folder / name).read_text())["instances"]
    print(f"{name}: {len(instances)} types")
    for instance_type, instance in instances.items():
        print(f"  {instance_type}: {describe(instance)}")
incomplete = json.loads((folder / "metadata.json").read_text())["incompleteTypes"]
for instance_type, missing in incomplete.items():
    print(f"incomplete, and so not listed: {instance_type} lacks {', '.join(missing)}")
PYTHON

say "instances left in the sandbox (none is right)"
"$sandbox" instances
