"""What a condition asks for, in Spanish and English: `age: 18 or more`, `edad: 18 o más`."""

from __future__ import annotations

from collections.abc import Sequence

from solidary.language.codes.wording import Wording

from referrals.engines.eligibility.profile import Value
from referrals.engines.eligibility.vocabulary import Field

OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

_COMPARED = {
    "==": ("{}", "{}"),
    "!=": ("cualquiera menos {}", "any but {}"),
    "<": ("menos de {}", "less than {}"),
    "<=": ("{} o menos", "{} or less"),
    ">": ("más de {}", "more than {}"),
    ">=": ("{} o más", "{} or more"),
}

EVERYBODY = Wording("para todas las personas", "for everybody")
NOBODY = Wording("para nadie", "for nobody")


def number(field: Field, operator: str, value: int) -> Wording:
    es, en = _COMPARED[operator]
    return about(field, es.format(value), en.format(value))


def size(field: Field, operator: str, value: int) -> Wording:
    es, en = _COMPARED[operator]
    return about(field, f"en número, {es.format(value)}", f"in number, {en.format(value)}")


def among(field: Field, values: Sequence[Wording], *, negated: bool) -> Wording:
    """One value, that is one of these (or none of them)."""
    es, en = listed(values)
    return about(field, f"cualquiera menos {es}", f"any but {en}") if negated else about(field, es, en)


def holds(field: Field, code: Wording, *, negated: bool) -> Wording:
    """Several values, this one among them (or not)."""
    es, en = ("sin", "without") if negated else ("con", "with")
    return about(field, f"{es} {code.es}", f"{en} {code.en}")


def any_of(field: Field, codes: Sequence[Wording], *, negated: bool) -> Wording:
    es, en = listed(codes)
    if negated:
        return about(field, f"sin {es}", f"without {en}")
    return about(field, f"con {es}", f"with {en}")


def only(field: Field, codes: Sequence[Wording], *, negated: bool) -> Wording:
    es, en = listed(codes)
    if negated:
        return about(field, f"con algo más que {es}", f"with something beside {en}")
    return about(field, f"solo {es}", f"only {en}")


def within(field: Field, prefix: str, *, negated: bool) -> Wording:
    if negated:
        return about(field, f"fuera de {prefix}", f"outside {prefix}")
    return about(field, f"dentro de {prefix}", f"within {prefix}")


def about(field: Field, es: str, en: str) -> Wording:
    return Wording(f"{field.wording.es}: {es}", f"{field.wording.en}: {en}")


def listed(values: Sequence[Wording]) -> tuple[str, str]:
    return (
        " o ".join(filter(None, [", ".join(v.es for v in values[:-1]), values[-1].es])),
        " or ".join(filter(None, [", ".join(v.en for v in values[:-1]), values[-1].en])),
    )


def unmet(wanted: Wording, field: Field, value: Value) -> Wording:
    """What was wanted, and what the profile says instead."""
    said = _said(field, value)
    return Wording(f"{wanted.es} (el perfil dice {said.es})", f"{wanted.en} (the profile says {said.en})")


def _said(field: Field, value: Value) -> Wording:
    if isinstance(value, int):
        return Wording(str(value), str(value))
    if isinstance(value, str):
        return field.worded(value)
    codes = [field.worded(code) for code in value]
    return Wording(
        ", ".join(code.es for code in codes) or "ninguno", ", ".join(code.en for code in codes) or "none"
    )


def none_of(alternatives: Sequence[Sequence[Wording]]) -> Wording:
    """Alternatives of which none is met, each with what it lacks."""
    es = "; o ".join(" y ".join(each.es for each in lacking) for lacking in alternatives)
    en = "; or ".join(" and ".join(each.en for each in lacking) for lacking in alternatives)
    return Wording(f"una de estas cosas: {es}", f"one of these: {en}")
