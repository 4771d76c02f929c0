"""What a yes is bound to: the SHA-256 of a plan's payments, written in one way only."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """All of a payment that a yes is given to: who, for what, to which account, how much.

    `account` is a reference (its number stays where it is kept), `version` that of the account as intake counts
    it: a changed number, or name, is another payment. `amount` in minor units.
    """

    payment: str
    household: str
    collector: str
    cycle: str
    purpose: str
    fsp: str
    account: str
    version: int
    amount: int
    currency: str


def content_hash(lines: Iterable[PaymentLine]) -> str:
    """The SHA-256, in hex, of the lines: each a JSON array of its fields (UTF-8, no spaces) and a line feed.

    Lines come in the order of their payment ids, so that a list has one hash only; nothing is kept of them.
    Raises ValueError on another order, or on a payment that stands twice.
    """
    digest, last = sha256(), None
    for line in lines:
        if last is not None and line.payment <= last:
            raise ValueError(f"payment {line.payment} comes after {last}: the order is by id, each once")
        last = line.payment
        digest.update(json.dumps(astuple(line), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()
