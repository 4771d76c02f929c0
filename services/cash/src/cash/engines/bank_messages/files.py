"""Payment orders in files, and the validation of a message against a schema."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from lxml import etree
from solidary.files.command_line import CommandError, InvalidInput, atomic_binary_file, show_progress
from solidary.files.json_document import read_as
from solidary.files.tables import Row, read_rows
from solidary.language.numbers import DecimalMark
from solidary.language.placeholders import is_placeholder
from solidary.language.problems import json_pointer
from solidary.language.strict import StrictModel

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
from cash.engines.bank_messages.pain001 import InvalidOrder, InvalidTransfer, TotalsMismatch, write_order
from cash.engines.bank_messages.text import Alphabet
from cash.engines.bank_messages.xml_records import read_elements, root_name
from cash.engines.disk_set import disk_set
from cash.engines.money import Money, UnknownCurrency, minor_unit_digits

REQUIRED_COLUMNS = ("end_to_end_id", "amount", "creditor")


class OrderFile(StrictModel):
    """An order as a JSON file has it: all but the number and the sum, which follow from its transfers."""

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


def write_order_file(
    order: Path, transfers: Path, out: Path, decimal: DecimalMark | None = None
) -> PaymentOrder:
    """Write a pain.001 from an order (JSON) and its transfers (CSV). `decimal` is the mark before cents.

    The transfers are read twice, because the header needs their number and sum. Raises InvalidInput with the line,
    or the pointer into the order, and CommandError where the transfers cannot be read twice.
    """
    head = _read_order(order)
    if transfers.exists() and not (transfers.is_file() or transfers.is_dir()):
        raise CommandError(
            f"{transfers}: The transfers are read twice, because the header has their number and sum. "
            "A pipe cannot be read twice: save it as a file."
        )
    count, total = _read_totals(transfers, head.currency, decimal)
    payment_order = PaymentOrder(
        **{name: getattr(head, name) for name in OrderFile.model_fields if name != "currency"},
        count=count,
        total=total,
    )
    table = _TransferTable(transfers, head.currency, decimal)
    with atomic_binary_file(out) as file:
        try:
            write_order(payment_order, table, file)
        except InvalidTransfer as error:
            raise table.row.error(f"{error.end_to_end_id}: {error.reason}") from None
        except InvalidOrder as error:
            if error.field == "total":
                raise InvalidInput(error.reason, file=transfers) from None
            raise InvalidInput(error.reason, file=order, place=json_pointer([error.field])) from None
        except TotalsMismatch:
            reason = "The file changed while it was read. Run the command again."
            raise InvalidInput(reason, file=transfers) from None
    return payment_order


def _read_order(path: Path) -> OrderFile:
    head = read_as(path, OrderFile)
    try:
        minor_unit_digits(head.currency)
    except UnknownCurrency as error:
        raise InvalidInput(str(error), file=path, place="/currency") from None
    return head


def _read_totals(path: Path, currency: str, decimal: DecimalMark | None) -> tuple[int, Money]:
    """Return the number and the sum of the transfers. Raises InvalidInput where an id occurs twice."""
    count = total = 0
    with disk_set() as ids:
        for count, row in enumerate(read_rows(path, REQUIRED_COLUMNS, decimal=decimal), start=1):
            id_ = row.text("end_to_end_id")
            if not ids.add(id_):
                raise row.repeated("end_to_end_id")
            total += _read_amount(row, currency).minor
            _show_progress(count, "counted")
    return count, Money(total, currency)


class _TransferTable:
    """The transfers of a table. `row` is the row of the latest one."""

    row: Row

    def __init__(self, path: Path, currency: str, decimal: DecimalMark | None):
        self._path, self._currency, self._decimal = path, currency, decimal

    def __iter__(self) -> Iterator[CreditTransfer]:
        rows = read_rows(self._path, REQUIRED_COLUMNS, decimal=self._decimal)
        for count, row in enumerate(rows, start=1):
            self.row = row
            yield _read_transfer(row, self._currency)
            _show_progress(count, "written")


def _read_transfer(row: Row, currency: str) -> CreditTransfer:
    return CreditTransfer(
        end_to_end_id=row["end_to_end_id"],
        amount=_read_amount(row, currency),
        creditor=row.text("creditor"),
        account=_read_account(row),
        agent=_read_agent(row),
        remittance=row.cells.get("remittance") or None,
    )


def _show_progress(count: int, step: str) -> None:
    if count % 10_000 == 0:
        show_progress(count, None, step)


def _read_amount(row: Row, currency: str) -> Money:
    amount = row.number("amount")
    try:
        return Money.from_major(amount, currency)
    except ValueError:
        reason = f"The amount {row['amount']} is finer than the minor unit of {currency}."
        raise row.error(reason) from None


def _read_account(row: Row) -> Account:
    number, iban = row.cells.get("account", ""), row.cells.get("iban", "")
    if bool(number) is bool(iban):
        raise row.error("Fill in either iban or account.")
    if iban:
        return Iban(iban)
    if is_placeholder(number):
        raise row.error(
            f"The account {number} is no number of an account. If a spreadsheet changed it, format the column as text."
        )
    type_ = row.cells.get("account_type", "")
    if type_ not in ("", *AccountType):
        raise row.error(f"The account_type is {type_!r}. It must be one of {', '.join(AccountType)}.")
    return LocalAccount(number, row.cells.get("scheme") or None, AccountType(type_) if type_ else None)


def _read_agent(row: Row) -> Agent | None:
    bic, member = row.cells.get("bic"), row.cells.get("member")
    return Agent(bic or None, member or None) if bic or member else None


def validate_message(message: Path, schema: Path) -> int:
    """Validate a message against a schema (XSD) and return its number of payments. Raises InvalidInput.

    The schemas of ISO 20022 are not shipped: the standard's site and every bank provide them.
    """
    try:
        parsed = etree.parse(str(schema), etree.XMLParser(resolve_entities=False, no_network=True))
        xsd = etree.XMLSchema(parsed)
    except (OSError, etree.LxmlError) as error:
        raise InvalidInput(f"The schema cannot be read: {error}", file=schema) from None
    namespace, _ = root_name(message)
    records = [f"{{{namespace}}}{name}" for name in ("CdtTrfTxInf", "TxInfAndSts", "Ntry")]
    found = 0
    for found, _ in enumerate(read_elements(message, (), records), start=1):
        _show_progress(found, "payments read")
    for checked, _ in enumerate(read_elements(message, (), records, xsd), start=1):
        _show_progress(checked, "payments validated")
    return found
