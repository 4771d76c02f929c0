"""A rule taken apart: conditions on one field each, joined by all-of and one-of.

"Not" is carried down to the conditions (De Morgan), so that every condition says what is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from solidary.language.codes.wording import Wording

from referrals.engines.eligibility.profile import Profile

Test: TypeAlias = Callable[[Any], bool]
"""Whether a field's value, of the kind that the field holds, is what a condition names."""


@dataclass(frozen=True)
class Condition:
    """One condition, in CEL as it was written (`source`, at `line` and `column`), and in words.

    `field` is None where it asks for nothing (`true`). `negated` where the rule wants its opposite; `wording`
    says what the rule wants, `test` whether a value is as it was written, "not" before it left aside.
    """

    source: str
    line: int
    column: int
    field: str | None
    negated: bool
    wording: Wording
    test: Test

    def holds(self, profile: Profile) -> bool | None:
        """Whether it is met; None where its field is not known."""
        if self.field is None:
            return self.test(None) is not self.negated
        value = profile.get(self.field)
        if value is None:
            return None
        return self.test(value) is not self.negated


@dataclass(frozen=True)
class AllOf:
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class OneOf:
    parts: tuple[Part, ...]


Part = Condition | AllOf | OneOf
