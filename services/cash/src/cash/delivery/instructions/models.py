"""The entities of instructions."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from uuid import UUID

from solidary.platform.database import AgencyEntity, money
from sqlalchemy import ARRAY, FetchedValue, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from cash.engines.bank_messages.orders import AccountType, Agent, LocalAccount, PaymentOrder
from cash.engines.money import Money
from cash.targeting.programmes.records import DebtorRecord

KEEP_FILES = timedelta(hours=8)
"""A working day, in which the person who took an order downloads its file."""


class StoredFile(AgencyEntity):
    """The file of an order, encrypted (`encryption`). Its root is the plan.

    The database shows it to nobody but the person who had it written: intake has logged that they read its payees.
    """

    __tablename__ = "order_file"

    content: Mapped[bytes]


class Instruction(AgencyEntity):
    """The order of one plan, which is its root. Nothing of the file's content is kept for good but its SHA-256.

    `not_sent` are the approved payments that are left out; each has failed, with its reason.
    """

    __tablename__ = "instruction"

    message_id: Mapped[str]
    ordered_by: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    payment_count: Mapped[int]
    total: Mapped[money]
    currency: Mapped[str]
    execution_date: Mapped[date]
    sha256: Mapped[str | None]
    not_sent: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))

    @property
    def plan_id(self) -> UUID:
        return self.root

    @property
    def location(self) -> str:
        """The path at which the API shows the instruction."""
        return f"/instructions/{self.id}"

    def order(self, debtor: DebtorRecord) -> PaymentOrder:
        """Return the header of the file; it is the same each time."""
        account_type = AccountType(debtor.account_type) if debtor.account_type else None
        return PaymentOrder(
            message_id=self.message_id,
            created=self.created.astimezone(UTC),
            execution=self.execution_date,
            initiating_party=debtor.name,
            debtor=debtor.name,
            account=LocalAccount(debtor.account_number, type=account_type),
            agent=Agent(bic=debtor.bic),
            count=self.payment_count,
            total=Money(self.total, self.currency),
        )
