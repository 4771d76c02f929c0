"""The agency's own identifiers of aggregates that are no people: unique in the agency, and seen by it alone.

A service that takes them names the kinds of its aggregates. People and households have theirs in intake, encrypted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel, Field
from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.orm import Mapped

from solidary.language.external_ids import ExternalIdIn, ExternalIdOut
from solidary.language.problems import Conflict, Problem
from solidary.platform.database import AgencyEntity, UnitOfWork
from solidary.platform.database.locks import lock_parts


class ExternalIdTaken(Conflict):
    """An identifier is given to a second thing of the same kind within the agency."""

    slug, title = "external-id-taken", "Your agency has given this identifier to something else"
    action = "Find what has it with `POST /external-ids/find`, and correct one of the two."


CONSTRAINT_PROBLEMS: Mapping[str, type[Problem]] = {"external_id_once": ExternalIdTaken}


class ExternalId(AgencyEntity):
    """An identifier of the agency for the aggregate `about`, in one of the agency's systems.

    `root` is the row's own id: a share of the aggregate opens no identifier to another agency.
    """

    __tablename__ = "external_id"

    kind: Mapped[str]
    about: Mapped[UUID]
    system: Mapped[str]
    value: Mapped[str]


class HasExternalIds(BaseModel):
    """A mixin for answers about an aggregate that may have identifiers of the agency that reads."""

    external_ids: list[ExternalIdOut] = Field(default=[], description="Your agency's own identifiers")


class FoundExternalId(ExternalIdOut):
    """An identifier of the query, with what has it."""

    kind: str
    id: UUID


class FoundExternalIds(BaseModel):
    """The identifiers of a query that your agency has given; others are left out."""

    items: list[FoundExternalId]


S = TypeVar("S", bound=HasExternalIds)


async def replace_external_ids(
    unit: UnitOfWork, kind: str, about: UUID, external_ids: Sequence[ExternalIdIn] | None
) -> None:
    """Replace the acting agency's identifiers of an aggregate; None leaves them. Raises ExternalIdTaken."""
    if external_ids is None:
        return
    await lock_parts(unit, about)  # of two replacements at once the later one stands, and not both
    own = (ExternalId.agency == unit.principal.agency, ExternalId.about == about, ExternalId.kind == kind)
    await unit.session.execute(delete(ExternalId).where(*own))
    await add_external_ids(unit, kind, {about: external_ids})


async def add_external_ids(
    unit: UnitOfWork, kind: str, external_ids: Mapping[UUID, Sequence[ExternalIdIn]]
) -> None:
    """Give new aggregates their identifiers. One statement, or none. Raises ExternalIdTaken."""
    rows = [
        {"id": (key := uuid4()), "root": key, "kind": kind, "about": about, **each.model_dump()}
        for about, own in external_ids.items()
        for each in own
    ]
    if rows:
        await unit.session.execute(insert(ExternalId).values(rows))


async def external_ids_of(
    unit: UnitOfWork, kind: str, about: Iterable[UUID]
) -> Mapping[UUID, list[ExternalIdOut]]:
    """Return the acting agency's identifiers of aggregates. One statement."""
    wanted = select(ExternalId).where(
        ExternalId.agency == unit.principal.agency,
        ExternalId.about.in_(list(about)),
        ExternalId.kind == kind,
    )
    found: defaultdict[UUID, list[ExternalIdOut]] = defaultdict(list)
    for each in await unit.session.scalars(wanted.order_by(ExternalId.system, ExternalId.value)):
        found[each.about].append(ExternalIdOut.model_validate(each))
    return found


async def with_external_ids(unit: UnitOfWork, kind: str, shown: Mapping[UUID, S]) -> list[S]:
    """Return answers with the acting agency's identifiers of what they are about. One statement, or none."""
    if not shown:
        return []
    found = await external_ids_of(unit, kind, shown)
    return [
        each.model_copy(update={"external_ids": found[about]}) if about in found else each
        for about, each in shown.items()
    ]


async def find_by_external_ids(
    unit: UnitOfWork, kinds: Collection[str], external_ids: Sequence[ExternalIdIn]
) -> FoundExternalIds:
    """Return what the acting agency has given these identifiers. One statement."""
    pairs: Any = [(each.system, each.value) for each in external_ids]
    wanted = select(ExternalId).where(
        ExternalId.agency == unit.principal.agency,
        ExternalId.kind.in_(kinds),
        tuple_(ExternalId.system, ExternalId.value).in_(pairs),
    )
    found = await unit.session.scalars(wanted.order_by(ExternalId.kind, ExternalId.system, ExternalId.value))
    items = [
        FoundExternalId(system=each.system, value=each.value, kind=each.kind, id=each.about) for each in found
    ]
    return FoundExternalIds(items=items)
