"""The approvals that a programme requires for a payment plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class ApprovalStage(StrEnum):
    """A stage at which people approve a payment plan."""

    APPROVE = "approve"
    AUTHORISE = "authorise"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class ApprovalTier:
    """The number of people who must approve at each stage, for plans with a total of `from_total` or more.

    `from_total` is in minor units.
    """

    from_total: int
    people: Mapping[ApprovalStage, int]


def approvals_needed(stage: ApprovalStage, total: int, tiers: Sequence[ApprovalTier]) -> int:
    """Return the number of people who must approve at a stage: that of the highest tier that `total` reaches.

    It is never less than one. `total` is in minor units.
    """
    reached = [tier for tier in tiers if total >= tier.from_total]
    highest = max(reached, key=lambda tier: tier.from_total, default=None)
    return max(1, highest.people.get(stage, 1)) if highest else 1
