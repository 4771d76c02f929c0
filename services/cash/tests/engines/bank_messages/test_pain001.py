"""The order for a bank: valid by the official schema, with the given values, in constant memory."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from cash.engines.bank_messages.orders import (
    Account,
    AccountType,
    Agent,
    ChargeBearer,
    CreditTransfer,
    Iban,
    LocalAccount,
    PaymentOrder,
)
from cash.engines.bank_messages.pain001 import NAMESPACE, InvalidTransfer, TotalsMismatch, write_order
from cash.engines.bank_messages.text import Alphabet, InvalidText
from cash.engines.money import Money
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

ORDER = PaymentOrder(
    message_id="PLAN-1",
    created=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    execution=date(2026, 11, 24),
    initiating_party="Municipio de La Chorrera",
    debtor="Municipio de La Chorrera",
    account=LocalAccount("03-01-01-123456-7", type=AccountType.CURRENT),
    agent=Agent(bic="NACNPAPA"),
    count=1,
    total=Money(15000, "USD"),
)
TRANSFER = CreditTransfer(
    "P-1", Money(15000, "USD"), "María Núñez", LocalAccount("04-72-99"), Agent("BAGEPAPA")
)


def written(order: PaymentOrder, transfers: list[CreditTransfer]) -> bytes:
    out = io.BytesIO()
    write_order(order, transfers, out)
    return out.getvalue()


def text(element: etree._Element, path: str) -> str | None:
    return element.findtext("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))


ids = st.text("ABCXYZabc0123456789/-?:().,'+ ", min_size=1, max_size=35).filter(
    lambda t: t.strip(" /") == t and "//" not in t
)
names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=140)
accounts: st.SearchStrategy[Account] = st.one_of(
    st.just(Iban("DO28 BAGR 0000 0001 2124 5361 1324")),
    st.builds(
        LocalAccount,
        ids.filter(lambda t: len(t) < 35),
        st.none() | ids,
        st.none() | st.sampled_from(AccountType),
    ),
)
agents = st.just(Agent(bic="BAGEPAPAXXX")) | st.builds(Agent, st.none(), ids)
clocks = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
currencies = st.sampled_from(["USD", "COP", "CLP", "TND", "CLF"])


@st.composite
def orders(draw: st.DrawFn) -> tuple[PaymentOrder, list[CreditTransfer]]:
    currency = draw(currencies)
    transfers = draw(
        st.lists(
            st.builds(
                CreditTransfer,
                ids,
                st.integers(1, 10**15).map(lambda minor: Money(minor, currency)),
                names,
                accounts,
                st.none() | agents,
                st.none() | names,
            ),
            min_size=1,
            max_size=4,
        )
    )
    order = draw(
        st.builds(
            PaymentOrder,
            message_id=ids,
            created=st.datetimes(datetime(2000, 1, 1), timezones=clocks),
            execution=st.dates(date(2000, 1, 1)),
            initiating_party=names,
            debtor=names,
            account=accounts,
            agent=agents,
            count=st.just(len(transfers)),
            total=st.just(Money(sum(transfer.amount.minor for transfer in transfers), currency)),
            charges=st.sampled_from(ChargeBearer),
            alphabet=st.just(Alphabet.UNICODE),
        )
    )
    return order, transfers


@settings(deadline=None)
@given(orders())
def test_order_conforms_to_the_official_schema_and_has_the_given_values(
    schema: Callable[[str], etree.XMLSchema], both: tuple[PaymentOrder, list[CreditTransfer]]
) -> None:
    order, transfers = both
    document = etree.fromstring(written(order, transfers))
    schema("pain.001.001.09").assertValid(document)
    assert text(document, "CstmrCdtTrfInitn/GrpHdr/CtrlSum") == str(order.total.major)
    records = list(document.iter(f"{{{NAMESPACE}}}CdtTrfTxInf"))
    for record, transfer in zip(records, transfers, strict=True):
        assert text(record, "PmtId/EndToEndId") == transfer.end_to_end_id
        assert Decimal(text(record, "Amt/InstdAmt") or "") == transfer.amount.major
        account = transfer.account
        number = account.iban.replace(" ", "") if isinstance(account, Iban) else account.number
        assert number in (text(record, "CdtrAcct/Id/IBAN"), text(record, "CdtrAcct/Id/Othr/Id"))


def test_wallet_is_an_account_of_its_own_scheme() -> None:
    wallet = replace(TRANSFER, account=LocalAccount("+50761234567", "YAPPY"), agent=None)
    record = written(ORDER, [wallet]).decode()
    assert "<Othr><Id>+50761234567</Id><SchmeNm><Prtry>YAPPY</Prtry></SchmeNm></Othr>" in record
    assert "CdtrAgt" not in record


@pytest.mark.parametrize(
    ("transfer", "reason"),
    [
        (replace(TRANSFER, amount=Money(0, "USD")), "not an amount that can be paid"),
        (replace(TRANSFER, amount=Money(-1, "USD")), "not an amount that can be paid"),
        (replace(TRANSFER, amount=Money(10**18, "USD")), "not an amount that can be paid"),
        (replace(TRANSFER, amount=Money(100, "COP")), "The amount is 1.00 COP, but the order is in USD."),
        (replace(TRANSFER, creditor="王伟"), "without a Latin form"),
        (replace(TRANSFER, end_to_end_id="P/1/"), "not an identifier"),
        (replace(TRANSFER, account=Iban("DO28BAGR00000001212453611325")), "check digits"),
        (replace(TRANSFER, account=LocalAccount("1" * 35)), "1 to 34"),
        (replace(TRANSFER, agent=Agent()), "neither a BIC nor a member number"),
    ],
)
def test_invalid_transfer_is_named(transfer: CreditTransfer, reason: str) -> None:
    with pytest.raises(InvalidTransfer, match=reason) as refusal:
        written(ORDER, [TRANSFER, transfer])
    assert (refusal.value.number, refusal.value.end_to_end_id) == (2, transfer.end_to_end_id)


@pytest.mark.parametrize("transfers", [[], [TRANSFER, TRANSFER], [replace(TRANSFER, amount=Money(1, "USD"))]])
def test_transfers_that_differ_from_the_header_are_refused(transfers: list[CreditTransfer]) -> None:
    with pytest.raises(TotalsMismatch, match="announces 1 transfer of 150"):
        written(ORDER, transfers)


@pytest.mark.parametrize(
    "order",
    [
        replace(ORDER, created=datetime(2026, 11, 22)),
        replace(ORDER, created=datetime(2026, 11, 22, tzinfo=timezone(timedelta(hours=14, minutes=1)))),
        replace(ORDER, created=datetime(2026, 11, 22, tzinfo=timezone(timedelta(hours=-18)))),
        replace(ORDER, created=datetime(2026, 11, 22, tzinfo=timezone(timedelta(seconds=-17_773)))),
        replace(ORDER, total=Money(0, "USD")),
        replace(ORDER, message_id=""),
    ],
)
def test_invalid_order_is_refused(order: PaymentOrder) -> None:
    with pytest.raises(InvalidText):
        written(order, [TRANSFER])


class _Nowhere(io.RawIOBase):
    def write(self, content: object) -> int:
        return 0


def _peak(count: int) -> int:
    def transfers() -> Iterator[CreditTransfer]:
        for number in range(count):
            yield replace(TRANSFER, end_to_end_id=f"P-{number}", amount=Money(100, "USD"))

    tracemalloc.start()
    write_order(replace(ORDER, count=count, total=Money(100 * count, "USD")), transfers(), _Nowhere())  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_order() -> None:
    _peak(10)
    assert _peak(10_000) < 1.5 * _peak(300)
