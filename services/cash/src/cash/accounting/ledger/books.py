"""The books: what may be recorded, and what then stands on each account.

The same rules hold in the database, set-wise; these are its oracle and the auditor's: `audit` replays all
transfers of a ledger and says the first that should not be there. Two-phase transfers as in TigerBeetle
(docs.tigerbeetle.com, "Two-phase transfers").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple

from solidary.language.problems import Conflict, NotAllowed, Problem

from cash.accounting.ledger.accounts import EXCHANGED, Account, Balance
from cash.accounting.ledger.transfers import MOVEMENTS, Code, Kind, Transfer
from cash.engines.money import Money, UnknownCurrency, minor_unit_digits


def audit(transfers: Iterable[Transfer]) -> Books:
    """The books after these transfers, in this order; linked ones stand next to each other. Raises as `record`."""
    books, half = Books(), None
    for transfer in transfers:
        if half is None and transfer.linked is not None:
            half = transfer
        elif half is not None:
            books.record(half, transfer)
            half = None
        else:
            books.record(transfer)
    if half is not None:
        books.record(half)
    return books


class Books:
    """Transfers recorded one after the other, and the balances that follow from them."""

    def __init__(self) -> None:
        self.transfers: dict[str, Transfer] = {}
        self.resolved: dict[str, str] = {}
        self._balances: dict[Account, Balance] = {}

    @property
    def accounts(self) -> frozenset[Account]:
        return frozenset(self._balances)

    def balance(self, account: Account) -> Balance:
        return self._balances.get(account, Balance())

    def record(self, *transfers: Transfer) -> None:
        """Records all of them or none. One that is there already, the same in all, changes nothing.

        Raises NotAllowed for what the rules refuse, Conflict for a known id with another content.
        """
        done: list[Transfer] = []
        try:
            for transfer in transfers:
                if not self._known(transfer):
                    self._check(transfer)
                    self._apply(transfer, 1)
                    done.append(transfer)
            for transfer in done:
                self._check_link(transfer)
        except Problem:
            for transfer in reversed(done):
                self._apply(transfer, -1)
            raise

    def _known(self, transfer: Transfer) -> bool:
        known = self.transfers.get(transfer.id)
        if known is not None and known != transfer:
            raise Conflict(f"transfer {transfer.id} is there already, with another content")
        return known is not None

    def _check(self, transfer: Transfer) -> None:
        """One transfer by itself and against the balances; each line is an invariant of the reference."""
        debit, credit = transfer.debit, transfer.credit
        _require(transfer.amount > 0, transfer, "moves nothing")
        _require(debit.currency == credit.currency, transfer, "does not balance: two currencies")
        _require(debit.budget_line == credit.budget_line, transfer, "leaves its budget line")
        _require(_is_currency(debit.currency), transfer, f"{debit.currency} is no currency")
        kinds, ways = MOVEMENTS[transfer.code]
        _require(transfer.kind in kinds, transfer, f"a {transfer.code} is not {transfer.kind}")
        _require((debit.role, credit.role) in ways, transfer, f"no {transfer.code} goes this way")
        _require(
            (transfer.code is Code.EXCHANGE) == (transfer.linked is not None), transfer, "link misplaced"
        )
        if transfer.kind in (Kind.POST, Kind.VOID):
            self._check_resolution(transfer)
        else:
            _require(transfer.pending is None, transfer, f"a {transfer.kind} resolves nothing")
            free = self.balance(debit).free
            _require(debit.may_be_overdrawn or transfer.amount <= free, transfer, f"only {free} is left")

    def _check_resolution(self, transfer: Transfer) -> None:
        reserved = self.transfers.get(transfer.pending or "")
        if reserved is None or reserved.kind is not Kind.PENDING:
            raise NotAllowed(f"transfer {transfer.id}: resolves no reservation")
        ends = (reserved.debit, reserved.credit, reserved.code)
        _require(ends == (transfer.debit, transfer.credit, transfer.code), transfer, "resolves another one")
        _require(reserved.id not in self.resolved, transfer, f"{reserved.id} is resolved already")
        if transfer.kind is Kind.POST:
            _require(transfer.amount <= reserved.amount, transfer, f"posts more than {reserved.amount}")
        else:
            _require(transfer.amount == reserved.amount, transfer, f"gives back other than {reserved.amount}")

    def _check_link(self, transfer: Transfer) -> None:
        """Both halves of an exchange, one out and one in, and the amounts that their rate gives."""
        if transfer.linked is None:
            return
        other = self.transfers.get(transfer.linked)
        paid, bought = (transfer, other) if transfer.credit.role == EXCHANGED else (other, transfer)
        if paid is None or bought is None or paid.linked != bought.id or bought.linked != paid.id:
            raise NotAllowed(f"transfer {transfer.id}: an exchange without its other half")
        rate, price = paid.rate, Money(paid.amount, paid.debit.currency)
        if rate is None or rate != bought.rate:
            raise NotAllowed(f"transfer {transfer.id}: the halves have no rate, or different ones")
        _require(paid.debit.budget_line == bought.credit.budget_line, transfer, "leaves its budget line")
        fits = rate.converts(price) and rate.convert(price) == Money(bought.amount, bought.credit.currency)
        _require(fits, transfer, "the rate gives another amount")

    def _apply(self, transfer: Transfer, sign: int) -> None:
        posted = 0 if transfer.kind in (Kind.PENDING, Kind.VOID) else transfer.amount
        pending = transfer.amount if transfer.kind is Kind.PENDING else 0
        if transfer.pending is not None:
            pending = -self.transfers[transfer.pending].amount
        self._add(transfer.debit, sign * pending, sign * posted, 0, 0)
        self._add(transfer.credit, 0, 0, sign * pending, sign * posted)
        if sign > 0:
            self.transfers[transfer.id] = transfer
            if transfer.pending is not None:
                self.resolved[transfer.pending] = transfer.id
        else:
            del self.transfers[transfer.id]
            self.resolved.pop(transfer.pending or "", None)

    def _add(self, account: Account, *sums: int) -> None:
        before = astuple(self.balance(account))
        self._balances[account] = Balance(*(old + new for old, new in zip(before, sums, strict=True)))


def _require(holds: bool, transfer: Transfer, reason: str) -> None:
    if not holds:
        raise NotAllowed(f"transfer {transfer.id}: {reason}")


def _is_currency(code: str) -> bool:
    try:
        minor_unit_digits(code)
    except UnknownCurrency:
        return False
    return True
