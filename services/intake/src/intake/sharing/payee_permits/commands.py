"""The recording and the use of permits."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.language.problems import Forbidden
from solidary.platform.database import UnitOfWork

from intake.sharing.payee_permits.models import PayeePermit, PayeePermitUse
from intake.sharing.payee_permits.rules import VALIDITY, batch_digest, require_permitted


async def record_permit(unit: UnitOfWork, reference: UUID, digests: Sequence[bytes]) -> PayeePermit:
    """Record the permission of the human whom cash carries."""
    permit = PayeePermit(reference=reference, digests=list(digests), valid_until=unit.now + VALIDITY)
    unit.add(permit)
    await unit.flush()
    return permit


async def use_permit(
    unit: UnitOfWork, permit_id: UUID, batch: int, payments: Sequence[tuple[UUID, UUID]]
) -> None:
    """Use a permit for a batch of payments and their packages; the unit then acts on behalf of the permit's human.

    The human whom the service names does not count. Raises NotFound, Forbidden, PermitOver, PermitMismatch,
    and PermitUsed for a batch that was read before.
    """
    if unit.principal.service is None:
        raise Forbidden("A person reads payees by an order only, which the service writes on its own.")
    permit = await unit.get(PayeePermit, permit_id)
    digest = batch_digest(payments)
    require_permitted(permit.digests, permit.valid_until, batch=batch, digest=digest, now=unit.now)
    unit.add(PayeePermitUse(root=permit.id, batch=batch, digest=digest))
    await unit.flush()
    unit.name_cause(f"payment_order:{permit.reference}", permit.recorded_by)
