"""Encryption: a ciphertext belongs to its subject, field and key."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.registry.encryption.rules import DecryptionError, InstanceKey

INSTANCE = InstanceKey(["the newest secret", "an older secret"], ["search", "an older search"], "digest")
OTHER = InstanceKey(["another instance"], ["another search"], "another digest")


@given(st.text(), st.uuids())
def test_an_encrypted_text_is_decrypted_with_the_wrapped_key(text, person):
    cipher, wrapped = INSTANCE.create_key(person)
    encrypted = cipher.encrypt("identity", text)
    assert INSTANCE.unwrap(person, wrapped, INSTANCE.wrapping_id).decrypt("identity", encrypted) == text


@given(st.text(min_size=4))
def test_two_ciphertexts_of_one_text_differ(text):
    cipher, _ = INSTANCE.create_key(uuid4())
    assert cipher.encrypt("identity", text) != cipher.encrypt("identity", text)


def test_a_ciphertext_is_bound_to_its_person_field_key_and_bytes():
    person = uuid4()
    cipher, wrapped = INSTANCE.create_key(person)
    encrypted = cipher.encrypt("identity", "Ana")
    another, _ = INSTANCE.create_key(person)
    for decrypt_wrongly in (
        lambda: cipher.decrypt("payout", encrypted),
        lambda: another.decrypt("identity", encrypted),
        lambda: cipher.decrypt("identity", encrypted[:-1] + bytes([encrypted[-1] ^ 1])),
        lambda: cipher.decrypt("identity", b"short"),
        lambda: INSTANCE.unwrap(uuid4(), wrapped, INSTANCE.wrapping_id),
        lambda: OTHER.unwrap(person, wrapped, INSTANCE.wrapping_id),
        lambda: OTHER.unwrap(person, wrapped, OTHER.wrapping_id),
    ):
        with pytest.raises(DecryptionError):
            decrypt_wrongly()


def test_a_key_that_an_older_secret_wrapped_is_opened_and_wrapped_anew():
    person = uuid4()
    before = InstanceKey(["an older secret"], ["search"], "digest")
    cipher, wrapped = before.create_key(person)
    encrypted = cipher.encrypt("identity", "Ana")
    assert INSTANCE.unwrap(person, wrapped, before.wrapping_id).decrypt("identity", encrypted) == "Ana"
    anew = INSTANCE.rewrap(person, wrapped, before.wrapping_id)
    newest_only = InstanceKey(["the newest secret"], ["search"], "digest")
    assert newest_only.unwrap(person, anew, newest_only.wrapping_id).decrypt("identity", encrypted) == "Ana"


def test_tokens_depend_on_the_key_and_the_kind():
    token = INSTANCE.token("document", "8-123")
    assert token == InstanceKey(["another wrapping secret"], ["search"], "digest").token("document", "8-123")
    assert token != INSTANCE.token("phone", "8-123")
    assert token != OTHER.token("document", "8-123")


def test_a_value_has_a_token_under_each_search_key():
    older = InstanceKey(["the newest secret"], ["an older search"], "digest")
    newest, other = INSTANCE.tokens("document", "8-123")
    assert (newest, other) == (INSTANCE.token("document", "8-123"), older.token("document", "8-123"))


def test_wrapping_tokens_and_digests_have_keys_of_their_own():
    one_secret = InstanceKey(["same"], ["same"], "same")
    token, digest = one_secret.token("", "Ana"), one_secret.request_digest(" Ana")
    assert one_secret.wrapping_id != one_secret.search_id
    assert not digest.startswith(token)
