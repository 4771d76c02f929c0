"""What stands in a package: what the consent names, and of that as little as serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from solidary.language.codes.people import AgeBand

if TYPE_CHECKING:
    from solidary.language.country import CountryPack

    from intake.registry.people.schemas import Identity


@dataclass(frozen=True)
class Facts:
    """What intake knows of a person on a day. `needs`: ordinary codes, chosen for this package."""

    person: Identity
    caregiver: Identity | None
    language: str
    population_group: str
    needs: tuple[str, ...]
    pack: CountryPack
    today: date


def contents(categories: Set[str], facts: Facts) -> dict[str, Any]:
    """The package. Immigration status is in it only where the consent names exactly that."""
    found: dict[str, Any] = {}
    for category, tell in TELLING.items():
        if category in categories:
            found |= tell(facts)
    return found


def _name(facts: Facts) -> dict[str, Any]:
    person = facts.person
    return {
        "given_name": person.given_name,
        "surname": person.surname,
        "second_surname": person.second_surname,
    }


def _contact(facts: Facts) -> dict[str, Any]:
    """A telephone that was called safe: the person's, else the caregiver's with their name."""
    if own := facts.person.safe_phone:
        return {"contact": {"telephone": own}}
    giver = facts.caregiver
    if giver is None or giver.safe_phone is None:
        return {"contact": None}
    return {"contact": {"telephone": giver.safe_phone, "caregiver": giver.full_name}}


def _age(facts: Facts) -> dict[str, Any]:
    born = facts.person.born
    if born is None:
        return {"birth_year": None, "age_band": None}
    return {"birth_year": born.year, "age_band": str(AgeBand.of_birth(born, facts.today))}


def _documents_held(facts: Facts) -> dict[str, Any]:
    """Yes or no. Which identity document it is would tell a status, so that stays out."""
    kinds = {document.kind for document in facts.person.documents}
    known = facts.pack.documents
    held = {code: code in kinds for code, kind in known.items() if not kind.identity}
    return {
        "documents_held": {"identity_document": any(known[k].identity for k in kinds & known.keys()), **held}
    }


TELLING: Mapping[str, Callable[[Facts], dict[str, Any]]] = {
    "name": _name,
    "contact": _contact,
    "language": lambda facts: {"language": facts.language},
    "age": _age,
    "needs": lambda facts: {"needs": list(facts.needs)},
    "documents_held": _documents_held,
    "immigration_status": lambda facts: {"population_group": facts.population_group},
}
