"""The commands that open a plan and share the work on it."""

from __future__ import annotations

from uuid import UUID

from solidary.language.country import load_pack
from solidary.language.problems import Conflict, Fault, Invalid, NotAllowed, count_of
from solidary.platform.database import AgencyEntity, Share, ShareLevel, UnitOfWork
from solidary.platform.database.scope import share
from sqlalchemy import func, select

from planning.participation.plans.models import Plan
from planning.participation.plans.schemas import PlanIn
from planning.territory.tius.models import Tiu


async def open_plan(unit: UnitOfWork, body: PlanIn, country: str) -> Plan:
    """Open a plan for a unit that the agency drew, in a currency that the country's pack accepts.

    Raises NotFound, NotAllowed for another agency's unit, and Invalid for another currency.
    """
    tiu = await unit.get(Tiu, body.tiu_id)
    if tiu.agency != unit.principal.agency:
        raise NotAllowed(
            "Another agency drew this unit. Only the agency that drew a unit can open a plan for it."
        )
    currency = load_pack(country).currency
    accepted = (currency.code, *currency.also_accepted)
    if body.currency not in accepted:
        raise Invalid(
            f"The currency {body.currency} is not used in this country.",
            Fault("/currency", f"This must be one of {', '.join(accepted)}."),
        )
    plan = Plan(decimals=currency.minor_units, **body.model_dump())
    unit.add(plan)
    await unit.flush()
    return plan


async def add_partner(unit: UnitOfWork, plan_id: UUID, agency: UUID) -> Plan:
    """Let another agency work on the plan and see its unit.

    Raises NotFound, Invalid for the owner itself, and Conflict for an agency that works on the plan already.
    """
    plan = await unit.lock(Plan, plan_id)
    if agency == plan.agency:
        raise Invalid(
            "The owner of a plan cannot be its partner.", Fault("/agency", "This agency owns the plan.")
        )
    if await is_partner(unit, plan, agency):
        raise Conflict("This agency works on the plan already.")
    share_plan(unit, plan, agency, ShareLevel.ACT)
    await unit.flush()
    return plan


def share_plan(unit: UnitOfWork, plan: Plan, agency: UUID, level: ShareLevel) -> None:
    """Share the plan with an agency at a level, and its unit for reading."""
    for root, level_of_root in ((plan.id, level), (plan.tiu_id, ShareLevel.READ)):
        unit.add(
            share(
                root=root,
                owner=plan.agency,
                agency=agency,
                level=level_of_root,
                reason="joint_programme",
                reference=plan.id,
            )
        )


async def require_room(unit: UnitOfWork, entity: type[AgencyEntity], plan: Plan, at_most: int) -> None:
    """Raise Conflict where the plan has its most rows of an entity: the lists of a plan are answered whole."""
    rows = await unit.session.scalar(select(func.count()).where(entity.root == plan.id))
    if (rows or 0) >= at_most:
        noun = str(entity.__tablename__).replace("_", " ")
        raise Conflict(f"A plan has at most {count_of(at_most, noun)}. Leave out or join what is not needed.")


async def is_partner(unit: UnitOfWork, plan: Plan, agency: UUID) -> bool:
    """Return whether an agency works on the plan, as its owner or as a partner."""
    shared = select(Share.id).where(
        Share.root == plan.id, Share.agency == agency, Share.level == ShareLevel.ACT
    )
    return agency == plan.agency or await unit.session.scalar(shared) is not None
