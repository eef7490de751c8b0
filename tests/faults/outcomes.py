"""What came of each fault: kept as JSON lines, so that campaigns can be joined, and told as a table."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median


@dataclass
class Outcome:
    """What one fault did to a hall of so many servers.

    acknowledged: commands answered as done. recovery, took: seconds from the fault to the recovery, and of the whole
    run. wrong: broken invariants, in words.
    """

    fault: str
    servers: int
    acknowledged: int
    recovery: float
    took: float
    seed: int
    planted: str = ""
    wrong: list[str] = field(default_factory=list)

    @property
    def invariants(self) -> list[str]:
        """Those that did not hold, by their short names."""
        return [name for name in self.broken if name != "recovery"]

    @property
    def broken(self) -> list[str]:
        """The invariants that did not hold, by their short names; "recovery" when the hall did not come back."""
        return sorted({match[0] if (match := re.match(r"I\d", wrong)) else "recovery" for wrong in self.wrong})


def keep(file: Path, outcome: Outcome) -> None:
    with file.open("a") as lines:
        lines.write(json.dumps(asdict(outcome)) + "\n")


def read(file: Path, after: int = 0) -> list[Outcome]:
    """What is kept there, beyond the first so many bytes."""
    with file.open("rb") as lines:
        lines.seek(after)
        return [Outcome(**json.loads(line)) for line in lines]


def table(outcomes: list[Outcome]) -> str:
    """Per fault: runs, acknowledged commands, violations, time to recover."""
    if not outcomes:
        return "no fault struck"
    by_fault: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_fault.setdefault(outcome.fault, []).append(outcome)
    lines = [
        "| fault | runs | acknowledged | violations | recovery median s | max s |",
        "| --- | --: | --: | --: | --: | --: |",
        *(_row(name, runs) for name, runs in sorted(by_fault.items())),
        _row("all", outcomes),
    ]
    return "\n".join(lines)


def _row(name: str, runs: list[Outcome]) -> str:
    took = [run.recovery for run in runs]
    acknowledged, wrong = sum(run.acknowledged for run in runs), sum(bool(run.wrong) for run in runs)
    return f"| {name} | {len(runs)} | {acknowledged} | {wrong} | {median(took):.2f} | {max(took):.2f} |"


def summary(outcomes: Iterable[Outcome]) -> str:
    """Which seeds found something wrong, and what first."""
    return "\n".join(
        f"SEED={outcome.seed} {outcome.fault}, {outcome.servers} server(s): {', '.join(outcome.broken)}: {outcome.wrong[0]}"
        for outcome in outcomes
        if outcome.wrong
    )
