"""The conditions of an expression: each checked against the vocabulary, put into words and given its predicate."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from solidary.files.cel import (
    COMPARISONS,
    Binary,
    Call,
    Expression,
    InvalidExpression,
    ListOf,
    Literal,
    LiteralKind,
    Logical,
    Name,
    Operator,
    Unary,
    walk,
)
from solidary.language.codes.wording import Wording

from referrals.engines.eligibility import wordings
from referrals.engines.eligibility.conditions import AllOf, AnyOf, Condition, Part, Predicate
from referrals.engines.eligibility.profile import unknown_field_reason
from referrals.engines.eligibility.vocabulary import FieldKind, ProfileField, Vocabulary

LARGEST_NUMBER = 999_999
"""The upper limit of a number in a rule."""

_MIRRORED = {
    Operator.LESS: Operator.GREATER,
    Operator.LESS_OR_EQUAL: Operator.GREATER_OR_EQUAL,
    Operator.GREATER: Operator.LESS,
    Operator.GREATER_OR_EQUAL: Operator.LESS_OR_EQUAL,
}
"""The operators of a comparison whose sides change places."""

_NOT_A_CONDITION = (
    'This is not a condition. Compare a field (age >= 18, sex == "female") or look for a code '
    '("passport" in documents), and join conditions with &&, || and !.'
)
_QUANTIFIER_FORM = 'Write this as documents.exists(d, d in ["passport", "cedula"]).'


class Size(NamedTuple):
    """The number of codes of a field: `size(documents)` or `documents.size()`."""

    field: ProfileField


Operand: TypeAlias = ProfileField | Size | int | str | list[int] | list[str]


class Requirement(NamedTuple):
    """The requirement of one condition: its field, its wording and the predicate of the condition as written."""

    field: ProfileField | None
    wording: Wording
    predicate: Predicate


class ConditionReader:
    """A reader of the expression of one rule."""

    def __init__(self, source: str, vocabulary: Vocabulary):
        self.source, self.vocabulary = source, vocabulary

    def read(self, node: Expression, *, negated: bool = False) -> Part:
        """Return the conditions of an expression. Raises InvalidExpression."""
        match node:
            case Unary(operator=Operator.NOT):
                return self.read(node.operand, negated=not negated)
            case Logical():
                joined = AllOf if (node.operator is Operator.AND) is not negated else AnyOf
                return _join(joined, [self.read(each, negated=negated) for each in node.operands])
            case Literal(kind=LiteralKind.BOOLEAN):
                is_true = node.text == "true"
                wording = wordings.FOR_ALL if is_true is not negated else wordings.FOR_NONE
                requirement = Requirement(None, wording, lambda _: is_true)
            case Binary(operator=Operator.IN):
                requirement = self.membership(node, negated=negated)
            case Binary():
                requirement = self.comparison(node, negated=negated)
            case Call(function="startsWith"):
                requirement = self.within_area(node, negated=negated)
            case Call(function="exists" | "all"):
                requirement = self.quantifier(node, negated=negated)
            case _:
                raise InvalidExpression.at(node, _NOT_A_CONDITION)
        return self.condition(node, requirement, negated=negated)

    def comparison(self, node: Binary, *, negated: bool) -> Requirement:
        left, right, operator = self.operand(node.left), self.operand(node.right), node.operator
        if isinstance(right, ProfileField | Size):
            left, right, operator = right, left, _MIRRORED.get(operator, operator)
        compare = COMPARISONS[operator]
        match left, right:
            case ProfileField(kind=FieldKind.NUMBER), int(number):
                wording = wordings.number(left, operator, number, negated=negated)
                return Requirement(left, wording, lambda value: compare(value, number))
            case Size(), int(number):
                wording = wordings.size(left.field, operator, number, negated=negated)
                return Requirement(left.field, wording, lambda codes: compare(len(codes), number))
            case ProfileField(kind=FieldKind.CODE | FieldKind.AREA), str(code) if operator in (
                Operator.EQUAL,
                Operator.NOT_EQUAL,
            ):
                codes = self.wordings(node, left, [code])
                is_excluded = (operator is Operator.NOT_EQUAL) is not negated
                wording = wordings.one_of(left, codes, negated=is_excluded)
                return Requirement(left, wording, lambda value: compare(value, code))
            case ProfileField(), _:
                raise InvalidExpression.at(node, _cannot(left, "be compared like this"))
        raise InvalidExpression.at(node, _NOT_A_CONDITION)

    def membership(self, node: Binary, *, negated: bool) -> Requirement:
        left, right = self.operand(node.left), self.operand(node.right)
        match left, right:
            case str(code), ProfileField(kind=FieldKind.CODES):
                (code_wording,) = self.wordings(node, right, [code])
                wording = wordings.any_of(right, [code_wording], negated=negated)
                return Requirement(right, wording, lambda codes: code in codes)
            case ProfileField(kind=FieldKind.CODE | FieldKind.AREA), [str(), *_] as listed:
                codes = self.wordings(node, left, [str(code) for code in listed])
                wording = wordings.one_of(left, codes, negated=negated)
                return Requirement(left, wording, listed.__contains__)
            case ProfileField(kind=FieldKind.NUMBER), [int(), *_] as listed:
                numbers = [Wording(str(number), str(number)) for number in listed]
                wording = wordings.one_of(left, numbers, negated=negated)
                return Requirement(left, wording, listed.__contains__)
            case (ProfileField() as field, _) | (_, ProfileField() as field):
                raise InvalidExpression.at(node, _cannot(field, "be used with in like this"))
        raise InvalidExpression.at(node, _NOT_A_CONDITION)

    def within_area(self, node: Call, *, negated: bool) -> Requirement:
        """Return the requirement of `area.startsWith("PA13")`."""
        field = self.target(node, FieldKind.AREA)
        prefix = self.operand(node.arguments[0]) if len(node.arguments) == 1 else None
        if not isinstance(prefix, str):
            reason = 'The argument of startsWith is the beginning of a P-code: area.startsWith("PA13").'
            raise InvalidExpression.at(node, reason)
        self.wordings(node, field, [prefix])
        wording = wordings.within(field, prefix, negated=negated)
        return Requirement(field, wording, lambda area: area.startswith(prefix))

    def quantifier(self, node: Call, *, negated: bool) -> Requirement:
        """Return the requirement of `documents.exists(d, d in ["passport"])`, or the same with `all`."""
        field = self.target(node, FieldKind.CODES)
        listed = self.quantified_codes(node)
        codes = self.wordings(node, field, listed)
        if node.function == "exists":
            wording = wordings.any_of(field, codes, negated=negated)
            return Requirement(field, wording, lambda values: any(value in listed for value in values))
        wording = wordings.only(field, codes, negated=negated)
        return Requirement(field, wording, lambda values: all(value in listed for value in values))

    def quantified_codes(self, node: Call) -> list[str]:
        """Return the codes of the arguments `x, x in ["a", "b"]` or `x, x == "a"`."""
        match node.arguments:
            case (Name() as variable, Binary(left=Name() as left) as body) if left.name == variable.name:
                if variable.name in self.vocabulary:
                    reason = f"'{variable.name}' is a field. Use another name for the variable."
                    raise InvalidExpression.at(variable, reason)
                match body.operator, self.operand(body.right):
                    case Operator.IN, [str(), *_] as listed:
                        return [str(code) for code in listed]
                    case Operator.EQUAL, str(code):
                        return [code]
        raise InvalidExpression.at(node, _QUANTIFIER_FORM)

    def target(self, node: Call, kind: FieldKind) -> ProfileField:
        """Return the field of which a method is called, which must be of a kind."""
        field = self.operand(node.target) if node.target else None
        if not isinstance(field, ProfileField):
            raise InvalidExpression.at(node, _NOT_A_CONDITION)
        if field.kind is not kind:
            raise InvalidExpression.at(node, _cannot(field, f"be used with {node.function}"))
        return field

    def operand(self, node: Expression) -> Operand:
        match node:
            case Name():
                if node.name not in self.vocabulary:
                    raise InvalidExpression.at(node, unknown_field_reason(node.name, self.vocabulary))
                return self.vocabulary[node.name]
            case Literal():
                return self.literal(node)
            case ListOf(items=[_, *_]):
                items = [self.operand(item) for item in node.items]
                codes = [item for item in items if isinstance(item, str)]
                numbers = [item for item in items if isinstance(item, int)]
                if items in (codes, numbers):
                    return codes or numbers
                raise InvalidExpression.at(node, "A list contains either codes or numbers.")
            case Call(function="size"):
                return self.size(node)
        raise InvalidExpression.at(node, _NOT_A_CONDITION)

    def literal(self, node: Literal) -> int | str:
        text = node.text
        if re.fullmatch(r"-?0\d+", text):
            reason = (
                f"The number {text[:20]} begins with 0, which some languages read as octal. Leave out the 0."
            )
            raise InvalidExpression.at(node, reason)
        if node.kind is LiteralKind.INTEGER and len(text) <= len(str(LARGEST_NUMBER)):
            return int(text, 16 if "x" in text else 10)
        if node.kind is LiteralKind.STRING and re.fullmatch(r"\"[\w-]*\"|'[\w-]*'", text):
            return text[1:-1]
        reason = f"{text[:20]} is neither a code in quotes nor a whole number up to {LARGEST_NUMBER:,}."
        raise InvalidExpression.at(node, reason)

    def size(self, node: Call) -> Size:
        arguments = [*([node.target] if node.target else []), *node.arguments]
        field = self.operand(arguments[0]) if len(arguments) == 1 else None
        if not isinstance(field, ProfileField) or field.kind is not FieldKind.CODES:
            raise InvalidExpression.at(node, "size counts the codes of a field: size(documents).")
        return Size(field)

    def wordings(self, node: Expression, field: ProfileField, codes: list[str]) -> list[Wording]:
        """Return the words for codes. Raises InvalidExpression at a code that the field may not hold."""
        for code in codes:
            if reason := field.refusal(code):
                raise InvalidExpression.at(_literal_of(node, code), reason)
        return [field.wording_of(code) for code in codes]

    def condition(self, node: Expression, requirement: Requirement, *, negated: bool) -> Condition:
        place = node.position
        field = requirement.field.name if requirement.field else None
        source = self.source[place.start : place.end]
        return Condition(
            source, place.line, place.column, field, negated, requirement.wording, requirement.predicate
        )


def _literal_of(node: Expression, code: str) -> Expression:
    """Return the literal of a code below a node."""
    for each in walk(node):
        if isinstance(each, Literal) and each.text[1:-1] == code:
            return each
    return node


def _join(joined: type[AllOf] | type[AnyOf], parts: list[Part]) -> Part:
    """Return one list of parts for `a && (b && c)`."""
    flat = (part.parts if isinstance(part, joined) else (part,) for part in parts)
    return joined(tuple(part for each in flat for part in each))


def _cannot(field: ProfileField, use: str) -> str:
    return f"The field {field.name} cannot {use}. It holds {_CONTENTS[field.kind]}."


_CONTENTS = {
    FieldKind.NUMBER: "a number (age >= 18)",
    FieldKind.CODE: 'one code (sex == "female")',
    FieldKind.CODES: 'several codes ("passport" in documents)',
    FieldKind.AREA: 'a P-code (area.startsWith("PA13"))',
}
