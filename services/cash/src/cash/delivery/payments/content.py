"""The SHA-256 of a plan's payments, computed independently of the database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """All of a payment that an approval is bound to: the household, the purpose, the account and the amount.

    `account_reference` stands for an account that stays in intake, `account_version` is intake's version of it: another
    number, or name, is another payment. `amount` is in minor units.
    """

    payment: str
    household: str
    collector: str
    cycle: str
    purpose: str
    fsp: str
    account_reference: str
    account_version: int
    amount: int
    currency: str


class ContentHash:
    """The SHA-256 of payment lines: each a JSON array of its fields (UTF-8, no spaces) and a line feed.

    The lines are in the order of their payment ids, so that a list has one hash only. Memory does not grow with their
    number.
    """

    def __init__(self) -> None:
        self._digest, self._last = sha256(), ""

    def add(self, line: PaymentLine) -> None:
        """Add the next line. Raises ValueError for another order, or a payment that occurs twice."""
        if line.payment <= self._last:
            raise ValueError(
                f"Payment {line.payment} follows {self._last}: payments are ordered by id, each once."
            )
        self._last = line.payment
        self._digest.update(
            json.dumps(astuple(line), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        )

    def hexdigest(self) -> str:
        """Return the hash of the lines so far, in hex."""
        return self._digest.hexdigest()


def content_hash(lines: Iterable[PaymentLine]) -> str:
    """Return the hash of lines, in hex. Raises ValueError as `ContentHash.add` does."""
    result = ContentHash()
    for line in lines:
        result.add(line)
    return result.hexdigest()
