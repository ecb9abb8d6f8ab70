"""A control group of version 1 or 2 with limits, for as long as a test takes."""

import os
import pathlib

import pytest

ROOT = pathlib.Path("/sys/fs/cgroup")
PERIOD = 100_000  # µs


class ControlGroup:
    """memory: bytes; cpus: CPU time a second that its members get. Where no such group can be made, the test is
    skipped, with the kernel's reason."""

    def __init__(self, memory=None, cpus=None):
        self.limits = {}
        if memory is not None:
            self.add("memory", {"memory.limit_in_bytes": memory}, {"memory.max": memory})
        if cpus is not None:
            quota = int(cpus * PERIOD)
            version_1 = {"cpu.cfs_period_us": PERIOD, "cpu.cfs_quota_us": quota}
            self.add("cpu", version_1, {"cpu.max": f"{quota} {PERIOD}"})
        try:
            for folder, files in self.limits.items():
                folder.mkdir(exist_ok=True)
                for name, value in files.items():
                    (folder / name).write_text(str(value), encoding="ascii")
        except OSError as error:
            self.remove()
            pytest.skip(f"no such control group can be made here: {error}")

    def add(self, controller, version_1, version_2):
        """Which files of which folder to write, for the version that is mounted here."""
        name = f"universal-test-{os.getpid()}"
        if (ROOT / controller).is_dir():
            self.limits[ROOT / controller / name] = version_1
        else:
            self.limits.setdefault(ROOT / name, {}).update(version_2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        for folder in self.limits:
            if folder.is_dir():
                folder.rmdir()

    def enter(self):
        """Takes the process that calls it in."""
        for folder in self.limits:
            (folder / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")
