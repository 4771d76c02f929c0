"""The commands of payment controls."""

from __future__ import annotations

from solidary.platform.database import UnitOfWork

from cash.targeting.controls.models import LeastApprovalTier, PaymentControl
from cash.targeting.controls.schemas import PaymentControlIn


async def set_control(unit: UnitOfWork, body: PaymentControlIn) -> PaymentControl:
    """Set the control of the acting agency. It holds for every approval from now on."""
    control = PaymentControl(account_rest_days=body.account_rest_days)
    unit.add(control)
    await unit.flush()
    unit.add(*(LeastApprovalTier(root=control.id, **tier.model_dump()) for tier in body.least_tiers))
    await unit.flush()
    return control
