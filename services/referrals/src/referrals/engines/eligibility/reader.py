"""A rule's syntax tree, walked: every condition checked against the vocabulary, put in words and given its test.

Nothing of a rule's text is ever run as a program: cel-python's compiled runner writes Python and executes it,
names unchecked (decision 0028).
"""

from __future__ import annotations

import operator as python
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from lark import Token, Tree
from solidary.language.codes.wording import Wording

from referrals.engines.eligibility import wordings
from referrals.engines.eligibility.parts import AllOf, Condition, OneOf, Part, Test
from referrals.engines.eligibility.profile import unknown_field
from referrals.engines.eligibility.vocabulary import Field, Kind, Vocabulary


class RefusedRule(ValueError):
    """A rule that may not stand. `line` and `column` count from 1."""

    def __init__(self, reason: str, line: int, column: int):
        self.reason, self.line, self.column = reason, line, column
        super().__init__(f"{line}:{column}: {reason}")


RESERVED = frozenset(
    {"as", "break", "const", "continue", "else", "for", "function", "if", "import", "in", "let", "loop"}
    | {"namespace", "null", "package", "return", "true", "false", "var", "void", "while"}
)
"""No names in CEL (github.com/google/cel-spec, langdef.md, "Syntax"), though cel-python reads some of them."""

GREATEST = 999_999
"""The greatest number in a rule."""

Node = Tree[Token]

