"""The file of a payment order, kept in memory while it is small and on disk otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import file_digest
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import TypeAlias
from uuid import UUID

from cash.delivery.instructions.rules import exclusion_reason
from cash.delivery.payments.bulk import PaymentToOrder
from cash.delivery.payments.content import ContentHash
from cash.delivery.payments.rules import ExclusionReason
from cash.engines.bank_messages.orders import CreditTransfer, LocalAccount, PaymentOrder
from cash.engines.bank_messages.pain001 import FOOTER, format_header, format_transfer
from cash.engines.bank_messages.text import Alphabet, InvalidText
from cash.engines.money import Money
from cash.intake import Payee, Payout
from cash.problems import DebtorNotWritable

MAX_BYTES_IN_MEMORY = 8 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
OrderFile: TypeAlias = "SpooledTemporaryFile[bytes]"


def _new_file() -> OrderFile:
    return SpooledTemporaryFile(max_size=MAX_BYTES_IN_MEMORY)


@dataclass
class OrderDraft:
    """The transfers of an order, as they will be in the file, and the payments that are left out.

    `approved_total` is the sum of all payments, `total` that of those in the order, both in minor units. `content` is
    the hash of all payments: those that are written must be those that were released.
    """

    transfers: OrderFile = field(default_factory=_new_file)
    payment_count: int = 0
    total: int = 0
    approved_total: int = 0
    not_sent: dict[UUID, ExclusionReason] = field(default_factory=dict)
    content: ContentHash = field(default_factory=ContentHash)

    def add(self, payments: Sequence[PaymentToOrder], payees: Mapping[UUID, Payee]) -> None:
        """Write the next payments, or record why one is left out. `payees`: by package."""
        for payment in payments:
            self.approved_total += payment.amount
            self.content.add(payment.line)
            reason = self._write(payment, payees.get(payment.account_reference))
            if reason is not None:
                self.not_sent[payment.id] = reason

    def _write(self, payment: PaymentToOrder, payee: Payee | None) -> ExclusionReason | None:
        reason = exclusion_reason(payment.account_version, payee)
        if reason is not None or payee is None or payee.payout is None:
            return reason
        transfer = CreditTransfer(
            end_to_end_id=payment.id.hex,
            amount=Money(payment.amount, payment.currency),
            creditor=payee.name,
            account=_account(payee.payout),
        )
        try:
            self.transfers.write(format_transfer(transfer, payment.currency, Alphabet.LATIN))
        except InvalidText:
            return ExclusionReason.NOT_WRITABLE
        self.payment_count += 1
        self.total += payment.amount
        return None


def write_file(order: PaymentOrder, draft: OrderDraft) -> OrderFile:
    """Write the whole file of an order from its draft, which is used up. Raises DebtorNotWritable."""
    file = _new_file()
    try:
        file.write(format_header(order))
    except InvalidText as error:
        raise DebtorNotWritable(f"The payment order cannot be written. {error}") from None
    with draft.transfers as transfers:
        transfers.seek(0)
        copyfileobj(transfers, file)
    file.write(FOOTER)
    return file


def sha256_of(file: OrderFile) -> str:
    """Return the SHA-256 of a file in hex, and rewind it."""
    file.seek(0)
    digest = file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


def _account(payout: Payout) -> LocalAccount:
    return LocalAccount(payout.reference, scheme=None if payout.kind == "account" else payout.kind.upper())
