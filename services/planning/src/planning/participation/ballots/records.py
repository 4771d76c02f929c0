"""The content of a ballot box before it is encrypted.

The content has one length for each number of ballots, whatever they say, and they stand in an order of their own
(sorted): neither shows anything of a single ballot. A ballot is a byte for the community, a byte for the channel, and
a bit for each action that could be approved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

VERSION = 1
COMMUNITIES = ("refugee", "migrant", "host")
CHANNELS = ("online", "paper", "assisted")
"""The values by their number in the content, which does not change."""


class BallotRecord(NamedTuple):
    """A ballot: the approved actions are places in the box's list of actions."""

    community: str
    channel: str
    approvals: frozenset[int]


def ballot_length(actions: int) -> int:
    """Return the length of one ballot in bytes, for a number of actions."""
    return 2 + (actions + 7) // 8


def encode_ballots(ballots: Iterable[BallotRecord], actions: int) -> bytes:
    """Return the content of a box."""
    return bytes([VERSION]) + b"".join(sorted(_encode(ballot, actions) for ballot in ballots))


def decode_ballots(content: bytes, actions: int) -> Sequence[BallotRecord]:
    """Return the ballots of a box. Raises ValueError for another version or length."""
    length = ballot_length(actions)
    if content[:1] != bytes([VERSION]) or (len(content) - 1) % length:
        raise ValueError("The content of a ballot box has another version or length.")
    return [_decode(content[at : at + length], actions) for at in range(1, len(content), length)]


def _encode(ballot: BallotRecord, actions: int) -> bytes:
    bits = sum(1 << place for place in ballot.approvals)
    kinds = [COMMUNITIES.index(ballot.community), CHANNELS.index(ballot.channel)]
    return bytes(kinds) + bits.to_bytes(ballot_length(actions) - 2, "big")


def _decode(encoded: bytes, actions: int) -> BallotRecord:
    bits = int.from_bytes(encoded[2:], "big")
    approvals = frozenset(place for place in range(actions) if bits >> place & 1)
    return BallotRecord(COMMUNITIES[encoded[0]], CHANNELS[encoded[1]], approvals)
