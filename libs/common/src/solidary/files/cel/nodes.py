"""The nodes of a CEL expression's tree, each with its place in the text."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias


class Operator(StrEnum):
    """The operators of CEL, as they are written."""

    CONDITIONAL = "? :"
    OR = "||"
    AND = "&&"
    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    IN = "in"
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    REMAINDER = "%"
    NOT = "!"
    NEGATE = "- (sign)"


COMPARISONS: Mapping[Operator, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        Operator.EQUAL: operator.eq,
        Operator.NOT_EQUAL: operator.ne,
        Operator.LESS: operator.lt,
        Operator.LESS_OR_EQUAL: operator.le,
        Operator.GREATER: operator.gt,
        Operator.GREATER_OR_EQUAL: operator.ge,
    }
)
"""The comparisons as functions of the left and the right value."""


class LiteralKind(StrEnum):
    """The kinds of values that can be written in an expression."""

    INTEGER = "integer"
    UNSIGNED = "unsigned integer"
    DECIMAL = "decimal"
    STRING = "string"
    BYTES = "bytes"
    BOOLEAN = "boolean"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Position:
    """The place of a node: the characters from `start` to before `end`; `line` and `column` of `start`, from 1."""

    start: int
    end: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name, such as `age`."""

    position: Position
    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value, with its text as it was written: `18`, `0x2`, `'spa'`."""

    position: Position
    kind: LiteralKind
    text: str

    @property
    def string(self) -> str:
        """The characters of a string literal, without its quotes and with its escape sequences replaced."""
        raw = self.text[0] in "rR"
        quoted = self.text[1:] if raw else self.text
        width = 3 if quoted[:3] in ('"""', "'''") else 1
        inner = quoted[width:-width]
        return inner if raw else _ESCAPE.sub(_unescape, inner)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list, such as `["spa", "eng"]`."""

    position: Position
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function call, `size(documents)`, or a method call, `documents.size()`, whose `target` is `documents`."""

    position: Position
    function: str
    target: Expression | None
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """`!a` or `-a`."""

    position: Position
    operator: Operator
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison, a membership or arithmetic: `a >= b`, `a in b`, `a + b`."""

    position: Position
    operator: Operator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Logical:
    """Operands that are all joined by `&&`, or all by `||`: `a && b && c` is one node with three operands."""

    position: Position
    operator: Operator
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Conditional:
    """`condition ? then : otherwise`."""

    position: Position
    condition: Expression
    then: Expression
    otherwise: Expression


Expression: TypeAlias = Name | Literal | ListOf | Call | Unary | Binary | Logical | Conditional


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield every node of a tree, each before the nodes below it, in the order of the text."""
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(_children(node)))


def _children(node: Expression) -> list[Expression]:
    match node:
        case ListOf():
            return list(node.items)
        case Call():
            return [*([node.target] if node.target else []), *node.arguments]
        case Unary():
            return [node.operand]
        case Binary():
            return [node.left, node.right]
        case Logical():
            return list(node.operands)
        case Conditional():
            return [node.condition, node.then, node.otherwise]
    return []


_ESCAPE = re.compile(
    r"""\\(?:[abfnrtv"'`?\\] | [0-3][0-7]{2} | [xX][0-9a-fA-F]{2}
    | u(?![dD][89a-fA-F])[0-9a-fA-F]{4} | U(?!0000[dD][89a-fA-F])00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})""",
    re.VERBOSE,
)
"""The escape sequences of CEL, without surrogates and what is beyond Unicode."""
_CONTROL_CHARACTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _unescape(sequence: re.Match[str]) -> str:
    body = sequence[0][1:]
    if body[0] in "xXuU":
        return chr(int(body[1:], 16))
    if body[0].isdigit():
        return chr(int(body, 8))
    return _CONTROL_CHARACTERS.get(body, body)
