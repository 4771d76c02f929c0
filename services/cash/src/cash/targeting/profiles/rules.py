"""The columns that an entitlement rule may use, and their values for a household."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from cash.engines.entitlement.definition import ColumnType
from cash.engines.entitlement.formula import Value, Values
from cash.engines.money import minor_unit_digits
from cash.targeting.profiles.records import ProfileRecord


class CurrencyMismatch(ValueError):
    """A household whose means are known in another currency than the one that the rule pays in."""


#: Currencies that count one for one. The balboa is at par with the dollar by Panama's Ley 84 of 1904.
CURRENCIES_AT_PAR = frozenset({"PAB", "USD"})


def _money(minor: int, currency: str) -> Fraction:
    return Fraction(minor, 10 ** minor_unit_digits(currency))


#: Each column that a rule may use: its type, and its value in a profile.
COLUMNS: Mapping[str, tuple[ColumnType, Callable[[ProfileRecord], Value]]] = {
    "household_size": ("whole", lambda profile: Fraction(profile.size)),
    "disability": ("whole", lambda profile: Fraction(profile.disability)),
    "shelter": ("text", lambda profile: profile.shelter or "unknown"),
    "area": ("text", lambda profile: profile.area),
    "own_income": ("money", lambda profile: _money(profile.own_income, profile.currency)),
    "other_aid": ("money", lambda profile: _money(profile.other_aid, profile.currency)),
}


def unusable_columns(columns: Mapping[str, ColumnType]) -> dict[str, str]:
    """Return the columns of a rule that no profile has, or has with another type, each with a sentence about it."""
    unusable = {}
    for name, type_ in columns.items():
        if name not in COLUMNS:
            unusable[name] = f"A profile has no such column. It has {', '.join(COLUMNS)}."
        elif COLUMNS[name][0] != type_:
            unusable[name] = f"A profile has this column with the type {COLUMNS[name][0]}."
    return unusable


_FIELDS = {"household_size": "size"}
"""The field of a profile of each column that has another name."""


def rule_inputs(stored: Mapping[str, Any], columns: Iterable[str]) -> tuple[Hashable, ...]:
    """Return all of a stored profile on which a rule with these columns depends: equal inputs have one amount."""
    fields = ("version", "currency", *(_FIELDS.get(name, name) for name in columns))
    return tuple(stored.get(field) for field in fields)


def profile_values(profile: ProfileRecord, columns: Mapping[str, ColumnType], currency: str) -> Values:
    """Return the values of a rule's columns for a household. `currency`: that of the rule. Raises CurrencyMismatch."""
    is_same = profile.currency == currency or {profile.currency, currency} <= CURRENCIES_AT_PAR
    if not is_same and "money" in columns.values():
        raise CurrencyMismatch(
            f"The household's means are in {profile.currency}, but the rule pays in {currency}."
        )
    return {name: COLUMNS[name][1](profile) for name in columns}
