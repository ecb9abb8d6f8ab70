#!/usr/bin/env bash
# The main job in the local sandbox: two architectures, three suites, results on disk and in S3, the processed file.
set -euo pipefail

cd "$(dirname "$(readlink -f "$0")")/.."
sandbox=tests/sandbox/sandbox
demo=build/demo

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
    --suite-options max-seconds=8 --output-dir "$demo/results" --s3-bucket sandbox-results --state-dir "$demo/state"

say "in the sandbox's S3"
build/venv/bin/python - <<'PYTHON'
import boto3

for page in boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket="sandbox-results"):
    for entry in page.get("Contents", []):
        print(f"s3://sandbox-results/{entry['Key']}")
PYTHON

say "aws-benchmark-collector process $demo/results --include sandbox"
./aws-benchmark-collector process "$demo/results" --include sandbox --output-dir "$demo/processed"
./aws-benchmark-collector validate "$demo/results" "$demo/processed"

say "what ComputeCompass would read, from $demo/processed/latest/memory-benchmarks.json"
build/venv/bin/python - "$demo/processed/latest/memory-benchmarks.json" <<'PYTHON'
import json
import sys

document = json.load(open(sys.argv[1]))
for name, instance in document["instances"].items():
    stream, cache, numa = instance["stream"], instance["cache"], instance["numa"]
    print(f"{name}: triad {stream['triad']['bandwidth']:.1f} {stream['triad']['unit']}, "
          f"L1 {cache['l1']['latency']:.1f} cycles, DRAM {cache['memory']['latency']:.0f} {cache['memory']['unit']}, "
          f"sockets {numa['socketCount']}")
PYTHON

say "instances left in the sandbox (none is right)"
"$sandbox" instances
