"""The beginning and the end of legal holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

from solidary.language.country import DataProtection
from solidary.language.problems import Fault, Invalid, NotFound
from solidary.platform.database import UnitOfWork
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.legal_holds import rules
from intake.registry.legal_holds.models import LegalHold, holds_in_force, people_with_open_payment
from intake.registry.legal_holds.rules import HoldKind
from intake.registry.legal_holds.schemas import LegalHoldIn
from intake.registry.people.models import Person


async def place(unit: UnitOfWork, person_id: UUID, hold_in: LegalHoldIn) -> LegalHold:
    """Keep a person's record for proceedings. Raises NotFound, Invalid."""
    await unit.get(Person, person_id)
    if hold_in.until <= unit.now.date():
        raise Invalid("The hold would be over already.", Fault("/until", "This day must be in the future."))
    hold_id = uuid4()
    hold = LegalHold(
        id=hold_id,
        root=person_id,
        kind=HoldKind.PROCEEDINGS,
        reference=hold_id,
        until=hold_in.until,
        reason=hold_in.reason,
    )
    unit.add(hold)
    log_access(unit, [person_id], AccessAction.LEGAL_HOLD_PLACED, reference=hold.id)
    await unit.flush()
    return hold


async def lift(unit: UnitOfWork, person_id: UUID, hold_id: UUID) -> LegalHold:
    """End a hold for proceedings before its day. Raises NotFound, Invalid."""
    hold = await unit.lock(LegalHold, hold_id)
    if hold.root != person_id:
        raise NotFound(f"There is no legal hold {hold_id} of this person.")
    if hold.kind != HoldKind.PROCEEDINGS:
        raise Invalid("The law sets the end of this hold. Only a hold for proceedings can be lifted.")
    hold.lifted = hold.lifted or unit.now
    log_access(unit, [person_id], AccessAction.LEGAL_HOLD_LIFTED, reference=hold.id)
    return hold


async def hold_open_payments(
    unit: UnitOfWork, payees: Iterable[tuple[UUID, UUID]], periods: DataProtection
) -> None:
    """Hold the payees of a payment order: pairs of a person and a package. One statement."""
    until = unit.now.date() + timedelta(days=periods.open_payment_days)
    await _hold(unit, HoldKind.OPEN_PAYMENT, payees, until)


async def record_payment_outcome(
    unit: UnitOfWork, people: Sequence[UUID], payment_id: UUID, periods: DataProtection, *, delivered: bool
) -> None:
    """Record the outcome of a payment to one of the people of a household.

    A delivered payment may be audited, so its payee stays. Where several payments are open, one outcome proves nothing
    about the others: their holds stay until their last day.
    """
    payees = await people_with_open_payment(unit, people)
    if delivered:
        until = date(unit.envelope.time.year + periods.audit_years, 12, 31)
        paid = [(person_id, payment_id) for person_id in set(payees or people)]
        await _hold(unit, HoldKind.FINANCIAL_RECORDS, paid, until)
    if len(payees) == 1:
        lifted = update(LegalHold).where(
            LegalHold.agency == unit.principal.agency,
            LegalHold.root == payees[0],
            LegalHold.kind == HoldKind.OPEN_PAYMENT,
            LegalHold.lifted.is_(None),
        )
        await unit.session.execute(lifted.values(lifted=unit.now))


async def require_no_hold(unit: UnitOfWork, person_id: UUID) -> None:
    """Raise PersonUnderLegalHold where a hold of the person is in force."""
    rules.require_no_hold(await holds_in_force(unit, person_id))


async def _hold(unit: UnitOfWork, kind: HoldKind, subjects: Iterable[tuple[UUID, UUID]], until: date) -> None:
    rows = [
        {"id": uuid4(), "root": person_id, "kind": kind, "reference": reference, "until": until}
        for person_id, reference in subjects
    ]
    if rows:
        new = insert(LegalHold).values([row | {"agency": unit.principal.agency} for row in rows])
        known = [LegalHold.agency, LegalHold.root, LegalHold.kind, LegalHold.reference]
        changes = {"until": new.excluded.until, "lifted": None}
        await unit.session.execute(new.on_conflict_do_update(index_elements=known, set_=changes))
