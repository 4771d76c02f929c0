"""The guard, with a person's own circumstances."""

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
from intake.desk.procedures.states import RESOLVED
from intake.engines.pathways.guard import Advice, Circumstances, advise
from intake.registry.encryption.models import seals_of
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.models import Person


async def procedures(unit: UnitOfWork, person_id: UUID) -> Sequence[Procedure]:
    """A person's procedures, the oldest first. Raises NotFound for a person out of reach."""
    await unit.get(Person, person_id)
    theirs = select(Procedure).where(Procedure.agency == unit.principal.agency, Procedure.root == person_id)
    return (await unit.session.scalars(theirs.order_by(Procedure.created, Procedure.id))).all()


async def advice_for(
    unit: UnitOfWork, instance: InstanceKey, pack: CountryPack, person_id: UUID, at: datetime
) -> Mapping[str, Advice]:
    """What the guard says of every route to this person on a day, by route."""
    person = await unit.get(Person, person_id)
    identity = person.identify((await seals_of(unit, instance, [person_id]))[person_id])
    open_routes = [
        procedure.route
        for procedure in await procedures(unit, person_id)
        if procedure.state not in RESOLVED and procedure.route in pack.pathways
    ]
    circumstances = Circumstances(
        entered=identity.entered_on,
        pathways=frozenset(open_routes),
        needs_protection=_needs_protection(person.population_group),
    )
    day = at.astimezone(pack.zone()).date()
    return {advice.pathway.id: advice for advice in advise(pack.pathways, circumstances, day)}


def known_route(advice: Mapping[str, Advice], route: str) -> Advice:
    """Raises Invalid for a route that the country pack lacks."""
    if route not in advice:
        raise Invalid("no such route", Fault("/route", f"the country's routes are {', '.join(advice)}"))
    return advice[route]


def _needs_protection(group: str) -> bool | None:
    """Only ever True or not known: who has not said so may need it all the same."""
    return PopulationGroup(group).community is Community.REFUGEE or None
