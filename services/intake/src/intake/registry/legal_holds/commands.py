"""The beginning and the end of legal holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

from solidary.language.country import DataProtection
from solidary.language.problems import Fault, Invalid, NotFound
from solidary.platform.database import UnitOfWork
from sqlalchemy import text

from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.legal_holds import rules
from intake.registry.legal_holds.models import LegalHold, holds_in_force
from intake.registry.legal_holds.rules import HoldKind, PaymentOutcome
from intake.registry.legal_holds.schemas import LegalHoldIn
from intake.registry.people.models import Person

HOLD = text(
    """
    INSERT INTO data.legal_hold (id, root, kind, reference, until)
    SELECT gen_random_uuid(), h.root, :kind, h.reference, h.until
    FROM unnest(CAST(:people AS uuid[]), CAST(:references AS uuid[]), CAST(:until AS date[]))
        AS h (root, reference, until)
    ORDER BY h.root, h.reference
    ON CONFLICT (agency, root, kind, reference) DO UPDATE SET until = greatest(legal_hold.until, excluded.until)
        WHERE legal_hold.lifted IS NULL
    """
)
LIFT = text(
    """
    INSERT INTO data.legal_hold (id, root, kind, reference, until, lifted)
    SELECT gen_random_uuid(), h.root, :kind, h.reference, :today, :now
    FROM unnest(CAST(:people AS uuid[]), CAST(:references AS uuid[])) AS h (root, reference)
    ORDER BY h.root, h.reference
    ON CONFLICT (agency, root, kind, reference) DO UPDATE SET lifted = excluded.lifted WHERE legal_hold.lifted IS NULL
    """
)


async def place(unit: UnitOfWork, person_id: UUID, hold_in: LegalHoldIn) -> LegalHold:
    """Keep a person's record for proceedings. Raises NotFound, Invalid."""
    await unit.get(Person, person_id)
    if hold_in.until <= unit.today:
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
    """Hold the payees of payments: pairs of a person and a payment. One statement.

    A payment whose outcome is known holds nobody any more.
    """
    until = unit.today + timedelta(days=periods.open_payment_days)
    await _hold(unit, HoldKind.OPEN_PAYMENT, dict.fromkeys(payees, until))


async def record_payment_outcomes(
    unit: UnitOfWork, outcomes: Sequence[PaymentOutcome], periods: DataProtection
) -> None:
    """End the holds of payments whose outcome is known, and hold delivered ones for audits. Two statements at most.

    An outcome that arrives before its payment is held leaves a lifted hold, so that the payment holds nobody later.
    """
    await _hold(unit, HoldKind.FINANCIAL_RECORDS, rules.audit_holds(outcomes, periods.audit_years))
    ended = list(dict.fromkeys((outcome.payee, outcome.payment_id) for outcome in outcomes))
    if ended:
        parameters = {
            "kind": HoldKind.OPEN_PAYMENT,
            "people": [person_id for person_id, _ in ended],
            "references": [payment_id for _, payment_id in ended],
            "today": unit.today,
            "now": unit.now,
        }
        await unit.session.execute(LIFT, parameters)


async def require_no_hold(unit: UnitOfWork, person_id: UUID) -> None:
    """Raise PersonUnderLegalHold where a hold of the person is in force."""
    rules.require_no_hold(await holds_in_force(unit, person_id))


async def _hold(unit: UnitOfWork, kind: HoldKind, holds: Mapping[tuple[UUID, UUID], date]) -> None:
    """Hold people for a reference: `holds` are the last days by person and reference. One statement."""
    if holds:
        parameters = {
            "kind": kind,
            "people": [person_id for person_id, _ in holds],
            "references": [reference for _, reference in holds],
            "until": list(holds.values()),
        }
        await unit.session.execute(HOLD, parameters)
