"""Sessions are opened by their own cookie only, and end by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from console.accounts.sessions.jobs import purge_sessions
from console.accounts.sessions.records import PageSession
from console.accounts.sessions.rules import (
    form_token,
    is_form_token,
    is_over,
    new_cookie,
    seal,
    session_id,
    unseal,
)
from console.accounts.sessions.store import SessionStore

SECRET = b"s" * 32
CONTENT = PageSession(access_token="a", refresh_token="r", expires=1.0, name="Ana")


@pytest.fixture
def store(database) -> SessionStore:
    return SessionStore(database, SECRET)


def test_form_token_is_that_of_one_session():
    first, second = new_cookie(), new_cookie()
    assert is_form_token(first, form_token(first))
    for token in (form_token(second), "", None, "ñ", form_token(first)[:-1]):
        assert not is_form_token(first, token)


def test_sealed_cookie_is_read_by_this_instance_only():
    sealed = seal("state", secret=SECRET)
    assert unseal(sealed, secret=SECRET) == "state"
    for value, secret in ((sealed, b"t" * 32), (sealed[:-2] + "AA", SECRET), ("", SECRET), ("ñ", SECRET)):
        assert unseal(value, secret=secret) is None


def test_session_is_over_after_half_an_hour_without_use_and_after_a_working_day():
    now = datetime.now(UTC)
    assert not is_over(now - timedelta(hours=9), now - timedelta(minutes=29), now)
    assert is_over(now - timedelta(hours=1), now - timedelta(minutes=31), now)
    assert is_over(now - timedelta(hours=11), now, now)


async def test_session_is_found_by_its_cookie_and_by_no_other_secret(store, database):
    cookie = await store.create(uuid4(), CONTENT)
    found = await store.find(cookie)
    assert found is not None
    assert (found.content, found.is_over) == (CONTENT, False)
    assert await SessionStore(database, b"t" * 32).find(cookie) is None
    for other in (new_cookie(), "", None, cookie[:-1], "ñ"):
        assert await store.find(other) is None


async def test_session_that_was_deleted_or_changed_is_so_at_once(store):
    cookie = await store.create(uuid4(), CONTENT)
    await store.update(cookie, notice="Done")
    assert (await store.find(cookie)).content.notice == "Done"
    await store.delete(cookie)
    assert await store.find(cookie) is None
    assert await store.update(cookie, notice="") is None


async def test_unused_session_is_over_and_then_deleted(store, database, service_database):
    cookie = await store.create(uuid4(), CONTENT)
    for age, left in (("31 minutes", True), ("25 hours", False)):
        with psycopg.connect(service_database.admin) as admin:
            admin.execute(
                "UPDATE machinery.page_session SET used = now() - %s::interval WHERE id = %s",
                (age, session_id(cookie)),
            )
        found = await store.find(cookie)
        assert found is not None
        assert found.is_over
        await purge_sessions(database)
        assert (await store.find(cookie) is not None) == left
