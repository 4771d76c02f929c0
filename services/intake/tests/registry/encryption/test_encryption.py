"""Encryption: a ciphertext belongs to its subject, field and key."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.registry.encryption.rules import DecryptionError, InstanceKey

INSTANCE = InstanceKey("one instance")


@given(st.text(), st.uuids())
def test_an_encrypted_text_is_decrypted_with_the_wrapped_key(text, person):
    cipher, wrapped = INSTANCE.create_person_key(person)
    encrypted = cipher.encrypt("identity", text)
    assert INSTANCE.unwrap(person, wrapped).decrypt("identity", encrypted) == text


@given(st.text(min_size=4))
def test_two_ciphertexts_of_one_text_differ(text):
    cipher, _ = INSTANCE.create_person_key(uuid4())
    assert cipher.encrypt("identity", text) != cipher.encrypt("identity", text)


def test_a_ciphertext_is_bound_to_its_person_field_key_and_bytes():
    person = uuid4()
    cipher, wrapped = INSTANCE.create_person_key(person)
    encrypted = cipher.encrypt("identity", "Ana")
    another, _ = INSTANCE.create_person_key(person)
    for decrypt_wrongly in (
        lambda: cipher.decrypt("payout", encrypted),
        lambda: another.decrypt("identity", encrypted),
        lambda: cipher.decrypt("identity", encrypted[:-1] + bytes([encrypted[-1] ^ 1])),
        lambda: cipher.decrypt("identity", b"short"),
        lambda: INSTANCE.unwrap(uuid4(), wrapped),
        lambda: InstanceKey("another instance").unwrap(person, wrapped),
    ):
        with pytest.raises(DecryptionError):
            decrypt_wrongly()


def test_tokens_depend_on_the_key_and_the_kind():
    token = INSTANCE.token("document", "8-123")
    assert token == InstanceKey("one instance").token("document", "8-123")
    assert token != INSTANCE.token("phone", "8-123")
    assert token != InstanceKey("another instance").token("document", "8-123")
