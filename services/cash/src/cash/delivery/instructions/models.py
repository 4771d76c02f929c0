from __future__ import annotations

from datetime import UTC, date
from uuid import UUID

from solidary.platform.database import AgencyEntity, money
from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from cash.engines.bank_messages.orders import Agent, LocalAccount, PaymentOrder
from cash.engines.money import Money
from cash.targeting.programmes.models import Programme
from cash.targeting.programmes.schemas import DebtorIn


class Instruction(AgencyEntity):
    """One plan's order (its root is the plan). Of the file: how to know it again, nothing of what it says.

    `not_sent`: agreed payments that are not in it; each failed, with its reason.
    """

    __tablename__ = "instruction"

    message_id: Mapped[str]
    count: Mapped[int]
    total: Mapped[money]
    currency: Mapped[str]
    execution: Mapped[date]
    sha256: Mapped[str | None]
    not_sent: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))

    @property
    def plan_id(self) -> UUID:
        return self.root

    def order(self, programme: Programme) -> PaymentOrder:
        """The head of the file; the same each time."""
        debtor = DebtorIn.model_validate(programme.debtor)
        return PaymentOrder(
            message_id=self.message_id,
            created=self.created.astimezone(UTC),
            execution=self.execution,
            initiating_party=debtor.name,
            debtor=debtor.name,
            account=LocalAccount(debtor.account.number, type=debtor.account.type),
            agent=Agent(bic=debtor.bic),
            count=self.count,
            total=Money(self.total, self.currency),
        )
