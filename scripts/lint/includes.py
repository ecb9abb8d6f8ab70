"""Reads file names on stdin and says which of them include what their package may not.

This is the one place where the direction of includes is written down.
"""

import re
import sys
from pathlib import Path

# A package may include itself and these. Whatever is not named here (tests, fuzz targets) may include anything.
PACKAGES = {
    "pkg/base": [],
    "pkg/aws": ["base"],
    "pkg/discovery": ["aws", "base"],
    "pkg/results": ["base"],
    "pkg/storage": ["results", "base"],
    "pkg/orchestrator": ["discovery", "results", "storage", "aws", "base"],
    "cmd": ["orchestrator", "discovery", "results", "storage", "aws", "base"],
    "builds/universal": ["base"],
}

# Single files that may include more than their package.
FILES = {
    "pkg/storage/store_s3.c": ["aws"],
    "pkg/storage/store_s3.h": ["aws"],
}

# Libraries, and the only packages or files that may include their headers.
LIBRARIES = {
    r"curl/": ["pkg/aws"],
    r"expat": ["pkg/aws"],
    r"libssh2": ["pkg/orchestrator"],
    r"zlib": ["pkg/orchestrator"],
    r"openssl/": ["pkg/base", "pkg/aws", "pkg/orchestrator"],
    r"cjson/": ["pkg/base/json.h"],
}

INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')
NAMES = {package.split("/")[-1] for package in PACKAGES if package.startswith("pkg/")}


def package_of(path):
    for package in PACKAGES:
        if path.startswith(package + "/"):
            return package
    return None


def wrong_package(path, package, header):
    """What is wrong with including "header" in path, or None."""
    if "/" not in header and package.startswith("pkg/"):
        return f'"{header}" lacks its package: write "{package.split("/")[-1]}/{header}"'
    target = header.split("/")[0]
    own = package.split("/")[-1]
    allowed = PACKAGES[package] + FILES.get(path, [])
    if target not in NAMES or target == own or target in allowed:
        return None
    return f'{own} may not include "{header}", only {", ".join(allowed) or "itself"}'


def wrong_library(path, header):
    for library, places in LIBRARIES.items():
        if not re.match(library, header):
            continue
        if not any(path == place or path.startswith(place + "/") for place in places):
            return f"<{header}> is for {', '.join(places)} alone"
    return None


def check(path):
    """Yields (line number, message)."""
    package = package_of(path)
    if package is None:
        return
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, header = match.groups()
        message = wrong_library(path, header)
        if quote == '"':
            message = message or wrong_package(path, package, header)
        if message:
            yield number, message


def main():
    failed = False
    for path in sys.stdin.read().split():
        for number, message in check(path):
            print(f"{path}:{number}: {message}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
