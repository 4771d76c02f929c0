"""An agency keeps its entries; what is public is published in the same transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from solidary.language.codes import specific_needs
from solidary.language.country import CountryPack
from solidary.language.events.referrals import CapacityChanged
from solidary.language.problems import Fault, Invalid, NotFound
from solidary.platform.database import Share, ShareLevel, UnitOfWork
from solidary.platform.database.scope import share
from sqlalchemy import delete

from referrals.directory.services.models import PublishedService, Service
from referrals.directory.services.schemas import CapacityIn, ServiceIn
from referrals.engines.eligibility.reader import RefusedRule
from referrals.engines.eligibility.rule import write
from referrals.engines.eligibility.vocabulary import vocabulary
from referrals.engines.opening_hours.schedule import Unreadable, read


async def enter(unit: UnitOfWork, country: CountryPack, said: ServiceIn) -> Service:
    """A new entry of the acting agency."""
    _must_be_sound(said, country)
    id_ = uuid4()
    service = Service(id=id_, root=id_, agency=unit.principal.agency, waiting_list=False)
    return await _put(unit, service, said)


async def revise(unit: UnitOfWork, country: CountryPack, service_id: UUID, said: ServiceIn) -> Service:
    """The entry as it is from now on, whole."""
    _must_be_sound(said, country)
    return await _put(unit, await _own(unit, service_id), said)


async def say_capacity(unit: UnitOfWork, service_id: UUID, said: CapacityIn) -> Service:
    """How many places are free now. Of a public service, whoever plans the area learns it."""
    service = await _own(unit, service_id)
    service.say_capacity(said.available, said.maximum, waiting_list=said.waiting_list, at=unit.now)
    await _publish(unit, service)
    if not service.confidential:
        unit.publish(
            CapacityChanged(
                service_id=service.id,
                category=service.category,
                area=service.area,
                available=said.available,
            ),
            about=service,
        )
    return service


async def confide(unit: UnitOfWork, service_id: UUID, agency: UUID, until: datetime | None) -> Service:
    """Lets another agency see an entry, and refer to it: a shelter to those it has agreed with."""
    service = await _own(unit, service_id)
    await withhold(unit, service_id, agency)
    unit.add(
        share(
            root=service.id,
            owner=service.agency,
            agency=agency,
            level=ShareLevel.READ,
            reason="agreement",
            valid_until=until,
        )
    )
    return service


async def withhold(unit: UnitOfWork, service_id: UUID, agency: UUID) -> None:
    """Takes it back."""
    service = await _own(unit, service_id)
    await unit.session.execute(delete(Share).where(Share.root == service.id, Share.agency == agency))


async def _own(unit: UnitOfWork, service_id: UUID) -> Service:
    service = await unit.lock(Service, service_id)
    if service.agency != unit.principal.agency:
        raise NotFound(f"no service {service_id}")
    return service


async def _put(unit: UnitOfWork, service: Service, said: ServiceIn) -> Service:
    for name, value in said.model_dump(mode="json").items():
        setattr(service, name, value)
    service.modified = unit.now
    unit.add(service)
    await unit.flush()
    await _publish(unit, service)
    return service


async def _publish(unit: UnitOfWork, service: Service) -> None:
    if service.confidential:
        await unit.session.execute(delete(PublishedService).where(PublishedService.id == service.id))
    else:
        await unit.session.merge(PublishedService.of(service))


def _must_be_sound(said: ServiceIn, country: CountryPack) -> None:
    """Its rule may stand, its hours can be read, its needs may be asked for. Raises Invalid."""
    faults = []
    suggestible = specific_needs.load_specific_needs().suggestible_codes()
    for place, code in enumerate(said.needs):
        if code not in suggestible:
            faults.append(Fault(f"/needs/{place}", "is no ordinary need of the list"))
    if said.eligibility is not None:
        try:
            write(said.eligibility, vocabulary(country.code))
        except RefusedRule as refused:
            where = f"line {refused.line}, column {refused.column}"
            faults.append(Fault("/eligibility", f"{where}: {refused.reason}"))
    for place, opening in enumerate(said.details.schedules):
        try:
            read(opening.schedule(uuid4()), country.zone())
        except Unreadable as unreadable:
            where = f"/details/schedules/{place}/{unreadable.field}"
            faults.append(Fault(where, unreadable.reason.en))
    if faults:
        raise Invalid("the entry cannot stand as it is", *faults)
