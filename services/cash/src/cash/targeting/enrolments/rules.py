"""What a rule may ask of a household: its coded profile, never a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from uuid import UUID

from pydantic import BaseModel

from cash.engines.entitlement.definition import ColumnType as Column
from cash.engines.entitlement.formula import Value, Values
from cash.engines.money import minor_unit_digits


class Profile(BaseModel):
    """A household in codes, as intake tells it; amounts a month, in minor units of `currency`.

    `payout_version` is that of the account which stays in intake; 0 while none is known.
    """

    household_id: UUID
    version: int
    payout_version: int
    size: int
    age_bands: dict[str, int] = {}
    disability: int = 0
    shelter: str | None = None
    area: str
    own_income: int = 0
    other_aid: int = 0
    currency: str


class OtherCurrency(ValueError):
    """The household's means are known in another money than the rule pays in."""


#: Money that counts one for one. The balboa is at par with the dollar by Panama's Ley 84 of 1904.
AT_PAR = frozenset({"PAB", "USD"})


def _money(minor: int, currency: str) -> Fraction:
    return Fraction(minor, 10 ** minor_unit_digits(currency))


#: Each column that a rule may ask for, what it holds, and where a profile says it.
COLUMNS: Mapping[str, tuple[Column, Callable[[Profile], Value]]] = {
    "household_size": ("whole", lambda profile: Fraction(profile.size)),
    "disability": ("whole", lambda profile: Fraction(profile.disability)),
    "shelter": ("text", lambda profile: profile.shelter or "unknown"),
    "area": ("text", lambda profile: profile.area),
    "own_income": ("money", lambda profile: _money(profile.own_income, profile.currency)),
    "other_aid": ("money", lambda profile: _money(profile.other_aid, profile.currency)),
}


def unknown_columns(asked: Mapping[str, Column]) -> dict[str, str]:
    """The columns of a rule that no profile tells, or tells otherwise → why."""
    wrong = {}
    for name, column in asked.items():
        if name not in COLUMNS:
            wrong[name] = f"a profile tells {', '.join(COLUMNS)}"
        elif COLUMNS[name][0] != column:
            wrong[name] = f"a profile tells it as {COLUMNS[name][0]}"
    return wrong


def values(profile: Profile, asked: Mapping[str, Column], currency: str) -> Values:
    """What a rule that pays in `currency` asks, of this household. Raises OtherCurrency."""
    same = profile.currency == currency or {profile.currency, currency} <= AT_PAR
    if not same and "money" in asked.values():
        raise OtherCurrency(f"known in {profile.currency}, paid in {currency}")
    return {name: COLUMNS[name][1](profile) for name in asked}
