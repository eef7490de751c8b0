"""A measured figure and the limit it is held against."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """name: what was measured. value, limit: in `unit`; a value above its limit is a failure."""

    name: str
    value: float
    limit: float
    unit: str
    why: str

    @property
    def ratio(self) -> float:
        return self.value / self.limit

    def __str__(self) -> str:
        return (
            f"{self.name:<58} {self.value:>9.2f} {self.unit:<3} limit {self.limit:>8.2f}"
            f"  {self.ratio:>5.2f} of it  ({self.why})"
        )


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
