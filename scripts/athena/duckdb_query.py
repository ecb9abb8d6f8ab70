#!/usr/bin/env python3
"""Runs the queries of this folder with DuckDB over results where they lie, and prints the rows as JSON.

    duckdb_query.py SOURCE QUERY.sql

SOURCE: a directory that holds results/v1.0, or a place such as s3://BUCKET/PREFIX, read through s3fs with the
credentials and the endpoint (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL) of the environment. Needs the Python packages
duckdb and, for S3, s3fs."""

import argparse
import json
import os
import re
import sys
from pathlib import Path

import duckdb

TABLE = Path(__file__).with_name("table.sql")
LAYOUT = "results/v1.0/*/*/*/*/*.json"
TYPES = {"string": "VARCHAR", "double": "DOUBLE", "int": "INTEGER", "boolean": "BOOLEAN"}


class Columns:
    """The columns of table.sql in DuckDB's words: struct<a: int> is STRUCT(a INTEGER), array<int> INTEGER[]."""

    def __init__(self, text: str) -> None:
        body = re.sub(r"--.*", "", text).split("(", maxsplit=1)[1].split("PARTITIONED", maxsplit=1)[0]
        self._words = re.findall(r"\w+|[<>,:]", body[: body.rindex(")")])
        self._at = 0

    def all(self) -> dict[str, str]:
        found = {}
        while self._at < len(self._words):
            name = self._take()
            found[name] = self._type()
            self._skip(",")
        return found

    def _take(self) -> str:
        self._at += 1
        return self._words[self._at - 1]

    def _skip(self, word: str) -> bool:
        here = self._at < len(self._words) and self._words[self._at] == word
        self._at += here
        return here

    def _type(self) -> str:
        word = self._take()
        if word == "array":
            self._skip("<")
            inner = self._type()
            self._skip(">")
            return f"{inner}[]"
        if word != "struct":
            return TYPES[word]
        self._skip("<")
        members = []
        while not self._skip(">"):
            name = self._take()
            self._skip(":")
            members.append(f"{name} {self._type()}")
            self._skip(",")
        return f"STRUCT({', '.join(members)})"


def s3_files():
    import s3fs

    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return s3fs.S3FileSystem(endpoint_url=endpoint)


def connect(source: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    if source.startswith("s3://"):
        connection.register_filesystem(s3_files())
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in Columns(TABLE.read_text()).all().items())
    partitions = "'region': VARCHAR, 'instance_type': VARCHAR, 'suite': VARCHAR, 'date': VARCHAR"
    place = f"{source.rstrip('/')}/{LAYOUT}".replace("'", "''")
    connection.execute(
        f"CREATE VIEW results AS SELECT * FROM read_json('{place}', columns = {{{columns}}},"
        f" hive_partitioning = true, hive_types = {{{partitions}}}, format = 'newline_delimited')"
    )
    return connection


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("query", type=Path)
    options = parser.parse_args()
    result = connect(options.source).execute(options.query.read_text())
    names = [column[0] for column in result.description]
    json.dump([dict(zip(names, row, strict=True)) for row in result.fetchall()], sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
