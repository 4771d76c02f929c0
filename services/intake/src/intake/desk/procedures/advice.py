"""The advice on pathways in a person's own circumstances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from solidary.language.codes.people import Community, PopulationGroup
from solidary.language.country import CountryPack
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.desk.procedures.models import Procedure
from intake.desk.procedures.rules import RESOLVED_STATES
from intake.engines.pathways.guard import Advice, Circumstances, advise
from intake.registry.access_log.rules import AccessAction
from intake.registry.encryption.models import open_person
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.models import Person


async def advice_by_pathway(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    country: CountryPack,
    person_id: UUID,
    at: datetime,
    action: AccessAction = AccessAction.PATHWAYS_READ,
) -> Mapping[str, Advice]:
    """Return the advice on every pathway to this person at a time, by pathway. Raises NotFound."""
    person = await unit.get(Person, person_id)
    identity = person.read_identity(await open_person(unit, instance_key, person_id, action))
    circumstances = Circumstances(
        entered=identity.entered_on,
        pathways=frozenset(await _open_pathways(unit, person_id)) & country.pathways.keys(),
        needs_protection=_needs_protection(person.population_group),
    )
    day = at.astimezone(country.zone()).date()
    return {advice.pathway.id: advice for advice in advise(country.pathways, circumstances, day)}


async def advice_on(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    country: CountryPack,
    person_id: UUID,
    pathway: str,
    at: datetime,
    action: AccessAction,
) -> Advice:
    """Return the advice on one pathway. Raises NotFound, and Invalid for a pathway that the country does not have."""
    advice = await advice_by_pathway(unit, instance_key, country, person_id, at, action)
    if pathway not in advice:
        raise Invalid(
            "There is no such pathway in this country.",
            Fault("/pathway", f"The pathway must be one of {', '.join(advice)}."),
        )
    return advice[pathway]


async def _open_pathways(unit: UnitOfWork, person_id: UUID) -> Sequence[str]:
    pathways = select(Procedure.pathway).where(
        Procedure.agency == unit.principal.agency,
        Procedure.root == person_id,
        Procedure.state.not_in(RESOLVED_STATES),
    )
    return (await unit.session.scalars(pathways)).all()


def _needs_protection(group: str) -> bool | None:
    """Return True, or None where it is not known: a person in another group may need protection all the same."""
    return PopulationGroup(group).community is Community.REFUGEE or None
