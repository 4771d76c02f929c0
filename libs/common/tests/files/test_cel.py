"""The parser of CEL expressions: its nodes, their places, its limits, and cel-python's parser as the oracle."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

import pytest
from celpy.celparser import CELParseError, CELParser
from celpy.evaluation import celstr
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Token
from solidary.files.cel import (
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
    parser,
    walk,
)

EVERYTHING = Dialect(
    "rule", frozenset(Operator), frozenset({"f", "size"}), frozenset({"all", "size"}), depth=60
)


def shape(node: Expression) -> str:
    """Return a tree as text with all its brackets."""
    match node:
        case Name(name=name):
            return name
        case Literal(text=text):
            return text
        case ListOf(items=items):
            return f"[{', '.join(map(shape, items))}]"
        case Call(function=function, target=target, arguments=arguments):
            return f"{function}({', '.join(map(shape, [*([target] if target else []), *arguments]))})"
        case Unary(operator=operator, operand=operand):
            return f"({operator} {shape(operand)})"
        case Binary(operator=operator, left=left, right=right):
            return f"({shape(left)} {operator} {shape(right)})"
        case Logical(operator=operator, operands=operands):
            return f"({f' {operator} '.join(map(shape, operands))})"
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return f"({shape(condition)} ? {shape(then)} : {shape(otherwise)})"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age", "age"),
        ("true", "true"),
        ("a + b * c - 2", "((a + (b * c)) - 2)"),
        ("a -1", "(a - 1)"),
        ("-1 % a", "(-1 % a)"),
        ("!-a", "(! (- (sign) a))"),
        ("a && b && (c && d) || e", "((a && b && (c && d)) || e)"),
        ("a in [1, b] == true", "((a in [1, b]) == true)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("f() < size([])", "(f() < size([]))"),
        ("a.size() >= 2 // comment", "(size(a) >= 2)"),
        ("a.all(x, x != 'y')", "all(a, x, (x != 'y'))"),
    ],
)
def test_text_becomes_the_tree_that_cel_prescribes(text: str, expected: str) -> None:
    assert shape(parse(text, EVERYTHING)) == expected


def test_each_node_has_its_place_in_the_text() -> None:
    text = "age >= 18 &&\n  (true || size(documents) > 0)"
    places = [
        (text[node.position.start : node.position.end], node.position.line, node.position.column)
        for node in walk(parse(text, EVERYTHING))
    ]
    assert places == [
        (text, 1, 1),
        ("age >= 18", 1, 1),
        ("age", 1, 1),
        ("18", 1, 8),
        ("true || size(documents) > 0", 2, 4),
        ("true", 2, 4),
        ("size(documents) > 0", 2, 12),
        ("size(documents)", 2, 12),
        ("documents", 2, 17),
        ("0", 2, 30),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0x1F", LiteralKind.INTEGER),
        ("7u", LiteralKind.UNSIGNED),
        ("1e9", LiteralKind.DECIMAL),
        ("r'\\d'", LiteralKind.STRING),
        ('"""a\nb"""', LiteralKind.STRING),
        ("b'x'", LiteralKind.BYTES),
        ("false", LiteralKind.BOOLEAN),
        ("null", LiteralKind.NULL),
    ],
)
def test_literal_keeps_its_kind_and_its_text(text: str, kind: LiteralKind) -> None:
    node = parse(text, EVERYTHING)
    assert isinstance(node, Literal)
    assert (node.kind, node.text) == (kind, text)


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", (1, 1), "The rule is empty."),
        ("a +", (1, 3), "The rule is not valid CEL from here on."),
        ("a\n&&& b", (2, 3), "The rule is not valid CEL from here on."),
        ("// only a comment", (1, 1), "The rule is not valid CEL from here on."),
        ("a + package", (1, 5), "'package' is a reserved word of CEL. Use another name."),
        ("g(1)", (1, 1), "The function g is not available in a rule."),
        ("all(a)", (1, 1), "The function all is not available in a rule."),
        ("a || b.map(x, x)", (1, 6), "The method map is not available in a rule."),
        ("1 + a.b", (1, 5), "Access to a field (a.b) is not available in a rule."),
        ("a[0]", (1, 1), "Access by an index (a[b]) is not available in a rule."),
        ("{}", (1, 1), "A map ({key: value}) is not available in a rule."),
        ("{1: 2}", (1, 1), "A map ({key: value}) is not available in a rule."),
        ("A{}", (1, 1), "A message (Type{field: value}) is not available in a rule."),
        (".a", (1, 1), "A name that begins with a dot is not available in a rule."),
        (".f()", (1, 1), "A name that begins with a dot is not available in a rule."),
        ("a" + " " * 4000, (1, 4001), "The rule is longer than 4,000 characters."),
        ("(" * 60 + "a" + ")" * 60, (1, 61), "The rule is nested more than 60 levels deep."),
        ("-" * 3000 + "a", (1, 61), "The rule is nested more than 60 levels deep."),
        ("1" + "+1" * 1900, (1, 1), "The rule is nested more than 60 levels deep."),
        ("f(" * 60 + "a" + ")" * 60, (1, 121), "The rule is nested more than 60 levels deep."),
        ("a ? 1 : " * 60 + "2", (1, 473), "The rule is nested more than 60 levels deep."),
    ],
)
def test_error_has_its_place_and_its_reason(text: str, place: tuple[int, int], reason: str) -> None:
    with pytest.raises(InvalidExpression) as error:
        parse(text, EVERYTHING)
    assert error.value.reason == reason
    assert (error.value.line, error.value.column) == place


def test_long_chain_of_one_logical_operator_is_one_level() -> None:
    node = parse(" && ".join(["a"] * 500), EVERYTHING)
    assert isinstance(node, Logical)
    assert len(node.operands) == 500


@pytest.mark.parametrize("operator", Operator)
def test_operator_outside_the_dialect_is_refused_with_advice(operator: Operator) -> None:
    texts = {Operator.CONDITIONAL: "a ? b : c", Operator.NOT: "!a", Operator.NEGATE: "-a"}
    text = texts.get(operator, f"a {operator} b")
    dialect = Dialect("formula", frozenset(Operator) - {operator}, advice="Use plain numbers.")
    with pytest.raises(InvalidExpression) as error:
        parse(text, dialect)
    assert error.value.reason == (
        f"The operator {operator} is not available in a formula. Use plain numbers."
    )


STRINGS = st.text(alphabet="ab\\ntu0x4U1'\"é`?", max_size=12)


@given(STRINGS)
@settings(deadline=None)
def test_strings_are_decoded_as_cel_python_decodes_them(inner: str) -> None:
    for text in (f'"{inner}"', f"r'{inner}'", f'"""{inner}"""'):
        with suppress(InvalidExpression):
            node = parse(text, EVERYTHING)
            if (
                isinstance(node, Literal)
                and "`" not in text
                and "?" not in text
                and "\\u" not in text.lower()
            ):
                assert node.string == str(celstr(Token("STRING_LIT", text)))


def test_escape_beyond_unicode_stays_as_it_is_written() -> None:
    node = parse(r'"\U99999999 \ud800 \u00f1"', EVERYTHING)
    assert isinstance(node, Literal)
    assert node.string == r"\U99999999 \ud800 ñ"


PARTS = [
    "a",
    "1",
    "2.5",
    "0u",
    '"x"',
    "true",
    "null",
    "b'x'",
    "f(",
    "in",
    "?",
    ":",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
]
SIGNS = [",", ".", "+", "-", "*", "/", "%", "!", "&&", "||", "==", "<", " ", "\n"]


@given(st.lists(st.sampled_from(PARTS + SIGNS), max_size=25).map("".join) | st.text(max_size=40))
@settings(deadline=None)
def test_any_text_is_parsed_or_refused_as_cel_python_does(text: str) -> None:
    """Compare the tree with that of cel-python's own parser."""
    try:
        expected = CELParser().parse(text)
    except CELParseError:
        with pytest.raises(InvalidExpression):
            parse(text, EVERYTHING)
    else:
        assert parser._parse_tree(text, EVERYTHING) == expected
        with suppress(InvalidExpression):
            for node in walk(parse(text, EVERYTHING)):
                again = parse(text[node.position.start : node.position.end], EVERYTHING)
                assert shape(again) == shape(node)


def test_import_loads_neither_lark_nor_an_interpreter() -> None:
    """Services that never read an expression do not pay for the parser."""
    code = "import sys, solidary.files.cel; sys.exit(bool({'lark', 'celpy'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
