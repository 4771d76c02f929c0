"""Tests of the encryption of ballot boxes."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from planning.participation.ballots.encryption import BoxCipher
from planning.problems import BallotBoxUnreadable

SECRET, PLAN, BOX = b"a secret", UUID(int=7), UUID(int=8)


def test_a_box_is_encrypted_anew_each_time():
    cipher = BoxCipher(SECRET, PLAN, 1)
    first, second = cipher.encrypt(BOX, 1, b"same"), cipher.encrypt(BOX, 1, b"same")
    assert first != second
    assert len(first) == 28 + len(b"same"), "data.ballot_box checks this length"
    assert cipher.decrypt(BOX, 1, first) == cipher.decrypt(BOX, 1, second) == b"same"


@pytest.mark.parametrize(
    ("cipher", "box", "ballots"),
    [
        (BoxCipher(b"another", PLAN, 1), BOX, 1),
        (BoxCipher(SECRET, uuid4(), 1), BOX, 1),
        (BoxCipher(SECRET, PLAN, 2), BOX, 1),
        (BoxCipher(SECRET, PLAN, 1), uuid4(), 1),
        (BoxCipher(SECRET, PLAN, 1), BOX, 2),
    ],
    ids=["secret", "plan", "round", "box", "number of ballots"],
)
def test_a_box_is_opened_only_as_what_it_is(cipher, box, ballots):
    encrypted = BoxCipher(SECRET, PLAN, 1).encrypt(BOX, 1, b"content")
    with pytest.raises(BallotBoxUnreadable):
        cipher.decrypt(box, ballots, encrypted)
