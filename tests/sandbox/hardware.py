"""What a machine's kernel shows of the instance type: processors, memory, architecture."""

from pathlib import Path
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES

_VENDORS = {"Intel": "GenuineIntel", "AMD": "AuthenticAMD"}
_MODELS = {"Intel": "Intel(R) Xeon(R) Processor (sandbox)", "AMD": "AMD EPYC Processor (sandbox)"}


def architecture(instance_type: str) -> str:
    """EC2's word: x86_64 or arm64. Types that list i386 too are x86_64."""
    supported = INSTANCE_TYPES[instance_type]["ProcessorInfo"]["SupportedArchitectures"]
    return "arm64" if "arm64" in supported else "x86_64"


def write(directory: Path, facts: dict[str, Any]) -> None:
    """Writes cpuinfo, online and meminfo: guest/boot binds them over those of the host."""
    directory.mkdir(parents=True)
    count = facts["VCpuInfo"]["DefaultVCpus"]
    (directory / "cpuinfo").write_text("".join(_processor(facts, number) for number in range(count)))
    (directory / "online").write_text(f"0-{count - 1}\n" if count > 1 else "0\n")
    (directory / "meminfo").write_text(_meminfo(facts["MemoryInfo"]["SizeInMiB"] * 1024))


def _processor(facts: dict[str, Any], number: int) -> str:
    if "arm64" in facts["ProcessorInfo"]["SupportedArchitectures"]:
        fields = {"processor": number, "CPU implementer": "0x41", "CPU architecture": "8", "CPU part": "0xd40"}
    else:
        manufacturer = facts["ProcessorInfo"].get("Manufacturer", "Intel")
        fields = {
            "processor": number,
            "vendor_id": _VENDORS.get(manufacturer, "GenuineIntel"),
            "model name": _MODELS.get(manufacturer, _MODELS["Intel"]),
        }
    return "".join(f"{name}\t: {value}\n" for name, value in fields.items()) + "\n"


def _meminfo(total_kib: int) -> str:
    """The type's total; 95 % of it free, as on a machine that has just booted."""
    free = total_kib * 95 // 100
    fields = {"MemTotal": total_kib, "MemFree": free, "MemAvailable": free, "SwapTotal": 0, "SwapFree": 0}
    return "".join(f"{name + ':':<15}{value:>10} kB\n" for name, value in fields.items())
