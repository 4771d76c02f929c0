"""Formulas: the arithmetic and the conditions of CEL over exact numbers, checked before they are used.

CEL (Common Expression Language, github.com/google/cel-spec) is parsed by cel-python. It is evaluated here, because
money needs three things that the library's evaluator does not offer: numbers that are exact fractions and never
floats, types and names that are checked before anyone is paid, and evaluation that is certain to end. Left out is
everything that may not end (macros, regular expressions) or has no use here (maps, messages).
See docs/decisions/0028-cel-rules-are-parsed-and-never-run-as-programs.md.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import Any, NoReturn, TypeAlias, cast

from celpy.celparser import CELParseError, CELParser
from celpy.evaluation import celstr
from lark import Token, Tree

Value: TypeAlias = Fraction | str | bool
Values: TypeAlias = Mapping[str, Value]

MAX_CHARACTERS = 2_000
MAX_DEPTH = 100
MAX_DIGITS = 100
"""The digits of a numerator and of a denominator: steps that square each other would take for ever. A payment has
18."""

_NUMBER_LIMIT = 10**MAX_DIGITS


class Kind(StrEnum):
    """The type of a name or of a part of a formula."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"


class InvalidFormula(ValueError):
    """A formula that cannot be used. `line` and `column` count from 1."""

    def __init__(self, reason: str, line: int, column: int):
        self.reason, self.line, self.column = reason, line, column
        super().__init__(f"line {line}, column {column}: {reason}")


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

    Raises InvalidFormula.
    """
    if len(text) > MAX_CHARACTERS:
        reason = f"The formula is longer than {MAX_CHARACTERS:,} characters."
        raise InvalidFormula(reason, 1, MAX_CHARACTERS + 1)
    tree = _parsed(text)
    _refuse_depth(tree)
    part = _read(tree, names)
    if kind is not None and part.kind is not kind:
        _refuse(tree, f"The value is a {part.kind}, but a {kind} is needed.")
    tokens = [cast(Token, node.children[0]) for node in tree.find_data("ident")]
    places = sorted((token.start_pos or 0, token.end_pos or 0) for token in tokens)
    return Formula(text, part.kind, part.names, part.value, tuple(places))


@dataclass(frozen=True, slots=True)
class _Part:
    kind: Kind
    value: Callable[[Values], Value]
    names: frozenset[str] = frozenset()


def _parsed(text: str) -> Tree[Token]:
    try:
        return cast("Tree[Token]", CELParser().parse(text))
    except CELParseError as error:
        raise InvalidFormula(
            "The text is not CEL from here on.", error.line or 1, error.column or 1
        ) from None


def _refuse(at: Tree[Token] | Token, reason: str) -> NoReturn:
    place = at if isinstance(at, Token) else at.meta
    raise InvalidFormula(reason, place.line or 1, place.column or 1)


_WRAPPERS = {
    *("expr", "conditionalor", "conditionaland", "relation", "addition", "multiplication"),
    *("unary", "member", "primary", "paren_expr"),
}


def _inner(tree: Tree[Token]) -> Tree[Token]:
    """Return the node inside the grammar's wrappers with one child."""
    while tree.data in _WRAPPERS and len(tree.children) == 1:
        tree = cast("Tree[Token]", tree.children[0])
    return tree


def _refuse_depth(tree: Tree[Token]) -> None:
    level = [_inner(tree)]
    for _ in range(MAX_DEPTH):
        level = [_inner(child) for node in level for child in node.children if isinstance(child, Tree)]
        if not level:
            return
    _refuse(level[0], f"The formula is nested deeper than {MAX_DEPTH} levels.")


def _read(tree: Tree[Token], names: Mapping[str, Kind]) -> _Part:
    node = _inner(tree)
    reader = _READERS.get(node.data)
    if reader is None:
        _refuse(node, _REFUSED.get(node.data, "This is not a part of formulas."))
    return reader(node, names)


def _expect(tree: Tree[Token], names: Mapping[str, Kind], kind: Kind) -> _Part:
    part = _read(tree, names)
    if part.kind is not kind:
        _refuse(tree, f"This is a {part.kind}, but a {kind} is needed.")
    return part


def _children(node: Tree[Token]) -> list[Tree[Token]]:
    return cast("list[Tree[Token]]", node.children)


def _literal(node: Tree[Token], names: Mapping[str, Kind]) -> _Part:
    token = cast(Token, node.children[0])
    match token.type:
        case "INT_LIT" | "FLOAT_LIT" if not set(token.lower()) & set("ex"):
            number = Fraction(str(token))
            return _Part(Kind.NUMBER, lambda _: number)
        case "STRING_LIT" | "MLSTRING_LIT":
            words = str(celstr(token))
            return _Part(Kind.TEXT, lambda _: words)
        case "BOOL_LIT":
            truth = token == "true"
            return _Part(Kind.TRUTH, lambda _: truth)
    _refuse(token, "Write numbers with plain decimals, texts in quotes, or true and false.")


def _name(node: Tree[Token], names: Mapping[str, Kind]) -> _Part:
    token = cast(Token, node.children[0])
    name = str(token)
    if name not in names:
        _refuse(
            token, f"The name {name!r} is unknown. Known names are: {', '.join(sorted(names)) or 'none'}."
        )
    return _Part(names[name], operator.itemgetter(name), frozenset([name]))


def _choice(node: Tree[Token], names: Mapping[str, Kind]) -> _Part:
    condition, if_true, if_false = _children(node)
    test, then = _expect(condition, names, Kind.TRUTH), _read(if_true, names)
    other = _expect(if_false, names, then.kind)
    return _Part(
        then.kind,
        lambda values: then.value(values) if test.value(values) else other.value(values),
        test.names | then.names | other.names,
    )


