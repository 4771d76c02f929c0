"""The uses of consents by referrals and cash."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from solidary.platform.database import Aggregate, UnitOfWork
from sqlalchemy import text
from sqlalchemy.orm import Mapped

CASES = text(
    "SELECT id, person_id, household_id FROM data.consent_use WHERE agency = :agency AND id = ANY(:ids)"
)


class Case(NamedTuple):
    """The person whose consent is used for a case, whom cash pays, and their household."""

    person_id: UUID
    household_id: UUID


class ConsentUse(Aggregate):
    """The use of a consent for one case: its id is that of the referral or of the enrolment in cash.

    Events of referrals and cash name this id and no person, so that only intake can tell whom they are about.
    """

    __tablename__ = "consent_use"

    consent_id: Mapped[UUID]
    package_id: Mapped[UUID]
    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    service: Mapped[str]


async def find_use(unit: UnitOfWork, reference: UUID) -> ConsentUse | None:
    """Return the use that a reaction's event is about, in its owner's scope."""
    if not await unit.act_for_owner(reference):
        return None
    return await unit.session.get(ConsentUse, reference)


async def cases_of(unit: UnitOfWork, references: Collection[UUID]) -> dict[UUID, Case]:
    """Return the cases of the acting agency's people, by the ids of the referrals or enrolments."""
    parameters = {"agency": unit.principal.agency, "ids": list(references)}
    rows = await unit.session.execute(CASES, parameters)
    return {row.id: Case(row.person_id, row.household_id) for row in rows}
