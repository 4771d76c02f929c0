"""Formulas: the arithmetic and the conditions of CEL over exact numbers, checked before they are used.

CEL (Common Expression Language) is parsed by `solidary.files.cel`. It is evaluated here, because money needs three
things that a general evaluator does not offer: numbers that are exact fractions and never floats, types and names
that are checked before anyone is paid, and evaluation that is certain to end. Left out is everything that may not
end (macros, regular expressions) or has no use here (maps, messages).
See docs/decisions/0028-cel-rules-are-parsed-and-never-run-as-programs.md.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import TypeAlias, cast

from solidary.files.cel import (
    COMPARISONS,
    Binary,
    Call,
    Conditional,
    Dialect,
    Expression,
    InvalidExpression,
    ListOf,
    Literal,
    LiteralKind,
    Logical,
    Name,
    Operator,
    Unary,
    parse,
    walk,
)

Value: TypeAlias = Fraction | str | bool
Values: TypeAlias = Mapping[str, Value]

MAX_DIGITS = 100
"""The digits of a numerator and of a denominator: steps that square each other would take for ever. A payment has
18."""

_NUMBER_LIMIT = 10**MAX_DIGITS


class Kind(StrEnum):
    """The type of a name or of a part of a formula."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"


class NoValue(ValueError):
    """A household for which a formula has no value: it divides by zero, or a number becomes too long."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked formula: the type of its value, the names that it uses, and the function of a household's values."""

    text: str
    kind: Kind
    names: frozenset[str]
    value: Callable[[Values], Value]
    name_places: tuple[tuple[int, int], ...]

    def with_values(self, shown: Mapping[str, str]) -> str:
        """Return the text with each name replaced by its value: `12.5 * children` becomes `12.5 * 3`."""
        text = self.text
        for start, end in reversed(self.name_places):
            text = text[:start] + shown[text[start:end]] + text[end:]
        return " ".join(text.split())


def compile_formula(text: str, names: Mapping[str, Kind], kind: Kind | None = Kind.NUMBER) -> Formula:
    """Check a formula against the names that it may use and the type that its value must have (None: any).

    Raises InvalidExpression.
    """
    tree = parse(text, DIALECT)
    part = _compile(tree, names)
    if kind is not None and part.kind is not kind:
        raise InvalidExpression.at(tree, f"The value is a {part.kind}, but a {kind} is needed.")
    places = [(node.position.start, node.position.end) for node in walk(tree) if isinstance(node, Name)]
    return Formula(text, part.kind, part.names, part.value, tuple(sorted(places)))


@dataclass(frozen=True, slots=True)
class _Part:
    kind: Kind
    value: Callable[[Values], Value]
    names: frozenset[str] = frozenset()


def _compile(node: Expression, names: Mapping[str, Kind]) -> _Part:
    match node:
        case Literal():
            return _literal(node)
        case Name(name=name):
            if name not in names:
                known = ", ".join(sorted(names)) or "none"
                raise InvalidExpression.at(node, f"The name {name!r} is unknown. Known names are: {known}.")
            return _Part(names[name], operator.itemgetter(name), frozenset([name]))
        case Unary():
            return _unary(node, names)
        case Logical():
            return _logical(node, names)
        case Conditional():
            return _conditional(node, names)
        case Call():
            return _call(node, names)
        case ListOf():
            raise InvalidExpression.at(node, 'A list may stand only after "in".')
        case Binary(operator=Operator.IN):
            return _membership(node, names)
        case Binary(operator=sign) if sign in COMPARISONS:
            return _comparison(node, names)
        case Binary():
            return _arithmetic(node, names)


def _compile_as(node: Expression, names: Mapping[str, Kind], kind: Kind) -> _Part:
    part = _compile(node, names)
    if part.kind is not kind:
        raise InvalidExpression.at(node, f"This is a {part.kind}, but a {kind} is needed.")
    return part


def _literal(node: Literal) -> _Part:
    match node.kind:
        case LiteralKind.INTEGER | LiteralKind.DECIMAL if not set(node.text.lower()) & set("ex"):
            number = Fraction(node.text)
            return _Part(Kind.NUMBER, lambda _: number)
        case LiteralKind.STRING:
            text = node.string
            return _Part(Kind.TEXT, lambda _: text)
        case LiteralKind.BOOLEAN:
            truth = node.text == "true"
            return _Part(Kind.TRUTH, lambda _: truth)
    reason = "Write numbers with plain decimals, texts in quotes, or true and false."
    raise InvalidExpression.at(node, reason)


