"""Identifiers that are replaced and written anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from solidary.language.external_ids import ExternalIdIn
from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import ExternalIdTaken
from sqlalchemy import delete, select

from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.external_ids.models import Identified, PersonExternalId, seal_external_ids
from intake.registry.external_ids.records import SealedExternalId


async def require_free(unit: UnitOfWork, sealed: Iterable[SealedExternalId]) -> None:
    """Raise ExternalIdTaken where one of the identifiers was written under an older search key.

    While a search key is replaced, the database compares the tokens of the newest one only.
    """
    if older := [token for each in sealed for token in each.tokens[1:]]:
        written = select(PersonExternalId.id).where(
            PersonExternalId.agency == unit.principal.agency, PersonExternalId.token.in_(older)
        )
        if (await unit.session.scalars(written.limit(1))).first() is not None:
            raise ExternalIdTaken


async def replace_external_ids(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    identified: Identified,
    cipher: FieldCipher,
    external_ids: Sequence[ExternalIdIn],
) -> None:
    """Replace all identifiers of a person or a household. Raises ExternalIdTaken, also by the database."""
    own = (PersonExternalId.agency == unit.principal.agency, PersonExternalId.about == identified.id)
    await unit.session.execute(delete(PersonExternalId).where(*own))
    sealed = seal_external_ids(instance_key, cipher, identified.kind, external_ids)
    await require_free(unit, sealed)
    unit.add(*(PersonExternalId.of(identified, each) for each in sealed))
    await unit.flush()


async def retoken_external_ids(
    unit: UnitOfWork, instance_key: InstanceKey, ciphers: Mapping[UUID, FieldCipher]
) -> None:
    """Replace the tokens of people's identifiers by those of the newest search key."""
    own = select(PersonExternalId).where(
        PersonExternalId.agency == unit.principal.agency, PersonExternalId.root.in_(list(ciphers))
    )
    for each in await unit.session.scalars(own):
        each.retoken(instance_key, ciphers[each.root])
