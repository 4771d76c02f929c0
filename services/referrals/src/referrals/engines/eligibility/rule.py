"""An eligibility rule: written in a part of CEL, and checked when it is written.

Each condition of a rule can be put into words: a field compared with a number or a code, a code contained or not,
`size`, `startsWith` of an area, `exists` and `all` over the codes of one field; joined by `&&`, `||` and `!`. The
cost of applying a rule is bounded by its length: no list is searched within another.
"""

from __future__ import annotations

from dataclasses import dataclass

from solidary.files.cel import Dialect, InvalidExpression, Operator, parse

from referrals.engines.eligibility.condition_reader import ConditionReader
from referrals.engines.eligibility.conditions import Condition, Part
from referrals.engines.eligibility.vocabulary import Vocabulary

MOST_CONDITIONS = 100
DIALECT = Dialect(
    noun="rule",
    operators=frozenset(
        {Operator.AND, Operator.OR, Operator.NOT, Operator.IN}
        | {Operator.EQUAL, Operator.NOT_EQUAL}
        | {Operator.LESS, Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL}
    ),
    functions=frozenset({"size"}),
    methods=frozenset({"size", "startsWith", "exists", "all"}),
    characters=4_000,
    depth=40,
    advice="A rule has comparisons, in, size, startsWith, exists and all, joined by &&, || and !.",
)


@dataclass(frozen=True)
class Rule:
    """A valid rule: its text and its conditions."""

    source: str
    condition: Part


def parse_rule(source: str, vocabulary: Vocabulary) -> Rule:
    """Return the rule of a text, with every field and code of it checked. Raises InvalidExpression."""
    if not source.strip():
        raise InvalidExpression("The rule is empty. Write true if the service is for everybody.", 1, 1)
    expression = parse(source, DIALECT)
    condition = ConditionReader(source, vocabulary).read(expression)
    conditions = list(_flatten(condition))
    if len(conditions) > MOST_CONDITIONS:
        first = conditions[MOST_CONDITIONS]
        reason = f"The rule has more than {MOST_CONDITIONS} conditions."
        raise InvalidExpression(reason, first.line, first.column)
    return Rule(source, condition)


def _flatten(part: Part) -> list[Condition]:
    if isinstance(part, Condition):
        return [part]
    return [condition for each in part.parts for condition in _flatten(each)]
