"""A rule taken apart: conditions on one field each, joined by all-of and one-of.

"Not" is carried down to the conditions (De Morgan), so that every condition says what is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import celpy
from celpy.adapter import json_to_cel
from solidary.codes.wording import Wording

from referrals.eligibility.profile import Profile, Value


@dataclass(frozen=True)
class Condition:
    """One condition, in CEL as it was written (`source`, at `line` and `column`), and in words.

    `field` is None where it asks for nothing (`true`). `negated` where the rule wants its opposite; `wording`
    says what the rule wants.
    """

    source: str
    line: int
    column: int
    field: str | None
    negated: bool
    wording: Wording
    program: celpy.Runner

    def holds(self, profile: Profile) -> bool | None:
        """Whether it is met; None where its field is not known."""
        if self.field is None:
            return bool(self.program.evaluate({})) is not self.negated
        value = profile.get(self.field)
        if value is None:
            return None
        return bool(self.program.evaluate({self.field: _in_cel(value)})) is not self.negated


@dataclass(frozen=True)
class AllOf:
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class OneOf:
    parts: tuple[Part, ...]


Part = Condition | AllOf | OneOf


def _in_cel(value: Value) -> celpy.celtypes.Value:
    return json_to_cel(list(value) if isinstance(value, tuple) else value)
