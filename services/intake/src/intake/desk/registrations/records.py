"""A registration as it is written: checked, and with what identifies people encrypted. An import keeps such."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict
from solidary.language.records import Record

from intake.desk.needs.records import CheckedNeed
from intake.registry.external_ids.records import SealedExternalId


class _Sealed(Record):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class SealedToken(_Sealed):
    """A token of a search key."""

    token: bytes
    is_strong: bool


class SealedMember(_Sealed):
    """A member of a household. `indexed` are the tokens to index, `wanted` the strong ones by which one is found."""

    person_id: UUID
    relation: str
    sex: str
    population_group: str
    language: str
    birth_year: int | None
    identity: bytes
    indexed: tuple[SealedToken, ...]
    wanted: tuple[bytes, ...]
    needs: tuple[CheckedNeed, ...]
    external_ids: tuple[SealedExternalId, ...]


class SealedHousehold(_Sealed):
    """The place and the means of a household."""

    area: str
    cell: str | None
    shelter: str | None
    own_income: int
    other_aid: int


class SealedRegistration(_Sealed):
    """A household to write. `indexed_by` is the version of its tokens; its identifiers are sealed for its head."""

    client_id: UUID
    digest: bytes
    indexed_by: str
    household: SealedHousehold
    external_ids: tuple[SealedExternalId, ...]
    members: tuple[SealedMember, ...]

    @property
    def all_external_ids(self) -> list[SealedExternalId]:
        """The identifiers of the household and of its members."""
        return [*self.external_ids, *(each for member in self.members for each in member.external_ids)]


class RegistrationLines(_Sealed):
    """A registration with the lines of its rows in the file; `keyed_by` are the tokens of its own identifier there."""

    lines: tuple[int, ...]
    keyed_by: tuple[bytes, ...]
    registration: SealedRegistration


class RegistrationBatch(_Sealed):
    """Registrations that a worker writes together."""

    version: Literal[1] = 1
    items: tuple[RegistrationLines, ...]
