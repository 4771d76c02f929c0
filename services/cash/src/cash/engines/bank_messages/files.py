"""Payment orders on disk, and whether a message keeps a schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from lxml import etree
from pydantic import BaseModel, ConfigDict, ValidationError
from solidary.files.command_line import CommandError, InvalidInput, atomic_binary_file, show_progress
from solidary.files.tables import Row, read_rows

from cash.engines.bank_messages.pain001 import BadOrder, BadTransfer, TotalsDiffer, write_order
from cash.engines.bank_messages.text import Alphabet
from cash.engines.bank_messages.transfers import (
    Account,
    AccountType,
    Agent,
    ChargeBearer,
    CreditTransfer,
    Iban,
    LocalAccount,
    PaymentOrder,
)
from cash.engines.bank_messages.untrusted import elements, root_name
from cash.engines.disk_set import once
from cash.engines.money import Money, UnknownCurrency, minor_digits

COLUMNS = ("end_to_end_id", "amount", "creditor")


class WrittenOrder(BaseModel):
    """An order as it is written down: all but the number and the sum, which its transfers have."""

    model_config = ConfigDict(extra="forbid")

    message_id: str
    created: datetime
    execution: date
    initiating_party: str
    debtor: str
    currency: str
    account: Account
    agent: Agent
    charges: ChargeBearer = ChargeBearer.DEBTOR
    alphabet: Alphabet = Alphabet.LATIN


def write_order_file(order: Path, transfers: Path, out: Path) -> PaymentOrder:
    """Writes a pain.001 from an order (JSON) and its transfers (CSV), which are read twice: the head of the
    message needs their number and sum. Raises InvalidInput with the line, or the pointer into the order.
    """
    head = _read_head(order)
    if transfers.exists() and not (transfers.is_file() or transfers.is_dir()):
        raise CommandError(
            f"{transfers}: cannot be read twice, as the number and the sum come first: save it as a file"
        )
    count, total = _totals(transfers, head.currency)
    payment_order = PaymentOrder(
        **{name: getattr(head, name) for name in WrittenOrder.model_fields if name != "currency"},
        count=count,
        total=total,
    )
    table = _Transfers(transfers, head.currency)
    with atomic_binary_file(out) as file:
        try:
            write_order(payment_order, table, file)
        except BadTransfer as error:
            raise table.row.broken(f"{error.end_to_end_id}: {error.reason}") from None
        except BadOrder as error:
            if error.field == "total":
                raise InvalidInput(error.reason, file=transfers) from None
            raise InvalidInput(error.reason, file=order, place=f"/{error.field}") from None
        except TotalsDiffer:
            raise InvalidInput("changed while it was read: once more, please", file=transfers) from None
    return payment_order


def _read_head(path: Path) -> WrittenOrder:
    try:
        head = WrittenOrder.model_validate(json.loads(path.read_text("utf-8-sig")))
        minor_digits(head.currency)
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=path) from None
    except json.JSONDecodeError as error:
        raise InvalidInput(error.msg, file=path, place=f"line {error.lineno}, column {error.colno}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"/{part}" for part in first["loc"] if part not in ("Iban", "LocalAccount"))
        raise InvalidInput(_REASONS.get(first["type"], first["msg"]), file=path, place=place or "/") from None
    except UnknownCurrency as error:
        raise InvalidInput(str(error), file=path, place="/currency") from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(str(error), file=path) from None
    return head


_REASONS = {
    "model_type": "not a JSON object",
    "missing": "missing",
    "extra_forbidden": "an order has no such field",
    "unexpected_keyword_argument": "there is no such field",
}


def _totals(path: Path, currency: str) -> tuple[int, Money]:
    count = total = 0
    with once() as names:
        for count, row in enumerate(read_rows(path, COLUMNS), start=1):
            name = row.text("end_to_end_id")
            if names.again(name):
                raise row.broken(f"end_to_end_id {name} stands twice: a payment would be made twice")
            total += _amount(row, currency).minor
            _show(count, "counted")
    return count, Money(total, currency)


class _Transfers:
    """The transfers of a table; `row` is that of the last one asked for."""

    row: Row

    def __init__(self, path: Path, currency: str):
        self._path, self._currency = path, currency

    def __iter__(self) -> Iterator[CreditTransfer]:
        for count, row in enumerate(read_rows(self._path, COLUMNS), start=1):
            self.row = row
            yield _transfer(row, self._currency)
            _show(count, "written")


def _transfer(row: Row, currency: str) -> CreditTransfer:
    return CreditTransfer(
        end_to_end_id=row["end_to_end_id"],
        amount=_amount(row, currency),
        creditor=row.text("creditor"),
        account=_account(row),
        agent=_agent(row),
        remittance=row.cells.get("remittance") or None,
    )


def _show(count: int, what: str) -> None:
    if count % 10_000 == 0:
        show_progress(count, None, what)


def _amount(row: Row, currency: str) -> Money:
    try:
        return Money.of(row.number("amount"), currency)
    except ValueError as error:
        raise error if isinstance(error, InvalidInput) else row.broken(f"amount: {error}") from None


def _account(row: Row) -> Account:
    number, iban = row.cells.get("account", ""), row.cells.get("iban", "")
    if bool(number) is bool(iban):
        raise row.broken("needs either iban or account")
    if iban:
        return Iban(iban)
    kind = row.cells.get("account_type", "")
    if kind not in ("", *AccountType):
        raise row.broken(f"account_type: {kind!r} is none of {', '.join(AccountType)}")
    return LocalAccount(number, row.cells.get("scheme") or None, AccountType(kind) if kind else None)


def _agent(row: Row) -> Agent | None:
    bic, member = row.cells.get("bic"), row.cells.get("member")
    return Agent(bic or None, member or None) if bic or member else None


def keeps_schema(message: Path, schema: Path) -> int:
    """The number of payments in a message that keeps a schema (XSD); raises InvalidInput where it does not.

    The schemas of ISO 20022 are not shipped: the standard's site and every bank give them.
    """
    try:
        parsed = etree.parse(str(schema), etree.XMLParser(resolve_entities=False, no_network=True))
        xsd = etree.XMLSchema(parsed)
    except (OSError, etree.LxmlError) as error:
        raise InvalidInput(str(error), file=schema) from None
    namespace, _ = root_name(message)
    records = [f"{{{namespace}}}{name}" for name in ("CdtTrfTxInf", "TxInfAndSts", "Ntry")]
    found = 0
    for found, _ in enumerate(elements(message, (), records), start=1):
        _show(found, "payments read")
    for checked, _ in enumerate(elements(message, (), records, xsd), start=1):
        _show(checked, "payments checked")
    return found
