"""The rules that every transfer must keep, and the balances that follow from all transfers of a budget line.

The database enforces the same rules when transfers are added; this is a second implementation, independent of it. The
order of the transfers does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass

from cash.accounting.ledger.rules import (
    MOVEMENTS,
    OVERDRAWN_ACCOUNTS,
    Balance,
    TransferCode,
    TransferKind,
    account_role,
)
from cash.engines.money import UnknownCurrency, minor_unit_digits


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """An account of a budget line in one currency."""

    budget_line: str
    currency: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} of budget line {self.budget_line} in {self.currency}"


@dataclass(frozen=True, slots=True)
class Reservation:
    """The transfer that a post or a void names. `resolutions` counts all posts and voids that name it."""

    kind: TransferKind
    code: TransferCode
    debit: LedgerAccount
    credit: LedgerAccount
    amount: int
    resolutions: int = 1


@dataclass(frozen=True, slots=True)
class LedgerTransfer:
    """A transfer of `amount` minor units from `debit` to `credit`. A post or a void has its `reservation`."""

    id: str
    kind: TransferKind
    code: TransferCode
    debit: LedgerAccount
    credit: LedgerAccount
    amount: int
    reservation: Reservation | None = None


class LedgerReplay:
    """The balances that follow from transfers, and a sentence for each rule that one of them breaks."""

    def __init__(self) -> None:
        self._sums: dict[LedgerAccount, list[int]] = defaultdict(lambda: [0, 0, 0, 0])

    def add(self, transfer: LedgerTransfer) -> Iterator[str]:
        """Add a transfer to the balances, and yield the faults of the transfer itself."""
        for fault in _faults(transfer):
            yield f"Transfer {transfer.id}: {fault}"
        pending, posted = _effect(transfer)
        debit, credit = self._sums[transfer.debit], self._sums[transfer.credit]
        debit[0] += pending
        debit[1] += posted
        credit[2] += pending
        credit[3] += posted

    def balance(self, account: LedgerAccount) -> Balance:
        """Return the balance of an account."""
        return Balance(*self._sums[account]) if account in self._sums else Balance()

    def compare(self, recorded: Mapping[LedgerAccount, Balance]) -> Iterator[str]:
        """Yield a sentence for each account that is overdrawn, or whose recorded balance differs from the transfers."""
        for account in sorted(self._sums.keys() | recorded.keys(), key=str):
            computed, stated = self.balance(account), recorded.get(account, Balance())
            if computed != stated:
                yield (
                    f"Account {account}: the recorded sums are {astuple(stated)}, but the transfers give "
                    f"{astuple(computed)}."
                )
            if computed.free < 0 and account.name not in OVERDRAWN_ACCOUNTS:
                yield f"Account {account}: it is overdrawn by {-computed.free} minor units."


def _effect(transfer: LedgerTransfer) -> tuple[int, int]:
    """Return the change of the pending and of the posted sums."""
    reserved = transfer.reservation.amount if transfer.reservation else 0
    match transfer.kind:
        case TransferKind.SINGLE:
            return 0, transfer.amount
        case TransferKind.PENDING:
            return transfer.amount, 0
        case TransferKind.POST:
            return -reserved, transfer.amount
        case TransferKind.VOID:
            return -reserved, 0


def _faults(transfer: LedgerTransfer) -> Iterator[str]:
    debit, credit = transfer.debit, transfer.credit
    if transfer.amount <= 0:
        yield "The amount is not positive."
    if debit.currency != credit.currency:
        yield "The accounts are in different currencies."
    if debit.budget_line != credit.budget_line:
        yield "The accounts belong to different budget lines."
    try:
        minor_unit_digits(debit.currency)
    except UnknownCurrency as error:
        yield str(error)
    movement = MOVEMENTS[transfer.code]
    if transfer.kind not in movement.kinds:
        yield f"A {transfer.code} cannot be a {transfer.kind} transfer."
    if (account_role(debit.name), account_role(credit.name)) not in movement.accounts:
        yield f"A {transfer.code} cannot move money from {debit.name} to {credit.name}."
    yield from _reservation_faults(transfer)


def _reservation_faults(transfer: LedgerTransfer) -> Iterator[str]:
    reservation = transfer.reservation
    if transfer.kind not in (TransferKind.POST, TransferKind.VOID):
        if reservation is not None:
            yield f"A {transfer.kind} transfer resolves no reservation."
        return
    if reservation is None or reservation.kind is not TransferKind.PENDING:
        yield "It names no reservation."
        return
    if (reservation.debit, reservation.credit, reservation.code) != (
        transfer.debit,
        transfer.credit,
        transfer.code,
    ):
        yield "It does not have the accounts and the code of its reservation."
    if reservation.resolutions > 1:
        yield "Its reservation is resolved more than once."
    if transfer.kind is TransferKind.POST and transfer.amount > reservation.amount:
        yield f"It posts more than the {reservation.amount} that are reserved."
    if transfer.kind is TransferKind.VOID and transfer.amount != reservation.amount:
        yield f"It voids another amount than the {reservation.amount} that are reserved."
