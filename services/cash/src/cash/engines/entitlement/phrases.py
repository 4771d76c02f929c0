"""Why this amount: the steps of an entitlement, in words, for the person who asks and who answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

from cash.engines.money import decimal

Language: TypeAlias = Literal["en", "es"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was done (a key of the phrases), what it gave, and what it was done with."""

    what: str
    result: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def say(self, language: Language) -> str:
        """The step as a sentence."""
        return _PHRASES[self.what][language].format(result=self.result, **self.facts)


def plain(number: Fraction | Decimal) -> str:
    """A number as a person writes it: 12.5, 40, or ≈33.333333 where decimals have no end."""
    exact = Fraction(number)
    if exact.denominator == 1:
        return str(exact.numerator)
    rest, decimals = exact.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        decimals = max(decimals, power)
    if rest == 1:
        return f"{decimal(int(exact * 10**decimals), decimals):f}"
    return f"≈{decimal(round(exact * 10**6), 6):f}"


_PHRASES: dict[str, dict[Language, str]] = {
    "flat": {
        "en": "every household: {result}",
        "es": "cada hogar: {result}",
    },
    "table": {
        "en": "row {row} of the table, for {keys}: {result}",
        "es": "fila {row} de la tabla, para {keys}: {result}",
    },
    "basket": {
        "en": "basket {version}, for {keys}: {result}",
        "es": "canasta {version}, para {keys}: {result}",
    },
    "less": {
        "en": "less {column}, {value}: {result}",
        "es": "menos {column}, {value}: {result}",
    },
    "named": {
        "en": "{name} = {formula} = {with_values} = {result}",
        "es": "{name} = {formula} = {with_values} = {result}",
    },
    "formula": {
        "en": "{formula} = {with_values} = {result}",
        "es": "{formula} = {with_values} = {result}",
    },
    "multiplier": {
        "en": "times {times}: {result}",
        "es": "por {times}: {result}",
    },
    "multiplier_limited": {
        "en": "times {times}, the most that counts: {result}",
        "es": "por {times}, lo máximo que cuenta: {result}",
    },
    "cap": {
        "en": "at most {result}",
        "es": "como máximo {result}",
    },
    "floor": {
        "en": "never below 0",
        "es": "nunca menos de 0",
    },
    "rounded_down": {
        "en": "rounded down to units of {unit}: {result}",
        "es": "redondeado hacia abajo a unidades de {unit}: {result}",
    },
    "rounded_up": {
        "en": "rounded up to units of {unit}: {result}",
        "es": "redondeado hacia arriba a unidades de {unit}: {result}",
    },
    "rounded_half_up": {
        "en": "rounded to the nearest unit of {unit}, a half up: {result}",
        "es": "redondeado a la unidad más cercana de {unit}, la mitad hacia arriba: {result}",
    },
    "rounded_half_even": {
        "en": "rounded to the nearest unit of {unit}, a half to the even one: {result}",
        "es": "redondeado a la unidad más cercana de {unit}, la mitad a la par: {result}",
    },
    "split": {
        "en": "in parts: {parts}",
        "es": "en partes: {parts}",
    },
}
