"""The wording of requirements in Spanish and English: `edad: 18 o más`, `age: 18 or more`."""

from __future__ import annotations

from collections.abc import Sequence

from solidary.files.cel import Operator
from solidary.language.codes.wording import Wording

from referrals.engines.eligibility.profile import Value
from referrals.engines.eligibility.vocabulary import ProfileField

_OPPOSITE = {
    Operator.EQUAL: Operator.NOT_EQUAL,
    Operator.NOT_EQUAL: Operator.EQUAL,
    Operator.LESS: Operator.GREATER_OR_EQUAL,
    Operator.GREATER_OR_EQUAL: Operator.LESS,
    Operator.GREATER: Operator.LESS_OR_EQUAL,
    Operator.LESS_OR_EQUAL: Operator.GREATER,
}
_COMPARISONS = {
    Operator.EQUAL: ("{}", "{}"),
    Operator.NOT_EQUAL: ("cualquiera menos {}", "any except {}"),
    Operator.LESS: ("menos de {}", "less than {}"),
    Operator.LESS_OR_EQUAL: ("{} o menos", "{} or less"),
    Operator.GREATER: ("más de {}", "more than {}"),
    Operator.GREATER_OR_EQUAL: ("{} o más", "{} or more"),
}

FOR_ALL = Wording("para todas las personas", "for everybody")
FOR_NONE = Wording("para nadie", "for nobody")


def number(field: ProfileField, operator: Operator, value: int, *, negated: bool) -> Wording:
    """Word the comparison of a number."""
    es, en = _COMPARISONS[_OPPOSITE[operator] if negated else operator]
    return _about(field, es.format(value), en.format(value))


def size(field: ProfileField, operator: Operator, value: int, *, negated: bool) -> Wording:
    """Word the comparison of the number of codes."""
    es, en = _COMPARISONS[_OPPOSITE[operator] if negated else operator]
    return _about(field, f"cantidad: {es.format(value)}", f"number: {en.format(value)}")


def one_of(field: ProfileField, values: Sequence[Wording], *, negated: bool) -> Wording:
    """Word that the value is one of these, or none of them."""
    es, en = _alternatives(values)
    return _about(field, f"cualquiera menos {es}", f"any except {en}") if negated else _about(field, es, en)


def any_of(field: ProfileField, codes: Sequence[Wording], *, negated: bool) -> Wording:
    """Word that one of these codes is among the field's, or none of them."""
    es, en = _alternatives(codes)
    if negated:
        return _about(field, f"sin {es}", f"without {en}")
    return _about(field, f"con {es}", f"with {en}")


def only(field: ProfileField, codes: Sequence[Wording], *, negated: bool) -> Wording:
    """Word that the field has no other codes than these, or that it has others."""
    es, en = _alternatives(codes)
    if negated:
        return _about(field, f"con algo más que {es}", f"with something other than {en}")
    return _about(field, f"solo {es}", f"only {en}")


def within(field: ProfileField, prefix: str, *, negated: bool) -> Wording:
    """Word that an area lies within another, or outside it."""
    if negated:
        return _about(field, f"fuera de {prefix}", f"outside {prefix}")
    return _about(field, f"dentro de {prefix}", f"within {prefix}")


def unmet(requirement: Wording, field: ProfileField, value: Value) -> Wording:
    """Word a requirement with the value that does not meet it."""
    actual = _value(field, value)
    return Wording(
        f"{requirement.es} (en el perfil: {actual.es})", f"{requirement.en} (in the profile: {actual.en})"
    )


def none_met(alternatives: Sequence[Sequence[Wording]]) -> Wording:
    """Word alternatives of which none is met, each with its unmet requirements."""
    es = "; o ".join(" y ".join(each.es for each in unmet) for unmet in alternatives)
    en = "; or ".join(" and ".join(each.en for each in unmet) for unmet in alternatives)
    return Wording(f"una de estas condiciones: {es}", f"one of these conditions: {en}")


def _about(field: ProfileField, es: str, en: str) -> Wording:
    return Wording(f"{field.wording.es}: {es}", f"{field.wording.en}: {en}")


def _alternatives(values: Sequence[Wording]) -> tuple[str, str]:
    return (
        " o ".join(filter(None, [", ".join(each.es for each in values[:-1]), values[-1].es])),
        " or ".join(filter(None, [", ".join(each.en for each in values[:-1]), values[-1].en])),
    )


def _value(field: ProfileField, value: Value) -> Wording:
    if isinstance(value, int):
        return Wording(str(value), str(value))
    if isinstance(value, str):
        return field.wording_of(value)
    codes = [field.wording_of(code) for code in value]
    return Wording(
        ", ".join(code.es for code in codes) or "ninguno", ", ".join(code.en for code in codes) or "none"
    )
