"""How long the sandbox's container engine takes by itself: to load the image, to start a suite, to run a container that
ends at once. As a program: JSON on stdout; as root, in namespaces of its own, so that nothing outlives it."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sandbox import cgroups, paths
from sandbox.engine import Engine, EngineError

TIMES = 5
SUITE = ("run", "stream", "--max-seconds=1")
NOTHING = ("list",)
"""Ends at once."""
START_OPTIONS = (
    *("--rm", "--network", "none", "--read-only", "--cap-drop", "ALL"),
    *("--security-opt", "no-new-privileges", "--log-driver", "none"),
)
"""As the collector starts it (pkg/orchestrator/container.c)."""
MEASURING = "measuring"
"""The suite's line of progress when it takes its first sample."""
LONGEST = 30.0
APART = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc")
TESTS = Path(__file__).resolve().parents[1]


class NoEngine(RuntimeError):
    """Nothing was measured; the text is for the user."""


def measured(image: Path) -> dict[str, list[float]]:
    """Seconds, several times each: `load` the image; until the `first_sample` of a suite; a `container` from docker's
    start to its end, of a program that ends at once. Raises NoEngine."""
    root = [] if os.geteuid() == 0 else ["sudo"]
    command = [*root, "env", f"PYTHONPATH={TESTS}", *APART, sys.executable, "-B", "-m", "bench.engine"]
    done = subprocess.run([*command, "--image", str(image)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoEngine((done.stderr.strip() or "no word").splitlines()[-1])
    return json.loads(done.stdout)


def _timed(command: list[str]) -> float:
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, timeout=LONGEST)
    return time.monotonic() - started


def _until_first_sample(command: list[str]) -> float:
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        moments = [time.monotonic() - started for line in process.stderr if MEASURING in line.split()]
    if process.returncode != 0 or not moments:
        raise EngineError(f"the suite ended with {process.returncode} and took no sample: {' '.join(command)}")
    return moments[0]


def measure(image: Path) -> dict[str, list[float]]:
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    engine = Engine(architecture)
    docker = ["docker", "--host", f"unix://{engine.socket}"]
    tag = next(tag for tag in _tags(image) if tag.endswith(f"-{architecture}"))
    found: dict[str, list[float]] = {"load": [], "first_sample": [], "container": []}
    for _ in range(TIMES):
        found["load"].append(_timed([*docker, "load", "--input", str(image)]))
        found["first_sample"].append(_until_first_sample([*docker, "run", *START_OPTIONS, tag, *SUITE]))
        found["container"].append(_timed([*docker, "run", *START_OPTIONS, tag, *NOTHING]))
        everything = subprocess.run([*docker, "images", "--quiet"], check=True, capture_output=True, text=True)
        subprocess.run([*docker, "rmi", "--force", *set(everything.stdout.split())], check=True, capture_output=True)
    return found


def _tags(image: Path) -> list[str]:
    listing = subprocess.run(["tar", "-xOf", str(image), "manifest.json"], check=True, capture_output=True)
    return [tag for row in json.loads(listing.stdout) for tag in row["RepoTags"]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.engine", description=__doc__)
    parser.add_argument("--image", type=Path, required=True)
    image = parser.parse_args().image.resolve()
    with tempfile.TemporaryDirectory(prefix="bench-engine-", dir="/run") as name:
        # On a file system in memory, as the sandbox's engines are.
        subprocess.run(["mount", "-t", "tmpfs", "none", name], check=True)
        paths.NAME, paths.RUN, paths.ENGINE = Path(name).name, Path(name), Path(name) / "engine"
        try:
            cgroups.mount_missing()
            found = measure(image)
        except (EngineError, OSError, subprocess.SubprocessError) as error:
            print(f"bench.engine: {error}", file=sys.stderr)
            return 1
        finally:
            cgroups.remove()
            subprocess.run(["umount", "--lazy", name], check=False)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
