"""The replay of a ledger: the faults of transfers, and the balances that follow from them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cash.accounting.ledger.rules import (
    AVAILABLE,
    DELIVERED,
    FEES,
    GRANTED,
    PAYABLE,
    Balance,
    TransferCode,
    TransferKind,
)
from cash.auditing.ledger import LedgerAccount, LedgerReplay, LedgerTransfer, Reservation
from hypothesis import given
from hypothesis import strategies as st

CLEARING = "fsp:clearing:yappy"
Code, Kind = TransferCode, TransferKind


def account(name: str, currency: str = "USD", line: str = "B1") -> LedgerAccount:
    return LedgerAccount(line, currency, name)


def single(id_: str, code: Code, debit: str, credit: str, amount: int) -> LedgerTransfer:
    return LedgerTransfer(id_, Kind.SINGLE, code, account(debit), account(credit), amount)


def grant(amount: int) -> LedgerTransfer:
    return single("grant", Code.GRANT, GRANTED, AVAILABLE, amount)


def reserve(id_: str, amount: int, source: str = AVAILABLE) -> LedgerTransfer:
    return LedgerTransfer(id_, Kind.PENDING, Code.PAYMENT, account(source), account(CLEARING), amount)


def resolve(kind: Kind, reserved: LedgerTransfer, amount: int) -> LedgerTransfer:
    reservation = Reservation(reserved.kind, reserved.code, reserved.debit, reserved.credit, reserved.amount)
    return replace(reserved, id=f"{reserved.id}:{kind}", kind=kind, amount=amount, reservation=reservation)


def replayed(*transfers: LedgerTransfer) -> LedgerReplay:
    replay = LedgerReplay()
    for transfer in (grant(1000), *transfers):
        assert list(replay.add(transfer)) == []
    return replay


R = reserve("r", 400)


def test_release_reserves_a_delivery_posts_and_the_rest_is_available_again() -> None:
    available, clearing = account(AVAILABLE), account(CLEARING)
    assert replayed(R).balance(available) == Balance(debits_pending=400, credits_posted=1000)
    partial = replayed(R, resolve(Kind.POST, R, 150))
    assert partial.balance(available) == Balance(debits_posted=150, credits_posted=1000)
    assert partial.balance(clearing) == Balance(credits_posted=150)
    assert replayed(R, resolve(Kind.VOID, R, 400)).balance(available).free == 1000


def test_late_return_stays_owed_and_is_paid_by_a_follow_up() -> None:
    again = reserve("again", 400, source=PAYABLE)
    after = replayed(
        R,
        resolve(Kind.POST, R, 400),
        single("settled", Code.SETTLEMENT, CLEARING, DELIVERED, 400),
        single("late", Code.LATE_RETURN, DELIVERED, PAYABLE, 400),
        again,
        resolve(Kind.POST, again, 400),
    )
    free = [after.balance(account(name)).free for name in (AVAILABLE, CLEARING, PAYABLE, DELIVERED)]
    assert free == [600, 400, 0, 0]


P = resolve(Kind.POST, R, 400)
assert P.reservation is not None


@pytest.mark.parametrize(
    ("transfer", "fault"),
    [
        (resolve(Kind.POST, R, 401), "posts more than the 400"),
        (resolve(Kind.VOID, R, 399), "voids another amount than the 400"),
        (replace(P, reservation=replace(P.reservation, resolutions=2)), "resolved more than once"),
        (replace(P, reservation=None), "names no reservation"),
        (resolve(Kind.POST, grant(1), 1), "names no reservation"),
        (replace(P, credit=account("fsp:clearing:ach")), "does not have the accounts"),
        (replace(R, reservation=P.reservation), "A pending transfer resolves no reservation"),
        (replace(R, amount=0), "amount is not positive"),
        (replace(R, amount=-5), "amount is not positive"),
        (replace(R, credit=account(CLEARING, "COP")), "different currencies"),
        (replace(R, credit=account(CLEARING, line="B2")), "different budget lines"),
        (replace(R, debit=account(AVAILABLE, "XAU"), credit=account(CLEARING, "XAU")), "XAU has no minor"),
        (replace(R, kind=Kind.SINGLE), "A payment cannot be a single transfer"),
        (replace(R, credit=account(DELIVERED)), "cannot move money from fund:available to delivered"),
        (replace(R, credit=account("fsp:clearing:")), "cannot move money"),
        (replace(R, debit=account(GRANTED)), "cannot move money"),
        (single("f", Code.FEE, FEES, AVAILABLE, 1), "A fee cannot move money"),
    ],
)
def test_transfer_that_breaks_a_rule_has_a_fault(transfer: LedgerTransfer, fault: str) -> None:
    assert any(fault in found for found in LedgerReplay().add(transfer))


def test_overdrawn_account_is_reported() -> None:
    replay = replayed(R, reserve("r2", 601))
    recorded = {account(name): replay.balance(account(name)) for name in (GRANTED, AVAILABLE, CLEARING)}
    assert list(replay.compare(recorded)) == [
        "Account fund:available of budget line B1 in USD: it is overdrawn by 1 minor units."
    ]


def test_recorded_balance_that_differs_is_reported() -> None:
    replay = replayed(R)
    recorded = {account(name): replay.balance(account(name)) for name in (GRANTED, AVAILABLE, CLEARING)}
    assert list(replay.compare(recorded)) == []
    recorded[account(AVAILABLE)] = Balance(debits_pending=399, credits_posted=1000)
    (difference,) = replay.compare(recorded)
    assert "(399, 0, 0, 1000)" in difference
    assert "(400, 0, 0, 1000)" in difference


def test_account_without_a_transfer_must_be_empty() -> None:
    (difference,) = LedgerReplay().compare({account(FEES): Balance(credits_posted=1)})
    assert difference.startswith("Account fees")


amounts = st.integers(1, 500)
reservations = st.tuples(amounts, st.sampled_from([None, Kind.POST, Kind.VOID]), st.integers(1, 100))


@given(st.lists(reservations, max_size=20), st.randoms(use_true_random=False))
def test_balances_agree_with_a_naive_model_in_any_order(
    given_reservations: list[tuple[int, Kind | None, int]], dice: object
) -> None:
    transfers, held, cleared = [grant(10_000)], 0, 0
    for number, (amount, end, percent) in enumerate(given_reservations):
        reserved = reserve(f"r{number}", amount)
        transfers.append(reserved)
        if end is None:
            held += amount
        else:
            posted = max(1, amount * percent // 100) if end is Kind.POST else amount
            transfers.append(resolve(end, reserved, posted))
            cleared += posted if end is Kind.POST else 0
    dice.shuffle(transfers)  # type: ignore[attr-defined]
    replay = LedgerReplay()
    assert [fault for transfer in transfers for fault in replay.add(transfer)] == []
    assert replay.balance(account(AVAILABLE)).free == 10_000 - held - cleared
    assert replay.balance(account(CLEARING)) == Balance(credits_pending=held, credits_posted=cleared)
