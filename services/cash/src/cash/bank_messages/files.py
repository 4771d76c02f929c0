"""Payment orders on disk, and whether a message keeps a schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree
from pydantic import TypeAdapter, ValidationError
from solidary.command_line import BrokenInput, whole_binary_file
from solidary.tables import Row, rows

from cash.bank_messages.pain001 import BadTransfer, write_order
from cash.bank_messages.text import BadText
from cash.bank_messages.transfers import (
    Account,
    AccountType,
    Agent,
    CreditTransfer,
    Iban,
    LocalAccount,
    PaymentOrder,
)
from cash.bank_messages.untrusted import elements, root_name
from cash.money import Money

COLUMNS = ("end_to_end_id", "amount", "creditor")


def write_order_file(order: Path, transfers: Path, out: Path) -> PaymentOrder:
    """Writes a pain.001 from an order (JSON) and its transfers (CSV), which are read twice: the head of the
    message needs their number and sum. Raises BrokenInput with the line.
    """
    head = _read_head(order)
    try:
        currency = head.pop("currency")
        whole = {**head, **_totals(transfers, currency)}
        payment_order = TypeAdapter(PaymentOrder).validate_python(whole)
    except KeyError:
        raise BrokenInput("missing", file=order, place="/currency") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"/{part}" for part in first["loc"] if part not in ("Iban", "LocalAccount"))
        raise BrokenInput(first["msg"], file=order, place=place or "/") from None
    with whole_binary_file(out) as file:
        try:
            write_order(payment_order, _transfers(transfers, currency), file)
        except BadTransfer as error:
            raise BrokenInput(str(error), file=transfers) from None
        except BadText as error:
            raise BrokenInput(str(error), file=order) from None
    return payment_order


def _read_head(path: Path) -> dict[str, Any]:
    try:
        head = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise BrokenInput(error.strerror or str(error), file=path) from None
    except (ValueError, RecursionError) as error:
        raise BrokenInput(str(error), file=path) from None
    if not isinstance(head, dict):
        raise BrokenInput("not a JSON object", file=path, place="/")
    return head


def _totals(path: Path, currency: str) -> dict[str, object]:
    count = total = 0
    seen: set[str] = set()
    for row in rows(path, COLUMNS):
        name = row.text("end_to_end_id")
        if name in seen:
            raise row.broken(f"end_to_end_id {name} stands twice: a payment would be made twice")
        seen.add(name)
        count, total = count + 1, total + _amount(row, currency).minor
    return {"count": count, "total": Money(total, currency)}


def _transfers(path: Path, currency: str) -> Iterator[CreditTransfer]:
    for row in rows(path, COLUMNS):
        yield CreditTransfer(
            end_to_end_id=row["end_to_end_id"],
            amount=_amount(row, currency),
            creditor=row.text("creditor"),
            account=_account(row),
            agent=_agent(row),
            remittance=row.cells.get("remittance") or None,
        )


def _amount(row: Row, currency: str) -> Money:
    try:
        return Money.of(row.number("amount"), currency)
    except ValueError as error:
        raise error if isinstance(error, BrokenInput) else row.broken(f"amount: {error}") from None


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
    """The number of payments in a message that keeps a schema (XSD); raises BrokenInput where it does not.

    The schemas of ISO 20022 are not shipped: the standard's site and every bank give them.
    """
    try:
        parsed = etree.parse(str(schema), etree.XMLParser(resolve_entities=False, no_network=True))
        xsd = etree.XMLSchema(parsed)
    except (OSError, etree.LxmlError) as error:
        raise BrokenInput(str(error), file=schema) from None
    namespace, _ = root_name(message)
    records = [f"{{{namespace}}}{name}" for name in ("CdtTrfTxInf", "TxInfAndSts", "Ntry")]
    found = sum(1 for _ in elements(message, (), records))
    for _ in elements(message, (), records, xsd):
        pass
    return found
