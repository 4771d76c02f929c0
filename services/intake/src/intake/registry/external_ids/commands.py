"""Identifiers that are given, replaced and written anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from solidary.language.external_ids import ExternalIdIn
from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import ExternalIdTaken
from sqlalchemy import delete, select

from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.external_ids.models import Identified, PersonExternalId, tokens_of


async def add_external_ids(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    given: Iterable[tuple[Identified, FieldCipher, Sequence[ExternalIdIn]]],
) -> None:
    """Give identifiers. Raises ExternalIdTaken, also at the end of the unit, by the database."""
    given = list(given)
    older = [
        token
        for identified, _, external_ids in given
        for each in external_ids
        for token in tokens_of(instance_key, identified.kind, each)[1:]
    ]
    if older:
        # While a search key is replaced, the database compares the tokens of the newest one only.
        written = select(PersonExternalId.id).where(
            PersonExternalId.agency == unit.principal.agency, PersonExternalId.token.in_(older)
        )
        if (await unit.session.scalars(written.limit(1))).first() is not None:
            raise ExternalIdTaken
    unit.add(
        *(
            PersonExternalId.of(identified, each, instance_key, cipher)
            for identified, cipher, external_ids in given
            for each in external_ids
        )
    )


async def replace_external_ids(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    identified: Identified,
    cipher: FieldCipher,
    external_ids: Sequence[ExternalIdIn],
) -> None:
    """Replace all identifiers of a person or a household. Raises ExternalIdTaken."""
    own = (PersonExternalId.agency == unit.principal.agency, PersonExternalId.about == identified.id)
    await unit.session.execute(delete(PersonExternalId).where(*own))
    await add_external_ids(unit, instance_key, [(identified, cipher, external_ids)])
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
