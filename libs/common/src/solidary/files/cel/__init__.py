"""Expressions of the Common Expression Language (CEL, cel.dev): parsed into a tree of nodes, and never run.

People outside the project write rules and formulas in CEL. `parse` checks a text against a `Dialect`, the part
of CEL that its caller understands, and returns nodes that each have their place in the text. The caller gives
the nodes their meaning, in a function that matches their classes. Nothing in a text is ever executed
(docs/decisions/0028).
"""

from solidary.files.cel.nodes import (
    COMPARISONS,
    Binary,
    Call,
    Conditional,
    Expression,
    ListOf,
    Literal,
    LiteralKind,
    Logical,
    Name,
    Operator,
    Position,
    Unary,
    walk,
)
from solidary.files.cel.parser import RESERVED_WORDS, Dialect, InvalidExpression, parse

__all__ = [
    "COMPARISONS",
    "RESERVED_WORDS",
    "Binary",
    "Call",
    "Conditional",
    "Dialect",
    "Expression",
    "InvalidExpression",
    "ListOf",
    "Literal",
    "LiteralKind",
    "Logical",
    "Name",
    "Operator",
    "Position",
    "Unary",
    "parse",
    "walk",
]
