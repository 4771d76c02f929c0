"""Seals open for their own thing, field and key, and for nothing else."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.registry.encryption.rules import InstanceKey, Unreadable

INSTANCE = InstanceKey("one instance")


@given(st.text(), st.uuids())
def test_what_is_sealed_opens_again_with_the_kept_key(content, person):
    seal, wrapped = INSTANCE.new_seal(person)
    sealed = seal.close("identity", content)
    assert INSTANCE.unwrapped(person, wrapped).open("identity", sealed) == content


@given(st.text(min_size=4))
def test_two_seals_of_the_same_words_differ(content):
    seal, _ = INSTANCE.new_seal(uuid4())
    assert seal.close("identity", content) != seal.close("identity", content)


def test_a_seal_is_bound_to_its_person_field_key_and_bytes():
    person = uuid4()
    seal, wrapped = INSTANCE.new_seal(person)
    sealed = seal.close("identity", "Ana")
    another, _ = INSTANCE.new_seal(person)
    for wrong in (
        lambda: seal.open("payout", sealed),
        lambda: another.open("identity", sealed),
        lambda: seal.open("identity", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        lambda: seal.open("identity", b"short"),
        lambda: INSTANCE.unwrapped(uuid4(), wrapped),
        lambda: InstanceKey("another instance").unwrapped(person, wrapped),
    ):
        with pytest.raises(Unreadable):
            wrong()


def test_tokens_are_keyed_and_of_their_kind():
    token = INSTANCE.token("document", "8-123")
    assert token == InstanceKey("one instance").token("document", "8-123")
    assert token != INSTANCE.token("phone", "8-123")
    assert token != InstanceKey("another instance").token("document", "8-123")
