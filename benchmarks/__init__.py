"""Benchmarks: claims about speed, memory and accuracy, measured beside peers in the same run.

A benchmark is a module of this package with a function `measure() -> BenchmarkResult`. Seconds differ between machines,
so a claim is usually a ratio or a count. `make bench NAME=…` prints the table and writes
`benchmarks/results/NAME.json`; the exit status is 1 when a claim is missed.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Claim:
    """A claim: the measured figure is at least, or at most, the bound."""

    statement: str
    measured: float
    bound: float
    at_least: bool = True

    @property
    def is_held(self) -> bool:
        """The measured figure is within the bound."""
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound


@dataclass(frozen=True)
class BenchmarkResult:
    """The measured rows, which have the same keys, and the claims about them."""

    rows: list[dict[str, object]]
    claims: list[Claim] = field(default_factory=list)
    notes: str = ""
