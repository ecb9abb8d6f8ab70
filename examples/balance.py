#!/usr/bin/env python3
"""How many bytes of memory each instance type can move for one operation, with pandas.

    balance.py DIRECTORY-OR-URL    of memory-benchmarks.json and cpu-benchmarks.json, such as data/processed/latest"""

import sys

import pandas as pd


def instances(place: str, name: str) -> pd.DataFrame:
    document = pd.read_json(f"{place}/{name}.json", typ="series")
    return pd.json_normalize(list(document["instances"].values())).set_axis(list(document["instances"]))


def balance(place: str) -> pd.DataFrame:
    memory = instances(place, "memory-benchmarks")
    cpu = instances(place, "cpu-benchmarks")
    both = memory.join(cpu, how="inner", rsuffix="_cpu")
    table = both[["architecture", "stream.triad.bandwidth", "linpack.gflops"]].copy()
    table["bytes_per_operation"] = table["stream.triad.bandwidth"] / table["linpack.gflops"]
    return table.sort_values("bytes_per_operation", ascending=False)


if __name__ == "__main__":
    print(balance(sys.argv[1]).to_csv(), end="")
