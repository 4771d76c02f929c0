"""The steps of an amount's calculation, in words, for the person who asks and the person who answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

from cash.engines.money import scaled_decimal

Language: TypeAlias = Literal["en", "es"]


@dataclass(frozen=True, slots=True)
class CalculationStep:
    """One step: its name (a key of the phrases), its result, and the facts that it was calculated from."""

    name: str
    result: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def describe(self, language: Language) -> str:
        """Return the step in words."""
        return _PHRASES[self.name][language].format(result=self.result, **self.facts)


def format_number(number: Fraction | Decimal) -> str:
    """Return a number as a person writes it: 12.5, 40, or ≈33.333333 where the decimals do not end."""
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
        return f"{scaled_decimal(int(exact * 10**decimals), decimals):f}"
    return f"≈{scaled_decimal(round(exact * 10**6), 6):f}"


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
        "en": "times {times}, the highest multiplier: {result}",
        "es": "por {times}, el multiplicador máximo: {result}",
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
