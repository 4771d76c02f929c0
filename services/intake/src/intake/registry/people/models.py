"""A person: what is counted stands open, what identifies is sealed."""

from __future__ import annotations

from datetime import date
from typing import TypeVar
from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import AgencyEntity, UnitOfWork
from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from intake.registry.encryption.rules import Seal
from intake.registry.people import rules
from intake.registry.people.rules import Relation, Status
from intake.registry.people.schemas import Identity, Payout

P = TypeVar("P", bound=AgencyEntity)


class Person(AgencyEntity):
    """`id == root`. `birth_month` is the first day of the month of birth.

    `payout_version` counts what an order says of the person, the account and the name; 0 while no account is known.
    """

    __tablename__ = "person"

    household_id: Mapped[UUID]
    status: Mapped[str]
    relation: Mapped[str]
    sex: Mapped[str]
    birth_month: Mapped[date | None]
    population_group: Mapped[str]
    language: Mapped[str]
    identity: Mapped[bytes]
    payout: Mapped[bytes | None]
    payout_version: Mapped[int] = mapped_column(server_default=FetchedValue())

    def identify(self, seal: Seal) -> Identity:
        return Identity.model_validate_json(seal.open("identity", self.identity))

    def is_known_as(self, identity: Identity, seal: Seal) -> None:
        """Sets who this is, sealed. Who is paid under another name is paid otherwise."""
        if self.payout is not None and self.identify(seal).full_name != identity.full_name:
            self.payout_version += 1
        self.identity = seal.close("identity", identity.model_dump_json(exclude_defaults=True))
        self.birth_month = rules.month_of(identity.born)

    def pay_out(self, seal: Seal) -> Payout | None:
        return None if self.payout is None else Payout.model_validate_json(seal.open("payout", self.payout))

    def is_paid_at(self, payout: Payout, seal: Seal) -> None:
        """What was said before, said again, changes nothing."""
        if payout == self.pay_out(seal):
            return
        self.payout_version += 1
        self.payout = seal.close("payout", payout.model_dump_json())

    def move(self, to: Status) -> None:
        self.status = rules.move(Status(self.status), to)

    @property
    def is_head(self) -> bool:
        return self.relation == Relation.HEAD


async def part_of(unit: UnitOfWork, part: type[P], person_id: UUID, id_: UUID) -> P:
    """One row that hangs on a person. Raises NotFound, also where it hangs on another."""
    found = await unit.get(part, id_)
    if found.root != person_id:
        raise NotFound(f"no {part.__tablename__.replace('_', ' ')} {id_}")
    return found
