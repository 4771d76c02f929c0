"""The parser: the text of an expression, checked against a dialect, becomes a tree of nodes.

The grammar is that of cel-python, read by Lark. cel-python's own parser is not imported: it loads an interpreter
that nobody here uses (10 MB), and it drops the places of `true` and `false`. Lark itself is loaded with the first
expression.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

from solidary.files.cel.nodes import (
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
)

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

RESERVED_WORDS = frozenset(
    {"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in"}
    | {"let", "loop", "namespace", "null", "package", "return", "true", "var", "void", "while"}
)
"""Words that are no names in CEL (cel-spec, langdef.md, section Syntax), although cel-python accepts some."""


@dataclass(frozen=True)
class Dialect:
    """The part of CEL that a caller understands, with its limits.

    `noun` names such an expression in error sentences (`rule`), `advice` is a sentence that ends those about
    something unavailable. `depth` counts operators, calls, lists and brackets within each other; chains of one
    logical operator count once.
    """

    noun: str
    operators: frozenset[Operator]
    functions: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()
    characters: int = 4_000
    depth: int = 50
    advice: str = ""


class InvalidExpression(ValueError):
    """An expression that is not valid. `reason` is a sentence; `line` and `column` count from 1."""

    def __init__(self, reason: str, line: int, column: int):
        self.reason, self.line, self.column = reason, line, column
        super().__init__(f"line {line}, column {column}: {reason}")

    @classmethod
    def at(cls, node: Expression, reason: str) -> InvalidExpression:
        """Return the error for a node."""
        return cls(reason, node.position.line, node.position.column)


def parse(text: str, dialect: Dialect) -> Expression:
    """Return the tree of an expression.

    Raises InvalidExpression where the text is not CEL, is not part of the dialect or exceeds its limits. The work
    is proportional to the text's length, and the depth of the tree is bounded, so that a caller may recurse.
    """
    if not text.strip():
        raise InvalidExpression(f"The {dialect.noun} is empty.", 1, 1)
    if len(text) > dialect.characters:
        reason = f"The {dialect.noun} is longer than {dialect.characters:,} characters."
        raise InvalidExpression(reason, *_line_and_column(text, dialect.characters))
    return _Converter(dialect).expression(_parse_tree(text, dialect), depth=1)


_BINARY_OPERATORS = {
    "relation_eq": Operator.EQUAL,
    "relation_ne": Operator.NOT_EQUAL,
    "relation_lt": Operator.LESS,
    "relation_le": Operator.LESS_OR_EQUAL,
    "relation_gt": Operator.GREATER,
    "relation_ge": Operator.GREATER_OR_EQUAL,
    "relation_in": Operator.IN,
    "addition_add": Operator.ADD,
    "addition_sub": Operator.SUBTRACT,
    "multiplication_mul": Operator.MULTIPLY,
    "multiplication_div": Operator.DIVIDE,
    "multiplication_mod": Operator.REMAINDER,
}
_LOGICAL_OPERATORS = {"conditionalor": Operator.OR, "conditionaland": Operator.AND}
_LITERAL_KINDS = {
    "INT_LIT": LiteralKind.INTEGER,
    "UINT_LIT": LiteralKind.UNSIGNED,
    "FLOAT_LIT": LiteralKind.DECIMAL,
    "STRING_LIT": LiteralKind.STRING,
    "MLSTRING_LIT": LiteralKind.STRING,
    "BYTES_LIT": LiteralKind.BYTES,
    "BOOL_LIT": LiteralKind.BOOLEAN,
    "NULL_LIT": LiteralKind.NULL,
}
_UNAVAILABLE = {
    "member_dot": "Access to a field (a.b)",
    "member_index": "Access by an index (a[b])",
    "member_object": "A message (Type{field: value})",
    "map_lit": "A map ({key: value})",
    "dot_ident": "A name that begins with a dot",
    "dot_ident_arg": "A name that begins with a dot",
}


class _Converter:
    """The conversion of one of Lark's trees into nodes."""

    def __init__(self, dialect: Dialect):
        self.dialect = dialect

    def expression(self, tree: Tree[Token], depth: int) -> Expression:
        tree, brackets = _unwrap(tree)
        position = self.position(tree)
        depth += brackets
        if depth > self.dialect.depth:
            reason = f"The {self.dialect.noun} is nested more than {self.dialect.depth} levels deep."
            raise InvalidExpression(reason, position.line, position.column)
        inner = _subtrees(tree)
        match tree.data:
            case "literal":
                token = _token(tree)
                return Literal(position, _LITERAL_KINDS[token.type], str(token))
            case "ident":
                return Name(position, self.name(_token(tree)))
            case "list_lit":
                return ListOf(position, self.all(inner, depth))
            case "ident_arg":
                function = str(_token(tree))
                self.require(function in self.dialect.functions, position, f"The function {function}")
                return Call(position, function, None, self.all(inner, depth))
            case "member_dot_arg":
                method = str(_token(tree))
                self.require(method in self.dialect.methods, position, f"The method {method}")
                target = self.expression(inner[0], depth + 1)
                return Call(position, method, target, self.all(inner[1:], depth))
            case "unary":
                sign = Operator.NOT if inner[0].data == "unary_not" else Operator.NEGATE
                self.require_operator(sign, position)
                return Unary(position, sign, self.expression(inner[1], depth + 1))
            case "relation" | "addition" | "multiplication":
                binary = _BINARY_OPERATORS[inner[0].data]
                self.require_operator(binary, position)
                left = self.expression(_subtrees(inner[0])[0], depth + 1)
                return Binary(position, binary, left, self.expression(inner[1], depth + 1))
            case "conditionaland" | "conditionalor":
                logical = _LOGICAL_OPERATORS[tree.data]
                self.require_operator(logical, position)
                operands = tuple(self.expression(part, depth + 1) for part in _chain(tree))
                return Logical(position, logical, operands)
            case "expr":
                self.require_operator(Operator.CONDITIONAL, position)
                condition, then, otherwise = (self.expression(part, depth + 1) for part in inner)
                return Conditional(position, condition, then, otherwise)
        self.require(False, position, _UNAVAILABLE[tree.data])
        raise AssertionError(tree.data)

    def all(self, lists: list[Tree[Token]], depth: int) -> tuple[Expression, ...]:
        """Return the expressions of a list of arguments or items, which is missing where there are none."""
        return tuple(self.expression(part, depth + 1) for each in lists for part in _subtrees(each))

    def name(self, token: Token) -> str:
        name = str(token)
        if name in RESERVED_WORDS:
            reason = f"'{name}' is a reserved word of CEL. Use another name."
            raise InvalidExpression(reason, token.line or 1, token.column or 1)
        return name

    def require_operator(self, needed: Operator, position: Position) -> None:
        self.require(needed in self.dialect.operators, position, f"The operator {needed}")

    def require(self, available: bool, position: Position, thing: str) -> None:
        if not available:
            reason = f"{thing} is not available in a {self.dialect.noun}. {self.dialect.advice}".rstrip()
            raise InvalidExpression(reason, position.line, position.column)

    @staticmethod
    def position(tree: Tree[Token]) -> Position:
        place = tree.meta
        return Position(place.start_pos, place.end_pos, place.line, place.column)


