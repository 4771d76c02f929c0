"""Assignments of colleagues to people, and whether a user needs to know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from solidary.language.problems import NotFound
from solidary.platform.database import AgencyEntity, RecordedBy, UnitOfWork, timestamp
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Mapped

from intake.problems import NeedToKnowMissing
from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction, AccessReason
from intake.registry.assignments.rules import AssignmentRole, end_of_reception


class Assignment(RecordedBy, AgencyEntity):
    """A colleague's part in the case of a person (`root`): `assignee` is the subject of their account."""

    __tablename__ = "assignment"

    assignee: Mapped[UUID]
    role: Mapped[str]
    valid_until: Mapped[timestamp | None]

    def __init__(self, **values: Any) -> None:
        super().__init__(**{"id": uuid4(), **values})

    @property
    def location(self) -> str:
        """The path of this assignment, as a `Location` header gives it."""
        return f"/people/{self.root}/assignments/{self.id}"

    def end(self, now: datetime) -> None:
        """End the assignment; one that is over stays as it was."""
        if self.valid_until is None or self.valid_until > now:
            self.valid_until = now


def receive(unit: UnitOfWork, person_ids: Iterable[UUID]) -> None:
    """Assign people to the user who receives them today."""
    until = end_of_reception(unit.now)
    for person_id in person_ids:
        unit.add(
            Assignment(
                root=person_id,
                assignee=unit.principal.subject,
                role=AssignmentRole.RECEPTION,
                valid_until=until,
            )
        )


async def require_need_to_know(unit: UnitOfWork, person_id: UUID, reason: AccessReason | None) -> None:
    """Raise NeedToKnowMissing unless the user is assigned to the person or states a reason, which is to be logged."""
    if not await needs_to_know(unit, person_id, reason):
        raise NeedToKnowMissing


async def needs_to_know(unit: UnitOfWork, person_id: UUID, reason: AccessReason | None) -> bool:
    """Return whether the user states a reason or is assigned to the person. The reason of software does not count."""
    if reason is not None and unit.principal.software is None:
        return True
    assigned = assigned_to(unit).where(Assignment.root == person_id)
    return (await unit.session.scalars(assigned.limit(1))).first() is not None


def assigned_to(unit: UnitOfWork) -> Select[UUID]:
    """Select the people to whom the user of a unit is assigned."""
    return select(Assignment.root).where(
        Assignment.agency == unit.principal.agency,
        Assignment.assignee == unit.principal.subject,
        or_(Assignment.valid_until.is_(None), Assignment.valid_until > unit.now),
    )


async def get_assignment(
    unit: UnitOfWork, person_id: UUID, assignment_id: UUID, action: AccessAction
) -> Assignment:
    """Return an assignment to a person, and log it. Raises NotFound."""
    assignment = await unit.get(Assignment, assignment_id)
    if assignment.root != person_id:
        raise NotFound(f"There is no assignment {assignment_id} of this person.")
    log_access(unit, [person_id], action, reference=assignment_id)
    return assignment
