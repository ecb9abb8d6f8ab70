"""Reads file names on stdin and says where a text file breaks .editorconfig, leaves work unfinished, or calls what
belongs to one place."""

import re
import sys
from pathlib import Path

LONGEST_LINE = 120  # characters; of code, not of prose and data
CODE = (".c", ".h", ".py", ".sh")
DATA = ("tests/data/", "tests/fuzz/corpus/")  # bytes that are what they are

# Words that no file may hold. They are split here so that this file does not hold them.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")

# (what, where it is looked for, where it may stand, message)
CALLS = [
    (r"\bcJSON_(Parse|Print)\w*\(", r"(pkg|cmd)/.*\.c$", r"pkg/base/json\.c$", "JSON text goes through base/json.h"),
    (r"\b_?exit\(|\babort\(", r"pkg/.*\.c$", None, "a package returns errors and never ends the process"),
    (r"\b(printf|puts|putchar|perror)\(", r"pkg/.*\.c$", None, "packages don't print: log or return"),
    (r"\bfprintf\(stderr\b", r"pkg/.*\.c$", r"pkg/base/log\.c$", "packages don't print: log or return"),
    (r"\bvolatile\s+sig_atomic_t\b", r"(pkg|cmd)/", None, "flags between threads are atomic"),
    (r"\bstrdupa\(|\balloca\(", r"(pkg|cmd)/", None, "the stacks are small"),
]


def check_line(path, number, line):
    """Yields messages."""
    if line != line.rstrip():
        yield "white space at the end of the line"
    if "\t" in line and not path.endswith(("Makefile", ".mk")):
        yield "a tab"
    if len(line) > LONGEST_LINE and path.endswith(CODE):
        yield f"the line has {len(line)} characters, at most {LONGEST_LINE} are allowed"
    if UNFINISHED.search(line):
        yield "unfinished work: do it, or make it an issue"
    for call, where, exempt, message in CALLS:
        if re.match(where, path) and not (exempt and re.match(exempt, path)) and re.search(call, line):
            yield message


def check(path):
    """Yields (line number, message). Files that are not text are passed over."""
    data = Path(path).read_bytes()
    if not data or b"\0" in data:
        return
    text = data.decode("utf-8", errors="replace")
    if "\ufffd" in text:
        yield 1, "not UTF-8"
    if "\r" in text:
        yield 1, "carriage returns"
    if not text.endswith("\n"):
        yield text.count("\n") + 1, "the last line does not end"
    for number, line in enumerate(text.split("\n"), 1):
        for message in check_line(path, number, line):
            yield number, message


def main():
    failed = False
    for path in sys.stdin.read().splitlines():
        if path.startswith(DATA):
            continue
        for number, message in check(path):
            print(f"{path}:{number}: {message}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
