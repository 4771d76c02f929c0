"""The ledger in the database. Transfers are only ever added, and PostgreSQL alone writes the balances."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, money
from sqlalchemy import Computed, FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from cash.accounting.ledger.rules import Balance


class Account(AgencyEntity):
    """An account of a budget line, which is its root."""

    __tablename__ = "account"

    currency: Mapped[str]
    name: Mapped[str]
    role: Mapped[str] = mapped_column(Computed("", persisted=True))
    debits_pending: Mapped[money] = mapped_column(server_default=FetchedValue())
    debits_posted: Mapped[money] = mapped_column(server_default=FetchedValue())
    credits_pending: Mapped[money] = mapped_column(server_default=FetchedValue())
    credits_posted: Mapped[money] = mapped_column(server_default=FetchedValue())

    @property
    def free(self) -> int:
        """The amount, in minor units, that may leave the account."""
        return Balance(
            self.debits_pending, self.debits_posted, self.credits_pending, self.credits_posted
        ).free


class Transfer(AgencyEntity):
    """A movement between two accounts of one budget line, which is its root. Written by SQL statements only."""

    __tablename__ = "transfer"

    kind: Mapped[str]
    code: Mapped[str]
    debit_account: Mapped[UUID]
    debit_role: Mapped[str]
    credit_account: Mapped[UUID]
    credit_role: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[money]
    reservation_id: Mapped[UUID | None]
    payment_id: Mapped[UUID | None]
    drawn_by: Mapped[UUID]
    entered_by: Mapped[UUID]
