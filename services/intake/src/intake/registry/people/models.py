"""Households and people. Identifying attributes are encrypted; what is counted is in plain text."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID, uuid4

from solidary.platform.database import AgencyEntity, Aggregate, UnitOfWork, money
from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from intake.problems import PersonNotProvisional
from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.encryption.rules import FieldCipher
from intake.registry.people.records import IdentityRecord, PayoutRecord
from intake.registry.people.rules import (
    REGISTRATION_TRANSITIONS,
    RegistrationActor,
    RegistrationState,
    Relation,
)


class Household(Aggregate):
    """A household. `version` counts the changes of its coded profile, which recipients fetch again."""

    __tablename__ = "household"
    __location__ = "/households/{id}"

    version: Mapped[int]
    area: Mapped[str]
    cell: Mapped[str | None]
    shelter: Mapped[str | None]
    own_income: Mapped[money]
    other_aid: Mapped[money]

    def update(
        self, *, area: str, cell: str | None, shelter: str | None, own_income: int, other_aid: int
    ) -> None:
        """Record the household's place and means as a new version."""
        self.area, self.cell, self.shelter = area, cell, shelter
        self.own_income, self.other_aid = own_income, other_aid
        self.bump_version()

    def bump_version(self) -> None:
        """Count one more change of the coded profile."""
        self.version = (self.version or 0) + 1


class Person(Aggregate):
    """A person. `birth_year` is what counting needs; the date of birth is encrypted with the identity.

    `indexed_by` is the id of the search key of the person's tokens, with the version of their rules.
    `payout_version` counts the changes of the account
    and of the name of the payee; 0 while no account is known. `same_as` is the person who a provisional one is, where
    somebody has decided so.
    """

    __tablename__ = "person"
    __location__ = "/people/{id}"

    household_id: Mapped[UUID]
    state: Mapped[str]
    relation: Mapped[str]
    sex: Mapped[str]
    birth_year: Mapped[int | None]
    population_group: Mapped[str]
    language: Mapped[str]
    indexed_by: Mapped[str]
    identity: Mapped[bytes]
    payout: Mapped[bytes | None]
    payout_version: Mapped[int] = mapped_column(server_default=FetchedValue())
    same_as: Mapped[UUID | None]

    def read_identity(self, cipher: FieldCipher) -> IdentityRecord:
        """Decrypt the identity."""
        return decrypt_identity(self.identity, cipher)

    def set_identity(self, identity: IdentityRecord, cipher: FieldCipher) -> None:
        """Encrypt a new identity. Another name of a payee is a new payout version."""
        if self.payout is not None and self.read_identity(cipher).full_name != identity.full_name:
            self.payout_version += 1
        self.identity = cipher.encrypt("identity", identity.model_dump_json())
        self.birth_year = identity.born.year if identity.born else None

    def correct_statements(self, *, sex: str, population_group: str, language: str) -> bool:
        """Record what the person states of themselves, and return whether something is different."""
        before = self.sex, self.population_group, self.language
        self.sex, self.population_group, self.language = sex, population_group, language
        return before != (sex, population_group, language)

    def read_payout(self, cipher: FieldCipher) -> PayoutRecord | None:
        """Decrypt the payout; None while it is not known."""
        return decrypt_payout(self.payout, cipher)

    def set_payout(self, payout: PayoutRecord, cipher: FieldCipher) -> None:
        """Encrypt a new payout; the same one again changes nothing."""
        if payout == self.read_payout(cipher):
            return
        self.payout_version += 1
        self.payout = cipher.encrypt("payout", payout.model_dump_json())

    def change_state(self, to: RegistrationState) -> None:
        """Confirm or verify the registration: the person is nobody else. Raises TransitionNotAllowed."""
        state = RegistrationState(self.state)
        self.state = REGISTRATION_TRANSITIONS.move(state, to, (RegistrationActor.DESK,))
        self.same_as = None

    def set_same_as(self, other: UUID | None) -> None:
        """Record which person this provisional one is; None while nobody has decided. Raises PersonNotProvisional."""
        if self.state != RegistrationState.PROVISIONAL:
            raise PersonNotProvisional
        self.same_as = other

    @property
    def is_head(self) -> bool:
        return self.relation == Relation.HEAD


def decrypt_identity(stored: bytes, cipher: FieldCipher) -> IdentityRecord:
    """Return the identity of a person's row."""
    return IdentityRecord.model_validate_json(cipher.decrypt("identity", stored))


def decrypt_payout(stored: bytes | None, cipher: FieldCipher) -> PayoutRecord | None:
    """Return the payout of a person's row; None while it is not known."""
    return None if stored is None else PayoutRecord.model_validate_json(cipher.decrypt("payout", stored))


class PersonPart(AgencyEntity):
    """A row that belongs to a person: `root` is the person's id.

    `__location__` is the path at which the API shows it, with `{root}` and `{id}`.
    """

    __abstract__ = True
    __location__: ClassVar[str]

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", uuid4())
        super().__init__(**values)

    @property
    def location(self) -> str:
        """The path of this row, as a `Location` header gives it."""
        return self.__location__.format(root=self.root, id=self.id)


async def lock_person(unit: UnitOfWork, person_id: UUID, action: AccessAction) -> Person:
    """Return a person's row to be changed, locked until the end, and log it. Raises NotFound."""
    person = await unit.lock(Person, person_id)
    log_access(unit, [person_id], action)
    return person
