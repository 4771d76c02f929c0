"""Ballot cards: a card admits one vote, with or without identity documents.

A card is its number and a code that only the service can compute (HMAC-SHA-256, 60 bits). Nothing is stored of a card
until it is used, and nothing links a card to a person or a ballot to a card.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from uuid import UUID

CODE_LENGTH = 12


def print_card(secret: bytes, plan: UUID, round_: int, number: int) -> str:
    """Return a card as it is printed, such as `17-K3QX7MPA2WTB`."""
    digest = hmac.digest(secret, f"ballot card {plan} {round_} {number}".encode(), "sha256")
    return f"{number}-{b32encode(digest).decode()[:CODE_LENGTH]}"


def number_of_card(secret: bytes, plan: UUID, round_: int, issued: int, card: str) -> int | None:
    """Return the number of a card that was issued in this round; None for any other text."""
    number, _, _ = card.strip().partition("-")
    if not (number.isascii() and number.isdigit() and len(number) <= 9) or not 1 <= int(number) <= issued:
        return None
    genuine = print_card(secret, plan, round_, int(number))
    is_genuine = hmac.compare_digest(genuine.encode(), card.strip().upper().encode())
    return int(number) if is_genuine else None
