"""The beginning and the end of legal holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid4

from solidary.language.country import DataProtection
from solidary.language.problems import Fault, Invalid, NotFound
from solidary.platform.database import UnitOfWork
from sqlalchemy import text

from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.legal_holds import rules
from intake.registry.legal_holds.models import LegalHold, holds_in_force
from intake.registry.legal_holds.rules import HoldKind
from intake.registry.legal_holds.schemas import LegalHoldIn
from intake.registry.people.models import Person

HOLD = text(
    """
    INSERT INTO data.legal_hold (id, root, kind, reference, until)
    SELECT gen_random_uuid(), h.root, :kind, h.reference, :until
    FROM unnest(CAST(:people AS uuid[]), CAST(:references AS uuid[])) AS h (root, reference)
    ORDER BY h.root, h.reference
    ON CONFLICT (agency, root, kind, reference) DO UPDATE SET until = greatest(legal_hold.until, excluded.until)
        WHERE legal_hold.lifted IS NULL
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
    held = list(dict.fromkeys(payees))
    if held:
        parameters = {
            "kind": HoldKind.OPEN_PAYMENT,
            "people": [person_id for person_id, _ in held],
            "references": [payment_id for _, payment_id in held],
            "until": unit.today + timedelta(days=periods.open_payment_days),
        }
        await unit.session.execute(HOLD, parameters)


async def require_no_hold(unit: UnitOfWork, person_id: UUID) -> None:
    """Raise PersonUnderLegalHold where a hold of the person is in force."""
    rules.require_no_hold(await holds_in_force(unit, person_id))
