"""Has the kernel run programs of the other architecture under qemu, as a service manager would have set it up.

The handler must carry the F flag: the interpreter is then opened at once, and is there in every container. Where the
host has such a handler it is used; otherwise the sandbox registers one of its own, which `down` takes away.
"""

import shutil
import subprocess
from pathlib import Path

from sandbox import paths

_FILES = Path("/proc/sys/fs/binfmt_misc")
_OURS = paths.NAME
_ELF = r"\x7fELF\x02\x01\x01\x00" + r"\x00" * 8 + r"\x02\x00"
_MASK_TAIL = r"\xff" * 8 + r"\xfe\xff\xff\xff"

_HANDLERS = {
    "aarch64": (_ELF + r"\xb7\x00", r"\xff" * 7 + r"\x00" + _MASK_TAIL),
    "x86_64": (_ELF + r"\x3e\x00", r"\xff" * 5 + r"\xfe\xfe\x00" + _MASK_TAIL),
}
"""Magic and mask of ELF programs by the name that qemu has for the architecture."""


def prepare(foreign: str) -> bool:
    """Whether programs of the foreign architecture can be run. Called in the sandbox's own mount namespace."""
    if not _mount_files():
        return False
    if _is_good(_FILES / f"qemu-{foreign}"):
        return True
    interpreter = shutil.which(f"qemu-{foreign}-static")
    if interpreter is None:
        return False
    magic, mask = _HANDLERS[foreign]
    try:
        (_FILES / "register").write_text(f":{_OURS}:M:0:{magic}:{mask}:{interpreter}:OCF")
    except OSError:
        return False
    return True


def _mount_files() -> bool:
    """Whether the kernel's list of handlers is there, mounted now if need be."""
    if not (_FILES / "register").exists():
        mount = ["mount", "-t", "binfmt_misc", "binfmt_misc", str(_FILES)]
        return subprocess.run(mount, check=False, capture_output=True).returncode == 0
    return True


def _is_good(handler: Path) -> bool:
    """Whether a handler is enabled and has the F flag."""
    if not handler.exists():
        return False
    lines = handler.read_text().splitlines()
    return "enabled" in lines and any(line.startswith("flags:") and "F" in line for line in lines)


def remove() -> None:
    """Takes away the handler that `prepare` registered, if any. Called in a mount namespace of the caller's own."""
    if _mount_files() and (_FILES / _OURS).exists():
        (_FILES / _OURS).write_text("-1")