def _unary(node: Unary, names: Mapping[str, Kind]) -> _Part:
    if node.operator is Operator.NOT:
        truth = _compile_as(node.operand, names, Kind.TRUTH)
        return _Part(Kind.TRUTH, lambda values: not truth.value(values), truth.names)
    number = _compile_as(node.operand, names, Kind.NUMBER)
    return _Part(Kind.NUMBER, lambda values: -cast(Fraction, number.value(values)), number.names)


def _logical(node: Logical, names: Mapping[str, Kind]) -> _Part:
    operands = [_compile_as(operand, names, Kind.TRUTH) for operand in node.operands]
    combine = any if node.operator is Operator.OR else all
    return _Part(
        Kind.TRUTH,
        lambda values: combine(operand.value(values) for operand in operands),
        _names_of(operands),
    )


def _conditional(node: Conditional, names: Mapping[str, Kind]) -> _Part:
    condition = _compile_as(node.condition, names, Kind.TRUTH)
    then = _compile(node.then, names)
    otherwise = _compile_as(node.otherwise, names, then.kind)
    return _Part(
        then.kind,
        lambda values: then.value(values) if condition.value(values) else otherwise.value(values),
        _names_of([condition, then, otherwise]),
    )


def _comparison(node: Binary, names: Mapping[str, Kind]) -> _Part:
    compare = COMPARISONS[node.operator]
    is_equality = node.operator in (Operator.EQUAL, Operator.NOT_EQUAL)
    left = _compile(node.left, names) if is_equality else _compile_as(node.left, names, Kind.NUMBER)
    right = _compile_as(node.right, names, left.kind)
    return _Part(
        Kind.TRUTH,
        lambda values: compare(left.value(values), right.value(values)),
        left.names | right.names,
    )


def _membership(node: Binary, names: Mapping[str, Kind]) -> _Part:
    member = _compile(node.left, names)
    if not isinstance(node.right, ListOf) or not node.right.items:
        raise InvalidExpression.at(node.right, 'After "in" a list is needed, such as ["urban", "rural"].')
    items = [_compile_as(item, names, member.kind) for item in node.right.items]
    return _Part(
        Kind.TRUTH,
        lambda values: member.value(values) in [item.value(values) for item in items],
        _names_of([member, *items]),
    )


def _arithmetic(node: Binary, names: Mapping[str, Kind]) -> _Part:
    left = _compile_as(node.left, names, Kind.NUMBER)
    right = _compile_as(node.right, names, Kind.NUMBER)
    compute = _ARITHMETIC[node.operator]
    if node.operator is Operator.DIVIDE and not right.names and right.value({}) == 0:
        raise InvalidExpression.at(node.right, "The formula divides by zero.")

    def value(values: Values) -> Fraction:
        try:
            result = compute(cast(Fraction, left.value(values)), cast(Fraction, right.value(values)))
        except ZeroDivisionError:
            raise NoValue("The formula divides by zero.") from None
        if max(abs(result.numerator), result.denominator) >= _NUMBER_LIMIT:
            raise NoValue(f"The formula gives a number with more than {MAX_DIGITS} digits.")
        return result

    return _Part(Kind.NUMBER, value, left.names | right.names)


def _call(node: Call, names: Mapping[str, Kind]) -> _Part:
    function, is_unary = _FUNCTIONS[node.function], node.function in _UNARY_FUNCTIONS
    if not node.arguments or (is_unary and len(node.arguments) > 1):
        count = "one number" if is_unary else "at least one number"
        raise InvalidExpression.at(node, f"{node.function} takes {count}.")
    arguments = [_compile_as(argument, names, Kind.NUMBER) for argument in node.arguments]
    return _Part(
        Kind.NUMBER,
        lambda values: function([cast(Fraction, argument.value(values)) for argument in arguments]),
        _names_of(arguments),
    )


def _names_of(parts: Sequence[_Part]) -> frozenset[str]:
    return frozenset[str]().union(*(part.names for part in parts))


_ARITHMETIC: dict[Operator, Callable[[Fraction, Fraction], Fraction]] = {
    Operator.ADD: operator.add,
    Operator.SUBTRACT: operator.sub,
    Operator.MULTIPLY: operator.mul,
    Operator.DIVIDE: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[[Sequence[Fraction]], Fraction]] = {
    "min": min,
    "max": max,
    "floor": lambda numbers: Fraction(floor(numbers[0])),
    "ceil": lambda numbers: Fraction(ceil(numbers[0])),
}
_UNARY_FUNCTIONS = ("floor", "ceil")

DIALECT = Dialect(
    noun="formula",
    operators=frozenset(Operator) - {Operator.REMAINDER},
    functions=frozenset(_FUNCTIONS),
    characters=2_000,
    depth=100,
    advice='Use + - * /, comparisons, && || !, "? :", "in" with a list, and min, max, floor or ceil.',
)
