"""Ballot cards: who holds one may vote once, whoever they are and whatever papers they have.

A card is its number and a code that only the service can make (HMAC-SHA-256, 60 bits); nothing is kept of
it until it is used, and nothing ties a card to a person or a ballot to a card.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from uuid import UUID

CODE_LETTERS = 12


def card(secret: bytes, plan: UUID, round_: int, number: int) -> str:
    """`17-K3QX7MPA2WTB`, as it is printed."""
    digest = hmac.digest(secret, f"ballot card {plan} {round_} {number}".encode(), "sha256")
    return f"{number}-{b32encode(digest).decode()[:CODE_LETTERS]}"


def number_of(secret: bytes, plan: UUID, round_: int, issued: int, said: str) -> int | None:
    """The number of a card that was issued in this round; None for any other text."""
    number, _, _ = said.strip().partition("-")
    if not (number.isascii() and number.isdigit() and len(number) <= 9) or not 1 <= int(number) <= issued:
        return None
    genuine = card(secret, plan, round_, int(number))
    return int(number) if hmac.compare_digest(genuine.encode(), said.strip().upper().encode()) else None
