#!/usr/bin/env python3
"""Writes clients/typescript/src/types.ts from the schemas of the processed files. With --check: fails when it is not
what they give."""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "clients/typescript/src/types.ts"
SCHEMAS = {
    "MemoryBenchmarks": "memory-benchmarks",
    "CpuBenchmarks": "cpu-benchmarks",
    "PricePerformance": "price-performance",
    "InstanceRankings": "instance-rankings",
    "Metadata": "metadata",
    "PeriodSummary": "period-summary",
}
HEAD = """// Made by scripts/client_types.py from data/schemas/v1.0: change these, not this.
"""
PLAIN = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}


class Schema:
    """One schema as TypeScript: its definitions as interfaces and types of their own, named after the file's."""

    def __init__(self, name: str, tree: dict) -> None:
        self._name = name
        self._tree = tree

    def declarations(self) -> list[str]:
        definitions = self._tree.get("$defs", {})
        return [
            self._declaration(self._name, self._tree),
            *(self._declaration(self._of(name), node) for name, node in definitions.items()),
        ]

    def _of(self, definition: str) -> str:
        return self._name + "".join(word.capitalize() for word in definition.split("_"))

    def _declaration(self, name: str, node: dict) -> str:
        if node.get("type") == "object" and "properties" in node:
            return f"{_comment(node, '')}export interface {name} {self._members(node, '')}\n"
        return f"{_comment(node, '')}export type {name} = {self._type(node, '')};\n"

    def _members(self, node: dict, indent: str) -> str:
        inner = indent + "  "
        required = node.get("required", [])
        lines = []
        for name, child in node["properties"].items():
            optional = "" if name in required else "?"
            lines.append(f"{_comment(child, inner)}{inner}{_key(name)}{optional}: {self._type(child, inner)};\n")
        return "{\n" + "".join(lines) + indent + "}"

    def _type(self, node: dict, indent: str) -> str:
        if "$ref" in node:
            return self._of(node["$ref"].rsplit("/", maxsplit=1)[1])
        if "const" in node:
            return json.dumps(node["const"])
        if "enum" in node:
            return " | ".join(json.dumps(value) for value in node["enum"])
        kinds = node.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        return " | ".join(self._kind(kind, node, indent) for kind in kinds) or "unknown"

    def _kind(self, kind: str, node: dict, indent: str) -> str:
        if kind == "array":
            items = self._type(node["items"], indent) if "items" in node else "unknown"
            return f"({items})[]" if " " in items and not items.startswith("{") else f"{items}[]"
        if kind != "object":
            return PLAIN[kind]
        if "properties" in node:
            return self._members(node, indent)
        values = node.get("additionalProperties")
        return f"{{ [name: string]: {self._type(values, indent) if values else 'unknown'} }}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"\w+", name) else json.dumps(name)


def _comment(node: dict, indent: str) -> str:
    return f"{indent}/** {node['description']} */\n" if "description" in node else ""


def main() -> int:
    parts = [HEAD]
    for name, file in SCHEMAS.items():
        tree = json.loads((ROOT / f"data/schemas/v1.0/{file}.schema.json").read_text())
        parts += Schema(name, tree).declarations()
    text = "\n".join(parts)
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text)
        return 0
    if TARGET.read_text() == text:
        return 0
    print(f"{TARGET.relative_to(ROOT)} is not what the schemas give: run scripts/client_types.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
