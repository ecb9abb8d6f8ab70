"""Reads names of Markdown files on stdin and says which paths, tests, links and make targets in them do not exist.

A promise in the documents names the test that holds it, as `tests/unit/test_x.c` or `tests/unit/test_x.c::test_name`:
here it is made sure that the test is still there under that name.
"""

import re
import sys
from pathlib import Path

FOLDERS = ("builds", "cmd", "data", "docs", "pkg", "scripts", "tests", ".ci", ".github")
MADE_BY_THE_PROGRAM = ("data/processed/",)

CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
PATH = re.compile(r"^(?:%s)/[\w./*-]*(?:::[\w-]+)?$" % "|".join(re.escape(folder) for folder in FOLDERS))
TARGET = re.compile(r"\bmake ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)")


def make_targets():
    text = "".join(path.read_text(encoding="utf-8") for path in map(Path, ("Makefile", "builds/universal/build.mk"))
                   if path.exists())
    return set(re.findall(r"^([a-z][\w-]*):", text, re.MULTILINE))


def wrong_path(word):
    path, _, name = word.partition("::")
    if path.startswith(MADE_BY_THE_PROGRAM):
        return None
    found = list(Path().glob(path.rstrip("/"))) if "*" in path else [Path(path)]
    if not found or not all(item.exists() for item in found):
        return f"there is no {path}"
    if name and not re.search(rf"(?<!::)(?<![\w-]){name}(?![\w-])", found[0].read_text(encoding="utf-8")):
        return f"{path} has no {name}"
    return None


def wrong_link(markdown, target):
    if re.match(r"[a-z]+:", target) or (markdown.parent / target).exists():
        return None
    return f"the link to {target} leads nowhere"


def check_line(markdown, line, targets):
    """Yields messages."""
    for word in CODE.findall(line):
        if PATH.match(word):
            yield wrong_path(word)
        for names in TARGET.findall(word):
            yield from (f"make has no target '{name}'" for name in names.split() if name not in targets)
    for target in LINK.findall(line):
        yield wrong_link(markdown, target)


def main():
    failed = False
    targets = make_targets()
    for name in sys.stdin.read().splitlines():
        for number, line in enumerate(Path(name).read_text(encoding="utf-8").split("\n"), 1):
            for message in filter(None, check_line(Path(name), line, targets)):
                print(f"{name}:{number}: {message}")
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