def _logic(node: Tree[Token], names: Mapping[str, Kind]) -> _Part:
    one, two = (_expect(child, names, Kind.TRUTH) for child in _children(node))
    if node.data == "conditionalor":
        return _Part(Kind.TRUTH, lambda values: one.value(values) or two.value(values), one.names | two.names)
    return _Part(Kind.TRUTH, lambda values: one.value(values) and two.value(values), one.names | two.names)


def _relation(node: Tree[Token], names: Mapping[str, Kind]) -> _Part:
    sign, right = _children(node)
    if sign.data == "relation_in":
        return _membership(_children(sign)[0], right, names)
    compare = _COMPARISONS[sign.data]
    equality = compare in (operator.eq, operator.ne)
    one = _read(_children(sign)[0], names) if equality else _expect(_children(sign)[0], names, Kind.NUMBER)
    two = _expect(right, names, one.kind)
    return _Part(
        Kind.TRUTH, lambda values: compare(one.value(values), two.value(values)), one.names | two.names
    )


def _membership(left: Tree[Token], right: Tree[Token], names: Mapping[str, Kind]) -> _Part:
    one, listed = _read(left, names), _inner(right)
    if listed.data != "list_lit" or not listed.children:
        _refuse(listed, 'After "in" a list is needed, such as ["urban", "rural"].')
    members = [_expect(member, names, one.kind) for member in _children(_children(listed)[0])]
    return _Part(
        Kind.TRUTH,
        lambda values: one.value(values) in [member.value(values) for member in members],
        one.names.union(*(member.names for member in members)),
    )


def _arithmetic(node: Tree[Token], names: Mapping[str, Kind]) -> _Part:
    sign, right = _children(node)
    one, two = _expect(_children(sign)[0], names, Kind.NUMBER), _expect(right, names, Kind.NUMBER)
    compute = _ARITHMETIC.get(sign.data)
    if compute is None:
        _refuse(node, _REFUSED[sign.data])
    if sign.data == "multiplication_div" and not two.names and two.value({}) == 0:
        _refuse(right, "The formula divides by zero.")

    def value(values: Values) -> Fraction:
        try:
            result = compute(cast(Fraction, one.value(values)), cast(Fraction, two.value(values)))
        except ZeroDivisionError:
            raise NoValue("The formula divides by zero.") from None
        if max(abs(result.numerator), result.denominator) >= _NUMBER_LIMIT:
            raise NoValue(f"The formula gives a number with more than {MAX_DIGITS} digits.")
        return result

    return _Part(Kind.NUMBER, value, one.names | two.names)


def _unary(node: Tree[Token], names: Mapping[str, Kind]) -> _Part:
    sign, operand = _children(node)
    if sign.data == "unary_not":
        truth = _expect(operand, names, Kind.TRUTH)
        return _Part(Kind.TRUTH, lambda values: not truth.value(values), truth.names)
    number = _expect(operand, names, Kind.NUMBER)
    return _Part(Kind.NUMBER, lambda values: -cast(Fraction, number.value(values)), number.names)


def _call(node: Tree[Token], names: Mapping[str, Kind]) -> _Part:
    token = cast(Token, node.children[0])
    function = _FUNCTIONS.get(str(token))
    if function is None:
        _refuse(
            token, f"The function {str(token)!r} is unknown. Known functions are: {', '.join(_FUNCTIONS)}."
        )
    arguments = _children(_children(node)[1]) if len(node.children) > 1 else []
    if not arguments or (len(arguments) > 1 and token in _UNARY_FUNCTIONS):
        _refuse(
            token, f"{token} takes {'one number' if token in _UNARY_FUNCTIONS else 'at least one number'}."
        )
    parts = [_expect(argument, names, Kind.NUMBER) for argument in arguments]
    return _Part(
        Kind.NUMBER,
        lambda values: function([cast(Fraction, part.value(values)) for part in parts]),
        frozenset[str]().union(*(part.names for part in parts)),
    )


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "relation_lt": operator.lt,
    "relation_le": operator.le,
    "relation_gt": operator.gt,
    "relation_ge": operator.ge,
    "relation_eq": operator.eq,
    "relation_ne": operator.ne,
}
_ARITHMETIC: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "addition_add": operator.add,
    "addition_sub": operator.sub,
    "multiplication_mul": operator.mul,
    "multiplication_div": operator.truediv,
}
_FUNCTIONS: dict[str, Callable[[Sequence[Fraction]], Fraction]] = {
    "min": min,
    "max": max,
    "floor": lambda numbers: Fraction(floor(numbers[0])),
    "ceil": lambda numbers: Fraction(ceil(numbers[0])),
}
_UNARY_FUNCTIONS = ("floor", "ceil")
_READERS: dict[str, Callable[[Tree[Token], Mapping[str, Kind]], _Part]] = {
    "literal": _literal,
    "ident": _name,
    "expr": _choice,
    "conditionalor": _logic,
    "conditionaland": _logic,
    "relation": _relation,
    "addition": _arithmetic,
    "multiplication": _arithmetic,
    "unary": _unary,
    "ident_arg": _call,
}
_REFUSED = {
    "member_dot_arg": "Methods, loops (map, filter, exists) and regular expressions are not a part of formulas.",
    "member_dot": "Names have no fields.",
    "list_lit": 'A list may stand only after "in".',
    "multiplication_mod": "Remainders (%) are not a part of formulas.",
}
