"""Identifiers as their agency reads and finds them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from solidary.language.external_ids import ExternalIdOut, ExternalIdQuery
from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import FoundExternalId, FoundExternalIds
from sqlalchemy import select

from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.external_ids.models import IdentifiedKind, PersonExternalId, tokens_of


async def external_ids_of(
    unit: UnitOfWork, about: UUID, ciphers: Mapping[UUID, FieldCipher]
) -> list[ExternalIdOut]:
    """Return the identifiers of a person or a household; `ciphers` are those of its people. One statement."""
    own = select(PersonExternalId).where(
        PersonExternalId.agency == unit.principal.agency, PersonExternalId.about == about
    )
    found = await unit.session.scalars(own.order_by(PersonExternalId.system, PersonExternalId.created))
    return [each.read(ciphers[each.root]) for each in found if each.root in ciphers]


async def find_external_ids(
    unit: UnitOfWork, instance_key: InstanceKey, query: ExternalIdQuery
) -> FoundExternalIds:
    """Return the agency's people and households that have these identifiers, each of which is logged."""
    wanted = {
        token: external_id
        for external_id in query.external_ids
        for kind in IdentifiedKind
        for token in tokens_of(instance_key, kind, external_id)
    }
    having = select(PersonExternalId).where(
        PersonExternalId.agency == unit.principal.agency, PersonExternalId.token.in_(list(wanted))
    )
    found = (await unit.session.scalars(having.order_by(PersonExternalId.created, PersonExternalId.id))).all()
    log_access(unit, [each.root for each in found], AccessAction.FOUND_BY_EXTERNAL_ID)
    return FoundExternalIds(
        items=[
            FoundExternalId(
                system=each.system, value=wanted[bytes(each.token)].value, kind=each.kind, id=each.about
            )
            for each in found
        ]
    )
