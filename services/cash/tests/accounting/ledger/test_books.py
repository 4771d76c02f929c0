"""Money is reserved, posted or given back; what the rules refuse leaves no trace."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from cash.accounting.ledger.accounts import (
    AVAILABLE,
    DELIVERED,
    EXCHANGED,
    FEES,
    GRANTED,
    PAYABLE,
    Account,
    Balance,
)
from cash.accounting.ledger.books import Books, audit
from cash.accounting.ledger.transfers import Code, Kind, Rate, Transfer, exchange
from cash.engines.money import Money
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from solidary.language.problems import Conflict, NotAllowed

CLEARING = "fsp:clearing:yappy"
RATE = Rate("USD", "COP", Decimal("4012.35"), date(2026, 11, 20))


def account(name: str, currency: str = "USD", line: str = "B1") -> Account:
    return Account(line, currency, name)


def single(id: str, code: Code, debit: str, credit: str, amount: int) -> Transfer:
    return Transfer(id, Kind.SINGLE, code, account(debit), account(credit), amount)


def grant(amount: int, id: str = "g") -> Transfer:
    return single(id, Code.GRANT, GRANTED, AVAILABLE, amount)


def reserve(id: str, amount: int, source: str = AVAILABLE) -> Transfer:
    return Transfer(id, Kind.PENDING, Code.PAYMENT, account(source), account(CLEARING), amount, plan="P1")


def resolve(kind: Kind, reserved: Transfer, amount: int, id: str | None = None) -> Transfer:
    return replace(reserved, id=id or f"{reserved.id}:{kind}", kind=kind, amount=amount, pending=reserved.id)


def books(*transfers: Transfer) -> Books:
    return audit([grant(1000), *transfers])


R = reserve("r", 400)


def test_a_release_reserves_a_delivery_posts_and_the_rest_comes_back() -> None:
    assert books(R).balance(account(AVAILABLE)) == Balance(debits_pending=400, credits_posted=1000)
    partly = books(R, resolve(Kind.POST, R, 150))
    assert partly.balance(account(AVAILABLE)) == Balance(debits_posted=150, credits_posted=1000)
    assert partly.balance(account(CLEARING)) == Balance(credits_posted=150)
    assert books(R, resolve(Kind.VOID, R, 400)).balance(account(AVAILABLE)).free == 1000


def test_what_came_back_late_stays_owed_and_is_paid_by_a_follow_up() -> None:
    again = reserve("again", 400, source=PAYABLE)
    late = single("late", Code.LATE_RETURN, DELIVERED, PAYABLE, 400)
    seen = single("seen", Code.SETTLEMENT, CLEARING, DELIVERED, 400)
    after = books(R, resolve(Kind.POST, R, 400), seen, late, again, resolve(Kind.POST, again, 400))
    assert [after.balance(account(name)).free for name in (AVAILABLE, CLEARING, PAYABLE, DELIVERED)] == [
        600,
        400,
        0,
        0,
    ]


def test_an_exchange_is_two_transfers_with_a_rate_and_a_date() -> None:
    out, into = exchange("x", Money(10_000, "USD"), RATE, "B1")
    after = audit([grant(20_000), out, into])
    assert after.balance(account(AVAILABLE)).free == 10_000
    assert after.balance(account(AVAILABLE, "COP")).free == 40_123_500
    assert after.balance(account(EXCHANGED)).free == 10_000
    assert after.balance(account(EXCHANGED, "COP")).free == -40_123_500


OUT, IN = exchange("x", Money(100, "USD"), RATE, "B1")


@pytest.mark.parametrize(
    ("transfers", "reason"),
    [
        ([reserve("r2", 1001)], "only 1000 is left"),
        ([R, reserve("r2", 601)], "only 600 is left"),
        ([single("f", Code.FEE, AVAILABLE, FEES, 1001)], "only 1000 is left"),
        ([single("s", Code.SETTLEMENT, CLEARING, DELIVERED, 1)], "only 0 is left"),
        ([R, single("s", Code.SETTLEMENT, CLEARING, DELIVERED, 1)], "only 0 is left"),
        ([R, resolve(Kind.POST, R, 401)], "posts more than 400"),
        ([R, resolve(Kind.VOID, R, 399)], "gives back other than 400"),
        ([R, resolve(Kind.POST, R, 100), resolve(Kind.POST, R, 300, "p2")], "resolved already"),
        ([R, resolve(Kind.POST, R, 100), resolve(Kind.VOID, R, 400)], "resolved already"),
        ([R, resolve(Kind.VOID, R, 400), resolve(Kind.POST, R, 400)], "resolved already"),
        ([resolve(Kind.POST, R, 400)], "resolves no reservation"),
        ([R, replace(resolve(Kind.POST, R, 1), pending="g")], "resolves no reservation"),
        ([R, replace(resolve(Kind.POST, R, 1), credit=account("fsp:clearing:ach"))], "resolves another one"),
        ([replace(R, pending="g")], "a pending resolves nothing"),
        ([replace(R, amount=0)], "moves nothing"),
        ([replace(R, amount=-5)], "moves nothing"),
        ([replace(R, credit=account(CLEARING, "COP"))], "does not balance"),
        ([replace(R, credit=account(CLEARING, line="B2"))], "leaves its budget line"),
        (
            [replace(R, debit=account(AVAILABLE, "XAU"), credit=account(CLEARING, "XAU"))],
            "XAU is no currency",
        ),
        ([replace(R, kind=Kind.SINGLE)], "a payment is not single"),
        ([replace(R, credit=account(DELIVERED))], "no payment goes this way"),
        ([replace(R, credit=account("fsp:clearing:"))], "no payment goes this way"),
        ([replace(R, debit=account(GRANTED))], "no payment goes this way"),
        ([single("f", Code.FEE, FEES, AVAILABLE, 1)], "no fee goes this way"),
        ([replace(R, linked="g")], "link misplaced"),
        ([replace(OUT, linked=None)], "link misplaced"),
        ([OUT], "without its other half"),
        ([IN], "without its other half"),
        ([OUT, replace(IN, linked="g")], "without its other half"),
        ([OUT, replace(IN, amount=IN.amount + 1)], "the rate gives another amount"),
        ([OUT, replace(IN, rate=replace(RATE, on=date(2026, 11, 21)))], "no rate, or different ones"),
        ([replace(OUT, rate=None), replace(IN, rate=None)], "no rate, or different ones"),
    ],
)
def test_what_the_rules_refuse(transfers: list[Transfer], reason: str) -> None:
    with pytest.raises(NotAllowed, match=reason):
        books(*transfers)


def test_the_same_transfer_twice_is_one_and_another_under_its_id_a_conflict() -> None:
    once, twice = books(R), books(R, R)
    assert twice.balance(account(AVAILABLE)) == once.balance(account(AVAILABLE))
    with pytest.raises(Conflict, match="with another content"):
        twice.record(replace(R, amount=399))


def test_of_transfers_recorded_together_all_stand_or_none() -> None:
    after = books(R)
    with pytest.raises(NotAllowed):
        after.record(resolve(Kind.POST, R, 400), reserve("r2", 600), reserve("r3", 1))
    assert after.balance(account(AVAILABLE)) == Balance(debits_pending=400, credits_posted=1000)
    assert (set(after.transfers), after.resolved) == ({"g", "r"}, {})


amounts = st.integers(1, 500)


class AnyLedger(RuleBasedStateMachine):
    """Transfers of all kinds in any order, beside a naive model: what went in, what is held, what went out."""

    reservations: Bundle[Transfer] = Bundle("reservations")

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.count = 0
        self.available = self.cleared = self.owed = self.seen = 0
        self.held: dict[str, tuple[int, str]] = {}

    def fresh(self) -> str:
        self.count += 1
        return f"t{self.count}"

    def tries(self, transfer: Transfer, fits: bool) -> None:
        if fits:
            self.books.record(transfer)
        else:
            with pytest.raises(NotAllowed):
                self.books.record(transfer)

    @rule(amount=amounts)
    def granted(self, amount: int) -> None:
        self.tries(grant(amount, self.fresh()), True)
        self.available += amount

    @rule(target=reservations, amount=amounts, source=st.sampled_from([AVAILABLE, PAYABLE]))
    def released(self, amount: int, source: str) -> Transfer:
        transfer = reserve(self.fresh(), amount, source)
        fits = amount <= (self.available if source == AVAILABLE else self.owed)
        self.tries(transfer, fits)
        if fits:
            self.held[transfer.id] = amount, source
            self.take(source, amount)
        return transfer

    def take(self, source: str, amount: int) -> None:
        if source == AVAILABLE:
            self.available -= amount
        else:
            self.owed -= amount

    @rule(reserved=reservations, amount=amounts, kind=st.sampled_from([Kind.POST, Kind.VOID]))
    def resolved(self, reserved: Transfer, amount: int, kind: Kind) -> None:
        held, source = self.held.get(reserved.id, (0, AVAILABLE))
        fits = 0 < amount <= held if kind is Kind.POST else amount == held
        self.tries(resolve(kind, reserved, amount, self.fresh()), fits)
        if fits:
            posted = amount if kind is Kind.POST else 0
            self.cleared += posted
            self.take(source, posted - held)
            del self.held[reserved.id]

    @rule(reserved=consumes(reservations))
    def delivered_in_full(self, reserved: Transfer) -> None:
        if reserved.id in self.held:
            self.resolved(reserved, reserved.amount, Kind.POST)

    @rule(amount=amounts)
    def settled(self, amount: int) -> None:
        fits = amount <= self.cleared
        self.tries(single(self.fresh(), Code.SETTLEMENT, CLEARING, DELIVERED, amount), fits)
        if fits:
            self.cleared, self.seen = self.cleared - amount, self.seen + amount

    @rule(amount=amounts)
    def came_back_late(self, amount: int) -> None:
        fits = amount <= self.seen
        self.tries(single(self.fresh(), Code.LATE_RETURN, DELIVERED, PAYABLE, amount), fits)
        if fits:
            self.seen, self.owed = self.seen - amount, self.owed + amount

    @invariant()
    def the_books_agree_with_the_model(self) -> None:
        free = [self.books.balance(account(name)).free for name in (AVAILABLE, CLEARING, PAYABLE, DELIVERED)]
        assert free == [self.available, self.cleared, self.owed, self.seen]

    @invariant()
    def debits_equal_credits_and_nothing_is_overdrawn(self) -> None:
        sums: defaultdict[str, int] = defaultdict(int)
        for one in self.books.accounts:
            balance = self.books.balance(one)
            sums["posted"] += balance.debits_posted - balance.credits_posted
            sums["pending"] += balance.debits_pending - balance.credits_pending
            assert one.may_be_overdrawn or balance.free >= 0
            assert min(balance.debits_pending, balance.credits_pending) >= 0
        assert set(sums.values()) <= {0}

    @invariant()
    def an_audit_of_the_same_transfers_gives_the_same_books(self) -> None:
        again = audit(self.books.transfers.values())
        assert all(again.balance(one) == self.books.balance(one) for one in self.books.accounts)


TestAnyLedger = AnyLedger.TestCase
