"""The identifiers of people and households."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID, uuid4

from solidary.language.external_ids import ExternalIdIn, ExternalIdOut
from solidary.platform.database import AgencyEntity
from sqlalchemy.orm import Mapped

from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.external_ids.records import SealedExternalId

FIELD = "external_id"


class IdentifiedKind(StrEnum):
    """The kind of what has an identifier."""

    PERSON = "person"
    HOUSEHOLD = "household"


class Identified(NamedTuple):
    """A person or a household, and the person with whose key its identifiers are encrypted: the head of a household."""

    kind: IdentifiedKind
    id: UUID
    person_id: UUID


class PersonExternalId(AgencyEntity):
    """An identifier of a person or of a household (`about`).

    `root` is the person with whose key the value is encrypted, and with whom it is erased. `token` is keyed, and the
    same for equal values of a kind and system.
    """

    __tablename__ = "person_external_id"

    kind: Mapped[str]
    about: Mapped[UUID]
    system: Mapped[str]
    token: Mapped[bytes]
    value: Mapped[bytes]

    @classmethod
    def of(cls, identified: Identified, sealed: SealedExternalId) -> PersonExternalId:
        """Return the row of an identifier."""
        return cls(
            id=uuid4(),
            root=identified.person_id,
            kind=identified.kind,
            about=identified.id,
            system=sealed.system,
            token=sealed.tokens[0],
            value=sealed.value,
        )

    def read(self, cipher: FieldCipher) -> ExternalIdOut:
        """Decrypt the identifier."""
        return ExternalIdOut(system=self.system, value=cipher.decrypt(FIELD, self.value))

    def retoken(self, instance_key: InstanceKey, cipher: FieldCipher) -> None:
        """Replace the token by one of the newest search key."""
        known = ExternalIdIn.model_construct(system=self.system, value=cipher.decrypt(FIELD, self.value))
        self.token = tokens_of(instance_key, IdentifiedKind(self.kind), known)[0]


def tokens_of(instance_key: InstanceKey, kind: IdentifiedKind, external_id: ExternalIdIn) -> list[bytes]:
    """Return the tokens of an identifier under each search key, the newest first."""
    return instance_key.tokens(f"external id of a {kind} in {external_id.system}", external_id.value)


def seal_external_ids(
    instance_key: InstanceKey, cipher: FieldCipher, kind: IdentifiedKind, external_ids: Sequence[ExternalIdIn]
) -> tuple[SealedExternalId, ...]:
    """Encrypt identifiers of a person or a household with the key of the person, or of the head of the household."""
    return tuple(
        SealedExternalId(
            system=each.system,
            tokens=tuple(tokens_of(instance_key, kind, each)),
            value=cipher.encrypt(FIELD, each.value),
        )
        for each in external_ids
    )
