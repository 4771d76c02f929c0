from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from solidary.platform.database import AgencyEntity, Entity, UnitOfWork
from sqlalchemy import insert
from sqlalchemy.orm import Mapped, mapped_column

from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.schemas import Identity
from intake.registry.search.rules import Described, Mark


class Search(AgencyEntity):
    """A search and its answer, sealed, kept for a day: so that a repeated request is answered alike."""

    __tablename__ = "search"

    answer: Mapped[bytes]


class SearchToken(Entity):
    """One keyed mark of one person (`root`): found by equality in a B-tree."""

    __tablename__ = "search_token"

    agency: Mapped[UUID] = mapped_column(primary_key=True)
    token: Mapped[bytes] = mapped_column(primary_key=True)
    root: Mapped[UUID] = mapped_column(primary_key=True)
    strong: Mapped[bool]


def described(identity: Identity, sex: str) -> Described:
    return Described(
        given_name=identity.given_name,
        surname=" ".join(filter(None, (identity.surname, identity.second_surname))),
        born=identity.born,
        sex=sex,
        documents=tuple(document.number for document in identity.documents),
        telephones=tuple(phone.number for phone in identity.phones),
    )


def tokens(instance: InstanceKey, found: Iterable[Mark]) -> dict[bytes, bool]:
    """Keyed tokens of marks, each with whether it is strong."""
    return {instance.token(mark.kind, mark.said): mark.strong for mark in found}


async def make_findable(unit: UnitOfWork, people: Mapping[UUID, Mapping[bytes, bool]]) -> None:
    """Writes people's tokens: one statement."""
    agency = unit.principal.agency
    rows = [
        {"agency": agency, "token": token, "root": person, "strong": strong}
        for person, found in people.items()
        for token, strong in found.items()
    ]
    if rows:
        await unit.session.execute(insert(SearchToken), rows)
