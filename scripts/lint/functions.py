"""Reads file names on stdin and says which functions and files are too long or too tangled (lizard counts)."""

import sys
from pathlib import Path

import lizard

WANTED_LINES = 60  # beyond it a warning,
MOST_LINES = 100  # beyond it an error
MOST_COMPLEXITY = 15  # cyclomatic
MOST_FILE_LINES = 500


def check_function(path, function):
    """Yields (is an error, message)."""
    place = f"{path}:{function.start_line}: {function.name}"
    if function.length > MOST_LINES:
        yield True, f"{place} has {function.length} lines, at most {MOST_LINES} are allowed"
    elif function.length > WANTED_LINES:
        yield False, f"{place} has {function.length} lines, at most {WANTED_LINES} are wanted"
    if function.cyclomatic_complexity > MOST_COMPLEXITY:
        yield True, (
            f"{place} has a cyclomatic complexity of {function.cyclomatic_complexity}, "
            f"at most {MOST_COMPLEXITY} is allowed"
        )


def check_file(path):
    lines = len(Path(path).read_text(encoding="utf-8").splitlines())
    if lines > MOST_FILE_LINES:
        yield True, f"{path}:1: the file has {lines} lines, at most {MOST_FILE_LINES} are allowed"
    for function in lizard.analyze_file(path).function_list:
        yield from check_function(path, function)


def main():
    failed = False
    for path in sys.stdin.read().split():
        for is_error, message in check_file(path):
            print(message if is_error else f"{message} (warning)")
            failed = failed or is_error
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
