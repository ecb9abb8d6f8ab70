"""docs/methodology.md against what suites report: each metric is named in the section of its suite."""

import re

from container import ROOT

PLACEHOLDERS = {"ISA": "[a-z0-9]+", "from_A.to_B": r"from_\d+.to_\d+", "kib_4": r"kib_\d+", "threads_2": r"threads_\d+"}
"""What stands for many names, and those names."""

ENDINGS = ("_all_cpus", "_one_thread_per_core", "_reference")
KINDS = ("write_bandwidth", "copy_bandwidth")
"""Parts of names that a section explains by themselves, for what it names without them."""


def explained(suite):
    """The words in code font of a suite's section."""
    text = (ROOT / "docs/methodology.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {suite}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([^`\n]+)`", section))


def is_explained(metric, words):
    for ending in ENDINGS:
        if metric.endswith(ending) and ending in words:
            metric = metric.removesuffix(ending)
    for kind in KINDS:
        if metric.endswith("." + kind) and kind in words:
            metric = metric.removesuffix(kind) + "bandwidth"
    return any(re.fullmatch(pattern_of(word), metric) for word in words)


def pattern_of(word):
    pattern = re.escape(word)
    for placeholder, names in PLACEHOLDERS.items():
        pattern = pattern.replace(re.escape(placeholder), names)
    return pattern