@cache
def _lark() -> Lark:
    from lark import Lark, Token

    def boolean_or_name(token: Token) -> Token:
        return Token.new_borrow_pos("BOOL_LIT", token.value, token) if token in ("true", "false") else token

    package = find_spec("celpy")
    assert package is not None
    assert package.origin is not None
    grammar = Path(package.origin).with_name("cel.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        start="expr",
        g_regex_flags=re.MULTILINE,
        lexer_callbacks={"IDENT": boolean_or_name},
        propagate_positions=True,
        maybe_placeholders=False,
        priority="invert",
    )


def _parse_tree(text: str, dialect: Dialect) -> Tree[Token]:
    from lark.exceptions import UnexpectedInput

    try:
        return _lark().parse(text)
    except UnexpectedInput as error:
        place = (error.line, error.column) if error.line > 0 else _line_and_column(text, len(text.rstrip()))
        reason = f"The {dialect.noun} is not valid CEL from here on."
        raise InvalidExpression(reason, *place) from None


def _unwrap(tree: Tree[Token]) -> tuple[Tree[Token], int]:
    """Return the first node below that is more than a level of the grammar, and the brackets around it."""
    brackets = 0
    while len(tree.children) == 1 and tree.data not in ("literal", "ident", "list_lit"):
        child = tree.children[0]
        if not hasattr(child, "data") or tree.data in ("ident_arg", "member_object", "map_lit"):
            break
        brackets += tree.data == "paren_expr"
        tree = cast("Tree[Token]", child)
    return tree, brackets


def _chain(tree: Tree[Token]) -> list[Tree[Token]]:
    """Return the operands of `a && b && c`, which the grammar nests to the left."""
    operands: list[Tree[Token]] = []
    rest = tree
    while rest.data == tree.data and len(rest.children) == 2:
        rest, right = _subtrees(rest)
        operands.append(right)
    return [rest, *reversed(operands)]


def _subtrees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [cast("Tree[Token]", child) for child in tree.children if hasattr(child, "data")]


def _token(tree: Tree[Token]) -> Token:
    return next(child for child in tree.children if not hasattr(child, "data"))


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
