"""A rule as conditions on one field each, joined by all-of and any-of.

Negation is carried down to the conditions (De Morgan), so that each condition can be worded as a requirement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from solidary.language.codes.wording import Wording

from referrals.engines.eligibility.profile import Profile

Predicate: TypeAlias = Callable[[Any], bool]
"""A test of a field's value, which has the type that the field holds."""


@dataclass(frozen=True)
class Condition:
    """One condition, as it was written in CEL (`source`, at `line` and `column`) and worded as a requirement.

    `field` is None for `true` and `false`, which need no value. `predicate` tests the condition as it was
    written, without a negation before it; where it is `negated`, the rule requires the opposite.
    """

    source: str
    line: int
    column: int
    field: str | None
    negated: bool
    wording: Wording
    predicate: Predicate

    def evaluate(self, profile: Profile) -> bool | None:
        """Return whether the profile meets the condition, or None where its field is unknown."""
        value = None if self.field is None else profile.get(self.field)
        if self.field is not None and value is None:
            return None
        return self.predicate(value) is not self.negated


@dataclass(frozen=True)
class AllOf:
    """A conjunction: every part has to be met."""

    parts: tuple[Part, ...]

    def evaluate(self, profile: Profile) -> bool | None:
        """Return False if a part is not met, else None if a part is undetermined, else True."""
        results = {part.evaluate(profile) for part in self.parts}
        return False if False in results else None if None in results else True


@dataclass(frozen=True)
class AnyOf:
    """A disjunction: one met part is enough."""

    parts: tuple[Part, ...]

    def evaluate(self, profile: Profile) -> bool | None:
        """Return True if a part is met, else None if a part is undetermined, else False."""
        results = {part.evaluate(profile) for part in self.parts}
        return True if True in results else None if None in results else False


Part: TypeAlias = Condition | AllOf | AnyOf
