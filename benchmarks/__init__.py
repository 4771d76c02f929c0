"""What we claim about speed, measured beside a peer in the same run.

A benchmark is a module here with `measure() -> Outcome`. Seconds differ from machine to machine, so a
claim is a ratio or a count. `make bench NAME=…` prints the table, writes `benchmarks/results/NAME.json`
and exits 1 where a claim is missed.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Claim:
    """One stated figure: `measured` must be at least (or at most) `bound`."""

    what: str
    measured: float
    bound: float
    at_least: bool = True

    @property
    def held(self) -> bool:
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound


@dataclass(frozen=True)
class Outcome:
    """The measured rows (one per contender or size; the same keys in each) and the claims on them."""

    rows: list[dict[str, object]]
    claims: list[Claim] = field(default_factory=list)
    notes: str = ""
