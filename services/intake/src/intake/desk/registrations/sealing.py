"""The sealing of a registration: it is checked and encrypted where the keys are, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from solidary.language.country import CountryPack

from intake.desk.needs.commands import check_needs
from intake.desk.registrations.records import (
    SealedHousehold,
    SealedMember,
    SealedRegistration,
    SealedToken,
)
from intake.desk.registrations.schemas import MemberIn, RegistrationIn
from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.external_ids.models import IdentifiedKind, seal_external_ids
from intake.registry.external_ids.records import SealedExternalId
from intake.registry.people.records import IdentityRecord
from intake.registry.people.rules import Relation, describe, require_valid_identities
from intake.registry.search_index.commands import index_version, wanted_tokens_of
from intake.registry.search_index.commands import tokens_of as search_tokens_of
from intake.registry.search_index.rules import search_keys


@dataclass(frozen=True)
class Sealed:
    """A sealed registration, and the wrapped keys of its people, which are stored apart from it."""

    registration: SealedRegistration
    keys: Mapping[UUID, bytes]


def seal(
    instance_key: InstanceKey,
    country: CountryPack,
    today: date,
    client_id: UUID,
    registration_in: RegistrationIn,
) -> Sealed:
    """Check and seal a registration: everything that needs no database. Raises Invalid, NeedRestricted."""
    identities = [member.to_identity_record() for member in registration_in.members]
    places = [f"/members/{place}" for place in range(len(identities))]
    require_valid_identities(list(zip(places, identities, strict=True)), country, today)
    keys: dict[UUID, bytes] = {}
    members: list[SealedMember] = []
    home: tuple[SealedExternalId, ...] = ()
    for place, member, identity in zip(places, registration_in.members, identities, strict=True):
        person_id = uuid4()
        cipher, keys[person_id] = instance_key.create_key(person_id)
        members.append(_seal_member(instance_key, cipher, person_id, member, identity, place, today))
        if member.relation is Relation.HEAD:
            own = registration_in.household.external_ids
            home = seal_external_ids(instance_key, cipher, IdentifiedKind.HOUSEHOLD, own)
    household = registration_in.household.model_dump(exclude={"external_ids"})
    registration = SealedRegistration(
        client_id=client_id,
        digest=instance_key.request_digest(digested_text(registration_in)),
        indexed_by=index_version(instance_key),
        household=SealedHousehold(**household),
        external_ids=home,
        members=tuple(members),
    )
    return Sealed(registration, keys)


def digested_text(registration_in: RegistrationIn) -> str:
    """Return the text of a registration for its digest: without identifiers where it has none.

    A registration that was sent before there were any has the same digest when it is sent again.
    """
    without = {
        place: {"external_ids"}
        for place, member in enumerate(registration_in.members)
        if not member.external_ids
    }
    household = set() if registration_in.household.external_ids else {"external_ids"}
    return registration_in.model_dump_json(exclude={"members": without, "household": household})


def _seal_member(
    instance_key: InstanceKey,
    cipher: FieldCipher,
    person_id: UUID,
    member: MemberIn,
    identity: IdentityRecord,
    place: str,
    today: date,
) -> SealedMember:
    keys = list(search_keys(describe(identity, member.sex)))
    indexed = search_tokens_of(instance_key, keys)
    wanted = wanted_tokens_of(instance_key, keys)
    return SealedMember(
        person_id=person_id,
        relation=member.relation,
        sex=member.sex,
        population_group=member.population_group,
        language=member.language,
        birth_year=identity.born.year if identity.born else None,
        identity=cipher.encrypt("identity", identity.model_dump_json()),
        indexed=tuple(SealedToken(token=token, is_strong=strong) for token, strong in indexed.items()),
        wanted=tuple(token for token, is_strong in wanted.items() if is_strong),
        needs=check_needs(member.needs, f"{place}/needs", today, identity.born),
        external_ids=seal_external_ids(instance_key, cipher, IdentifiedKind.PERSON, member.external_ids),
    )
