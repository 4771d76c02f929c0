"""Ballot cards, and the states of a polling station.

A card admits one vote, with or without identity documents. It is its number and a code that only the service can
compute (HMAC-SHA-256, 60 bits). Nothing is stored of a card but its number, and nothing links a card to a person or to
a ballot.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from base64 import b32encode
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from solidary.language.problems import count_of
from solidary.language.transitions import Transition, TransitionTable

CODE_LENGTH = 12
CARD = re.compile(rf"([1-9]\d{{0,8}})[\s\-\u2010-\u2015\u2212]*([A-Z2-7]{{{CODE_LENGTH}}})", re.ASCII)
"""A number and a code: people type spaces, another dash or none between them."""


class StationState(StrEnum):
    """The states of a polling station."""

    OPEN = "open"
    RECONCILED = "reconciled"
    """Its cards were counted by hand; it issues none and casts none any more."""


class StationActor(StrEnum):
    """The parties that change the state of a polling station."""

    PLANNER = "planner"
    """A planner who neither issued cards nor cast ballots in this round."""


STATION_TRANSITIONS = TransitionTable(
    "station",
    initial=(StationState.OPEN,),
    transitions=(
        Transition("reconcile", StationState.OPEN, StationState.RECONCILED, by=(StationActor.PLANNER,)),
    ),
)


class BallotAct(StrEnum):
    """The acts on cards that the log of a round records."""

    ISSUED = "issued"
    SPOILED = "spoiled"
    """Damaged, lost or misprinted: such a card casts no ballot any more."""
    CAST = "cast"


@dataclass(frozen=True)
class CardCounts:
    """The number of a station's cards by what became of them."""

    issued: int = 0
    spoiled: int = 0
    cast: int = 0

    @property
    def unused(self) -> int:
        """The number of cards that were issued and neither spoiled nor used."""
        return self.issued - self.spoiled - self.cast


def differences(recorded: CardCounts, *, spoiled: int, cast: int, unused: int) -> list[str]:
    """Return a sentence for each number counted by hand that differs from what is recorded."""
    compared = (
        ("spoiled", spoiled, recorded.spoiled),
        ("used", cast, recorded.cast),
        ("unused", unused, recorded.unused),
    )
    return [
        f"You counted {count_of(by_hand, f'{kind} card')}, but {known:,} {'is' if known == 1 else 'are'} recorded."
        for kind, by_hand, known in compared
        if by_hand != known
    ]


def print_card(secret: bytes, plan: UUID, round_: int, number: int) -> str:
    """Return a card as it is printed, such as `17-K3QX7MPA2WTB`."""
    digest = hmac.digest(secret, f"ballot card {plan} {round_} {number}".encode(), "sha256")
    return f"{number}-{b32encode(digest).decode()[:CODE_LENGTH]}"


def number_of_card(secret: bytes, plan: UUID, round_: int, card: str) -> int | None:
    """Return the number of a genuine card of this round; None for any other text."""
    found = CARD.fullmatch(unicodedata.normalize("NFKC", card).strip().upper())
    if found is None:
        return None
    number = int(found[1])
    genuine = print_card(secret, plan, round_, number)
    return number if hmac.compare_digest(genuine.encode(), f"{number}-{found[2]}".encode()) else None
