"""The commands on directory entries. A public entry is published in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from solidary.files.cel import InvalidExpression
from solidary.language.codes import specific_needs
from solidary.language.country import CountryPack
from solidary.language.problems import Fault, Invalid, NotFound
from solidary.platform.database import Share, ShareLevel, UnitOfWork
from solidary.platform.database.scope import share
from solidary.platform.external_ids import add_external_ids, replace_external_ids
from sqlalchemy import delete, insert

from referrals.directory.services.models import DirectoryService, PublishedService
from referrals.directory.services.records import EntryRecord
from referrals.directory.services.schemas import DirectoryServiceIn, ServiceCapacityIn
from referrals.engines.eligibility.rule import parse_rule
from referrals.engines.eligibility.vocabulary import load_vocabulary
from referrals.engines.opening_hours.schedule import InvalidSchedule, interpret_schedule
from referrals.problems import PublicationNeedsTwoPeople


async def create_service(
    unit: UnitOfWork, country: CountryPack, body: DirectoryServiceIn
) -> DirectoryService:
    """Create an entry of the acting agency. Raises Invalid, ExternalIdTaken."""
    check_entry(body, country)
    (service,) = await create_services(unit, [EntryRecord.of(body.model_dump(mode="json"))])
    return service


async def create_services(unit: UnitOfWork, entries: Sequence[EntryRecord]) -> list[DirectoryService]:
    """Create entries of the acting agency that were checked. The number of statements does not grow with theirs.

    Raises ExternalIdTaken.
    """
    services = [
        DirectoryService(id=uuid4(), agency=unit.principal.agency, waiting_list=False) for _ in entries
    ]
    for service, entry in zip(services, entries, strict=True):
        service.set_content(entry, at=unit.now)
    unit.add(*services)
    await unit.flush()
    public = [PublishedService.columns_of(service) for service in services if not service.confidential]
    if public:
        await unit.session.execute(insert(PublishedService).values(public))
    external_ids = {service.id: entry.external_ids for service, entry in zip(services, entries, strict=True)}
    await add_external_ids(unit, "service", external_ids)
    return services


async def replace_service(
    unit: UnitOfWork, country: CountryPack, service_id: UUID, body: DirectoryServiceIn
) -> DirectoryService:
    """Replace the whole entry. Raises Invalid, NotFound, PublicationNeedsTwoPeople."""
    check_entry(body, country)
    service = await _lock_own(unit, service_id)
    if service.confidential and not body.confidential:
        raise PublicationNeedsTwoPeople
    service.set_content(EntryRecord.of(body.model_dump(mode="json")), at=unit.now)
    await unit.flush()
    await _publish(unit, service)
    await replace_external_ids(unit, "service", service.id, body.external_ids)
    return service


async def make_public(unit: UnitOfWork, service_id: UUID) -> DirectoryService:
    """Publish a confidential entry. The database refuses it without a request that another person has confirmed."""
    service = await _lock_own(unit, service_id)
    service.confidential, service.modified = False, unit.now
    await unit.flush()
    await _publish(unit, service)
    return service


async def set_capacity(unit: UnitOfWork, service_id: UUID, body: ServiceCapacityIn) -> DirectoryService:
    """Set the free places. No event names them: one after a referral was accepted would disclose its receiver."""
    service = await _lock_own(unit, service_id)
    service.set_capacity(body.available, body.maximum, waiting_list=body.waiting_list, at=unit.now)
    await _publish(unit, service)
    return service


async def share_service(unit: UnitOfWork, service_id: UUID, agency: UUID, until: datetime | None) -> None:
    """Let another agency see an entry and refer to it, until a moment if one is given."""
    service = await _lock_own(unit, service_id)
    await unshare_service(unit, service_id, agency)
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


async def unshare_service(unit: UnitOfWork, service_id: UUID, agency: UUID) -> None:
    """End the share of an entry with another agency."""
    service = await _lock_own(unit, service_id)
    await unit.session.execute(delete(Share).where(Share.root == service.id, Share.agency == agency))


async def _lock_own(unit: UnitOfWork, service_id: UUID) -> DirectoryService:
    """Return an entry of the acting agency, locked. Raises NotFound."""
    service = await unit.lock(DirectoryService, service_id)
    if service.agency != unit.principal.agency:
        raise NotFound(f"There is no service {service_id} of your agency.")
    return service


async def _publish(unit: UnitOfWork, service: DirectoryService) -> None:
    """Write the public copy of an entry, or remove it where the entry is confidential."""
    if service.confidential:
        await unit.session.execute(delete(PublishedService).where(PublishedService.id == service.id))
    else:
        await unit.session.merge(PublishedService.of(service))


def check_entry(body: DirectoryServiceIn, country: CountryPack) -> None:
    """Check the needs, the eligibility rule and the opening hours of an entry. Raises Invalid."""
    faults = list(_faults(body, country))
    if faults:
        raise Invalid("The entry is not valid.", *faults)


def _faults(body: DirectoryServiceIn, country: CountryPack) -> Iterator[Fault]:
    ordinary = specific_needs.load_specific_needs().suggestible_codes()
    for index, code in enumerate(body.needs):
        if code not in ordinary:
            yield Fault(f"/needs/{index}", "This is not the code of an ordinary specific need.")
    if body.eligibility is not None:
        try:
            parse_rule(body.eligibility, load_vocabulary(country.code))
        except InvalidExpression as error:
            yield Fault("/eligibility", f"Line {error.line}, column {error.column}: {error.reason}")
    for index, opening in enumerate(body.details.schedules):
        try:
            interpret_schedule(opening.schedule(uuid4()), country.zone())
        except InvalidSchedule as error:
            yield Fault(f"/details/schedules/{index}/{error.field}", error.reason.en)