_WRAPPERS = frozenset(
    {"expr", "conditionalor", "conditionaland", "relation", "addition", "multiplication", "unary", "member"}
    | {"primary"}
)
_COMPARISONS = {
    "relation_eq": "==",
    "relation_ne": "!=",
    "relation_lt": "<",
    "relation_le": "<=",
    "relation_gt": ">",
    "relation_ge": ">=",
}
_COMPARED: dict[str, Callable[[int, int], bool]] = {
    "==": python.eq,
    "!=": python.ne,
    "<": python.lt,
    "<=": python.le,
    ">": python.gt,
    ">=": python.ge,
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OTHERWISE = (
    'is no condition of a rule; compare a field (age >= 18, sex == "female"), look for a code '
    '("passport" in documents), and join with &&, || and !'
)


@dataclass(frozen=True)
class _Size:
    """`size(documents)`, or `documents.size()`."""

    field: Field


Operand = Field | _Size | int | str | list[int] | list[str]


class _Asked(NamedTuple):
    """What a condition asks of which field: in words, and of its value."""

    field: Field | None
    wording: Wording
    test: Test


class Reader:
    """Walks the syntax tree of one rule."""

    def __init__(self, source: str, vocabulary: Vocabulary):
        self.source, self.vocabulary = source, vocabulary

    def part(self, node: Node, *, negated: bool) -> Part:
        node = _inner(node)
        kids = _trees(node)
        match node.data:
            case "paren_expr":
                return self.part(kids[0], negated=negated)
            case "unary" if kids[0].data == "unary_not":
                return self.part(kids[1], negated=not negated)
            case "conditionaland" | "conditionalor":
                every = (node.data == "conditionaland") is not negated
                return _join(AllOf if every else OneOf, [self.part(kid, negated=negated) for kid in kids])
            case "relation":
                return self.relation(node, negated=negated)
            case "member_dot_arg":
                return self.method(node, negated=negated)
            case "literal" if _token(node).type == "BOOL_LIT":
                truth = _token(node) == "true"
                wording = wordings.EVERYBODY if truth is not negated else wordings.NOBODY
                return self.condition(node, _Asked(None, wording, lambda _: truth), negated=negated)
        raise self.refused(node, _OTHERWISE)

    def relation(self, node: Node, *, negated: bool) -> Condition:
        operation, right_node = _trees(node)
        left_node = _inner(_trees(operation)[0])
        left, right = self.operand(left_node), self.operand(_inner(right_node))
        if operation.data == "relation_in":
            asked = self.membership(node, left, right, negated=negated)
        else:
            operator = _COMPARISONS[operation.data]
            if isinstance(right, Field | _Size):
                left, right, operator = right, left, _MIRRORED[operator]
            asked = self.comparison(node, left, operator, right, negated=negated)
        return self.condition(node, asked, negated=negated)

    def comparison(
        self, node: Node, left: Operand, operator: str, right: Operand, *, negated: bool
    ) -> _Asked:
        wanted = wordings.OPPOSITE[operator] if negated else operator
        compared = _COMPARED[operator]
        match left, right:
            case Field(kind=Kind.NUMBER), int(number):
                wording = wordings.number(left, wanted, number)
                return _Asked(left, wording, lambda value: compared(value, number))
            case _Size(), int(number):
                wording = wordings.size(left.field, wanted, number)
                return _Asked(left.field, wording, lambda codes: compared(len(codes), number))
            case Field(kind=Kind.CODE | Kind.PLACE), str(code) if operator in ("==", "!="):
                worded = self.codes(node, left, [code])
                wording = wordings.among(left, worded, negated=wanted == "!=")
                return _Asked(left, wording, lambda value: (value == code) is (operator == "=="))
            case Field(), _:
                raise self.refused(node, _cannot(left, "compared like this"))
        raise self.refused(node, _OTHERWISE)

    def membership(self, node: Node, left: Operand, right: Operand, *, negated: bool) -> _Asked:
        match left, right:
            case str(code), Field(kind=Kind.CODES):
                (worded,) = self.codes(node, right, [code])
                wording = wordings.holds(right, worded, negated=negated)
                return _Asked(right, wording, lambda codes: code in codes)
            case Field(kind=Kind.CODE | Kind.PLACE), [str(), *_] as named:
                codes = self.codes(node, left, [str(code) for code in named])
                return _Asked(left, wordings.among(left, codes, negated=negated), named.__contains__)
            case Field(kind=Kind.NUMBER), [int(), *_] as named:
                numbers = [Wording(str(number), str(number)) for number in named]
                return _Asked(left, wordings.among(left, numbers, negated=negated), named.__contains__)
            case (Field() as field, _) | (_, Field() as field):
                raise self.refused(node, _cannot(field, "looked for like this"))
        raise self.refused(node, _OTHERWISE)

    def method(self, node: Node, *, negated: bool) -> Condition:
        """`area.startsWith("PA13")`, `documents.exists(d, d in ["passport"])`, and `all` likewise."""
        name, (holder, *arguments) = _called(node)
        if name not in ("startsWith", "exists", "all"):
            raise self.refused(node, _no_function(name))
        field = self.operand(_inner(holder))
        match name, field:
            case "startsWith", Field(kind=Kind.PLACE):
                asked = self.within(node, field, arguments, negated=negated)
            case "exists" | "all", Field(kind=Kind.CODES):
                asked = self.quantified(node, name, field, arguments, negated=negated)
            case _, Field():
                raise self.refused(node, _cannot(field, f"used with {name}"))
            case _:
                raise self.refused(node, _OTHERWISE)
        return self.condition(node, asked, negated=negated)

    def within(self, node: Node, field: Field, arguments: list[Node], *, negated: bool) -> _Asked:
        prefix = self.prefix(node, field, arguments)
        wording = wordings.within(field, prefix, negated=negated)
        return _Asked(field, wording, lambda area: area.startswith(prefix))

    def quantified(
        self, node: Node, name: str, field: Field, arguments: list[Node], *, negated: bool
    ) -> _Asked:
        named = self.each(node, arguments)
        codes = self.codes(node, field, named)
        if name == "exists":
            wording = wordings.any_of(field, codes, negated=negated)
            return _Asked(field, wording, lambda values: any(value in named for value in values))
        wording = wordings.only(field, codes, negated=negated)
        return _Asked(field, wording, lambda values: all(value in named for value in values))

    def prefix(self, node: Node, field: Field, arguments: list[Node]) -> str:
        prefix = self.operand(_inner(arguments[0])) if len(arguments) == 1 else None
        if not isinstance(prefix, str):
            raise self.refused(
                node, 'startsWith takes the beginning of a P-code, as in area.startsWith("PA13")'
            )
        self.codes(node, field, [prefix])
        return prefix

    def each(self, node: Node, arguments: list[Node]) -> list[str]:
        """The codes of `x, x in ["a", "b"]` or `x, x == "a"`: what `exists` and `all` say of each code x."""
        form = 'is to be written as documents.exists(d, d in ["passport", "cedula"])'
        if len(arguments) != 2:
            raise self.refused(node, form)
        variable, body = (_inner(argument) for argument in arguments)
        if variable.data != "ident" or body.data != "relation":
            raise self.refused(node, form)
        name = str(_token(variable))
        if name in RESERVED:
            raise self.refused(
                variable, f"'{name}' is a word that CEL keeps for itself; take another name here"
            )
        if name in self.vocabulary:
            raise self.refused(variable, f"'{name}' is a field; take another name here")
        operation, right = _trees(body)
        left, named = _inner(_trees(operation)[0]), self.operand(_inner(right))
        if left.data != "ident" or str(_token(left)) != name:
            raise self.refused(node, form)
        match operation.data, named:
            case "relation_in", [str(), *_]:
                return [str(code) for code in named]
            case "relation_eq", str():
                return [named]
        raise self.refused(node, form)

    def operand(self, node: Node) -> Operand:
        match node.data:
            case "ident":
                name = str(_token(node))
                if name not in self.vocabulary:
                    raise self.refused(node, unknown_field(name, self.vocabulary))
                return self.vocabulary[name]
            case "literal":
                return self.literal(node)
            case "list_lit" if node.children:
                items = [self.operand(_inner(item)) for item in _trees(_trees(node)[0])]
                codes = [item for item in items if isinstance(item, str)]
                numbers = [item for item in items if isinstance(item, int)]
                if items in (codes, numbers):
                    return codes or numbers
                raise self.refused(node, "a list holds codes, or numbers")
            case "ident_arg" | "member_dot_arg":
                return self.size(node)
        raise self.refused(node, _OTHERWISE)

    def literal(self, node: Node) -> int | str:
        token = _token(node)
        if re.fullmatch(r"-?0\d+", token):
            raise self.refused(node, f"{token[:20]} begins with 0, which some languages read in eights")
        if token.type == "INT_LIT" and len(token) <= len(str(GREATEST)):
            return int(token, 16 if "x" in token else 10)
        if token.type == "STRING_LIT" and re.fullmatch(r"\"[\w-]*\"|'[\w-]*'", token):
            return str(token[1:-1])
        raise self.refused(node, f"{token[:20]} is no code in quotes and no whole number up to {GREATEST:,}")

    def size(self, node: Node) -> _Size:
        name, arguments = _called(node)
        if name != "size" or len(arguments) != 1:
            raise self.refused(node, _no_function(name))
        field = self.operand(_inner(arguments[0]))
        if not isinstance(field, Field) or field.kind is not Kind.CODES:
            raise self.refused(node, "size counts the codes of a field, as in size(documents)")
        return _Size(field)

    def codes(self, node: Node, field: Field, codes: list[str]) -> list[Wording]:
        """The codes in words; refused where one may not stand, at its place in the text."""
        for code in codes:
            if fault := field.fault(code):
                raise RefusedRule(fault, *_place(node, code))
        return [field.worded(code) for code in codes]

    def condition(self, node: Node, asked: _Asked, *, negated: bool) -> Condition:
        field, wording, test = asked
        source = self.source[node.meta.start_pos : node.meta.end_pos] if field else str(_token(node))
        return Condition(source, *_begin(node), field.name if field else None, negated, wording, test)

    def refused(self, node: Node, reason: str) -> RefusedRule:
        return RefusedRule(reason, *_begin(node))


def _begin(node: Node) -> tuple[int, int]:
    """Line and column of its first token that has them: cel-python gives true, false and null no place."""
    for leaf in node.scan_values(lambda leaf: isinstance(leaf, Token)):
        if isinstance(leaf, Token) and leaf.line and leaf.column:
            return leaf.line, leaf.column
    return 1, 1


def _place(node: Node, code: str) -> tuple[int, int]:
    """Line and column of a code in quotes."""
    leaves = (leaf for leaf in node.scan_values(lambda _: True) if isinstance(leaf, Token))
    leaf = next(leaf for leaf in leaves if leaf[1:-1] == code)
    return leaf.line or 1, leaf.column or 1


def _inner(node: Node) -> Node:
    """The first node below that says something: the grammar wraps every operand in each of its levels."""
    while node.data in _WRAPPERS and len(node.children) == 1 and isinstance(node.children[0], Tree):
        node = node.children[0]
    return node


def _trees(node: Node) -> list[Node]:
    return [child for child in node.children if isinstance(child, Tree)]


def _token(node: Node) -> Token:
    return next(child for child in node.children if isinstance(child, Token))


def _called(node: Node) -> tuple[str, list[Node]]:
    """The name and the arguments of `name(a, b)`, and of `a.name(b)` alike."""
    arguments = [
        tree for child in _trees(node) for tree in (_trees(child) if child.data == "exprlist" else [child])
    ]
    return str(_token(node)), arguments


def _join(joined: type[AllOf] | type[OneOf], parts: list[Part]) -> Part:
    """`a && b && c` is one list of three."""
    flat = (part.parts if isinstance(part, joined) else (part,) for part in parts)
    return joined(tuple(part for each in flat for part in each))


def _no_function(name: str) -> str:
    return f"there is no function '{name}' here; a rule has size, startsWith, exists and all"


def _cannot(field: Field, how: str) -> str:
    return f"'{field.name}' cannot be {how}: it holds {_HOLDS[field.kind]}"


_HOLDS = {
    Kind.NUMBER: "a number (age >= 18)",
    Kind.CODE: 'one code (sex == "female")',
    Kind.CODES: 'codes ("passport" in documents)',
    Kind.PLACE: 'a P-code (area.startsWith("PA13"))',
}
