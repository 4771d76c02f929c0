"""Invented people: a new family for each run of the scenario, and many others whose needs are counted.

The family's names, numbers and notes are words that occur nowhere else, so that a scanner can look for them in every
topic, log and trace. Any resemblance to real people is coincidence.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from demonstration.place import Place

CHILD_YEARS = 9

ONSETS = ("b", "br", "c", "d", "f", "g", "gr", "l", "m", "n", "p", "r", "s", "t", "tr", "v", "z")
VOWELS = ("a", "e", "i", "o", "u")


@dataclass(frozen=True)
class NewFamily:
    """A mother who fled and has no documents, a child out of school, and a grandmother with poor eyesight."""

    mother: dict[str, Any]
    child: dict[str, Any]
    grandmother: dict[str, Any]
    note: str
    account: str

    @property
    def canaries(self) -> tuple[str, ...]:
        """The words that must be found nowhere but in intake."""
        names = [
            person[name] for person in self._members for name in ("given_name", "surname", "second_surname")
        ]
        numbers = [self.mother["phones"][0]["number"][1:], self.grandmother["documents"][0]["number"]]
        own = self.mother["external_ids"][0]["value"]
        return (*dict.fromkeys([*names, *numbers]), self.note, self.account, own)

    @property
    def _members(self) -> tuple[dict[str, Any], ...]:
        return self.mother, self.child, self.grandmother


def new_family(today: date, place: Place) -> NewFamily:
    """Invent a family, a different one at each call."""
    dice = random.SystemRandom()
    surnames = {"surname": _word(dice, 3), "second_surname": _word(dice, 4)}
    entered = {"entered_on": (today - timedelta(days=75)).isoformat(), "nationality": "VE"}

    def member(relation: str, sex: str, years: int, **more: Any) -> dict[str, Any]:
        born = today.replace(day=1) - timedelta(days=365 * years + dice.randrange(300))
        return {
            "given_name": _word(dice, 3),
            **surnames,
            "relation": relation,
            "sex": sex,
            "born": born.isoformat(),
            "population_group": "asylum_seeker",
            "language": str(place.language),
            **entered,
            **more,
        }

    digits = dice.randrange(10 ** (place.city.phone_digits - 1), 10**place.city.phone_digits)
    telephone = {"number": f"{place.city.phone}{digits}", "safe": True, "shared": True}
    kind, issuer = place.document
    document = {"kind": kind, "number": f"V{dice.randrange(10**8, 10**9)}", "issuer": issuer}
    own = {"system": "primero", "value": f"P{dice.randrange(10**8, 10**9)}"}
    return NewFamily(
        mother=member("head", "female", 34, phones=[telephone], external_ids=[own]),
        child=member("child", "male", CHILD_YEARS),
        grandmother=member("parent", "female", 71, documents=[document]),
        note=f"Llegaron de noche; preguntan por {_word(dice, 4)}.",
        account=str(dice.randrange(10**11, 10**12)),
    )


def _word(dice: random.Random, syllables: int) -> str:
    return "".join(dice.choice(ONSETS) + dice.choice(VOWELS) for _ in range(syllables)).capitalize() + "x"


@dataclass(frozen=True)
class CrowdGroup:
    """A number of people of one area and population group with the same need. `area` is its place in the list."""

    area: int
    population_group: str
    need: str
    people: int


CROWD = (
    CrowdGroup(0, "asylum_seeker", "CR-NE", 22),
    CrowdGroup(0, "asylum_seeker", "LP-ND", 26),
    CrowdGroup(0, "migrant", "CR-NE", 18),
    CrowdGroup(0, "migrant", "LP-ND", 24),
    CrowdGroup(0, "host_community", "CR-NE", 9),
    CrowdGroup(0, "host_community", "LP-BN", 13),
    CrowdGroup(0, "stateless", "CR-NE", 2),
    CrowdGroup(0, "stateless", "LP-ND", 3),
    CrowdGroup(1, "asylum_seeker", "CR-NE", 16),
    CrowdGroup(1, "migrant", "CR-NE", 12),
    CrowdGroup(1, "migrant", "LP-ND", 15),
    CrowdGroup(1, "host_community", "LP-BN", 11),
    CrowdGroup(2, "asylum_seeker", "CR-NE", 4),
    CrowdGroup(2, "migrant", "CR-NE", 2),
)
"""The groups are such that some counts may be published and others must be withheld."""

HOUSEHOLD_SIZE = 8


def names_of(registration: dict[str, Any]) -> set[str]:
    """Return the names in a registration, which must not leave intake."""
    return {member[name] for member in registration["members"] for name in ("given_name", "surname")}


def crowd_registrations(day: date, place: Place) -> Iterator[dict[str, Any]]:
    """Yield the registrations of the crowd's households, whose needs were recorded on `day`."""
    areas = list(place.crowd_areas)
    dice = random.Random(day.isoformat())
    for group in CROWD:
        for first in range(0, group.people, HOUSEHOLD_SIZE):
            size = min(HOUSEHOLD_SIZE, group.people - first)
            members = [_member(dice, group, day, head=number == 0) for number in range(size)]
            yield {"household": {"area": areas[group.area]}, "members": members}


def _member(dice: random.Random, group: CrowdGroup, day: date, *, head: bool) -> dict[str, Any]:
    years = dice.randrange(6, 17) if group.need == "CR-NE" and not head else dice.randrange(19, 58)
    return {
        "given_name": _word(dice, 3),
        "surname": _word(dice, 3),
        "relation": "head" if head else "other",
        "sex": dice.choice(("female", "male")),
        "born": (day - timedelta(days=365 * years + dice.randrange(360))).isoformat(),
        "population_group": group.population_group,
        "needs": [{"code": group.need, "day": day.isoformat()}],
    }
