"""Writing a rule: CEL in, its parts out; refused with line, column and reason where it may not stand.

A rule is an expression of the Common Expression Language (read by cel-python) of which every
condition can be put in words: a field compared with a number or a code, a code held or not, `size`,
`startsWith` of an area, `exists` and `all` over the codes of one field; joined by `&&`, `||` and `!`.
Nothing in it can run on: its length, its conditions and the lists it goes through are bounded, no list goes
through another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from celpy.celparser import CELParseError, CELParser
from lark import Tree

from referrals.engines.eligibility.parts import Part
from referrals.engines.eligibility.reader import Node, Reader, RefusedRule
from referrals.engines.eligibility.vocabulary import Vocabulary

LONGEST = 4_000
"""Characters of a rule."""

MOST_CONDITIONS = 100
DEEPEST = 20
"""Brackets within brackets."""

HIGHEST = 500
"""Levels of the syntax tree, a few for each bracket and operator: what may be walked down without harm."""


@dataclass(frozen=True)
class Rule:
    """A rule that may stand: its text, and its parts."""

    source: str
    whole: Part


def write(source: str, vocabulary: Vocabulary) -> Rule:
    """The rule of a text, every field and code of it checked. Raises RefusedRule."""
    _refuse_the_boundless(source)
    try:
        tree = CELParser().parse(source)
    except CELParseError as error:
        line, column = error.line or 1, error.column or 1
        raise RefusedRule("is no CEL expression from here on", line, column) from error
    if _height(tree) > HIGHEST:
        raise RefusedRule("is too deeply nested", 1, 1)
    return Rule(source, Reader(source, vocabulary).part(tree, negated=False))


def _refuse_the_boundless(source: str) -> None:
    """What would cost more to read than any rule is worth is refused before it is read."""
    if not source.strip():
        raise RefusedRule("the rule is empty; write true where the service is for everybody", 1, 1)
    if len(source) > LONGEST:
        raise RefusedRule(f"is longer than {LONGEST:,} characters", *_at(source, LONGEST))
    signs = list(re.finditer(r"&&|\|\||!(?!=)", source))
    if len(signs) >= MOST_CONDITIONS:
        place = _at(source, signs[MOST_CONDITIONS - 1].start())
        raise RefusedRule(f"has more than {MOST_CONDITIONS} conditions", *place)
    depth = 0
    for bracket in re.finditer(r"[(\[{)\]}]", source):
        depth += 1 if bracket[0] in "([{" else -1
        if depth > DEEPEST:
            place = _at(source, bracket.start())
            raise RefusedRule(f"has brackets more than {DEEPEST} deep", *place)


def _at(source: str, position: int) -> tuple[int, int]:
    return source.count("\n", 0, position) + 1, position - source.rfind("\n", 0, position)


def _height(tree: Node) -> int:
    height, level = 0, [tree]
    while level:
        level = [child for node in level for child in node.children if isinstance(child, Tree)]
        height += 1
    return height
