"""What is said of the faults: a line each, the summary, the same as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from fault.auditor import Verdict
from fault.rows import Row


@dataclass(frozen=True)
class Tried:
    """One fault under one seed, and what became of it."""

    row: Row
    seed: int
    seconds: float
    codes: tuple[int, ...]
    """The exit codes of every start of the program, in their order."""
    verdict: Verdict

    def line(self) -> str:
        word = "ok    " if self.verdict.holds else "FAILED"
        number = f"#{self.row.number}" if self.row.number else "-"
        ended = ",".join(str(code) for code in self.codes)
        head = f"{word} {self.row.name:<48} {number:>4}  seed {self.seed}  {self.seconds:5.1f} s  exit {ended:<10}"
        return "\n".join([f"{head} {self.row.promise}", *(f"         {text}" for text in self.said())])

    def said(self) -> list[str]:
        found = self.verdict
        groups = {"LEAKED": found.leaked, "LOST": found.lost, "WRONG": found.wrong, "NOT KEPT": found.unmet}
        return [f"{name}: {text}" for name, texts in groups.items() for text in texts]


@dataclass(frozen=True)
class Summary:
    """All of them."""

    tried: list[Tried]

    def count(self, name: str) -> int:
        return sum(len(getattr(one.verdict, name)) for one in self.tried)

    @property
    def faults(self) -> int:
        """Different faults, however many seeds."""
        return len({one.row.name for one in self.tried})

    @property
    def holds(self) -> bool:
        return all(one.verdict.holds for one in self.tried)

    def broken_promises(self) -> str | None:
        """What counts as neither leaked nor lost nor wrong, but was promised."""
        unmet = self.count("unmet")
        return f"promises not kept: {unmet}" if unmet else None

    def line(self) -> str:
        return (
            f"faults tried: {self.faults}, leaked instances: {self.count('leaked')}, "
            f"lost results: {self.count('lost')}, wrong results: {self.count('wrong')}"
        )

    def write(self, path: Path) -> None:
        seeds = sorted({one.seed for one in self.tried})
        document = {
            "faults_tried": self.faults,
            "seeds": seeds,
            "leaked_instances": self.count("leaked"),
            "lost_results": self.count("lost"),
            "wrong_results": self.count("wrong"),
            "promises_not_kept": self.count("unmet"),
            "holds": self.holds,
            "tried": [
                {
                    "name": one.row.name,
                    "number": one.row.number,
                    "promise": one.row.promise,
                    "seed": one.seed,
                    "seconds": round(one.seconds, 2),
                    "exit_codes": one.codes,
                    **asdict(one.verdict),
                }
                for one in self.tried
            ],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2) + "\n")
