"""Sessions are opened by their own cookie only, and end by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from console.accounts.sessions.jobs import purge_sessions
from console.accounts.sessions.records import PageSession
from console.accounts.sessions.rules import (
    LOCK,
    form_token,
    is_form_token,
    is_fresh,
    is_locked,
    is_over,
    is_own_cookie,
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
    first, second = new_cookie(SECRET), new_cookie(SECRET)
    assert is_form_token(first, form_token(first))
    for token in (form_token(second), "", None, "ñ", form_token(first)[:-1]):
        assert not is_form_token(first, token)


def test_cookie_is_known_as_this_instances_own():
    cookie = new_cookie(SECRET)
    assert is_own_cookie(cookie, SECRET)
    value, _, mark = cookie.partition(".")
    for other in ("", ".", value, f"{value}.", f"{value}A.{mark}", f"{value}.{mark}A", "ñ.ñ", "x" * 43):
        assert not is_own_cookie(other, SECRET)
    assert not is_own_cookie(cookie, b"t" * 32)


def test_sealed_cookie_is_read_by_this_instance_only():
    sealed = seal("state", secret=SECRET)
    assert unseal(sealed, secret=SECRET) == "state"
    for value, secret in ((sealed, b"t" * 32), (sealed[:-2] + "AA", SECRET), ("", SECRET), ("ñ", SECRET)):
        assert unseal(value, secret=secret) is None


def test_session_is_locked_after_some_minutes_without_use_and_over_after_a_working_day():
    now = datetime.now(UTC)
    assert not is_locked(now - timedelta(minutes=9), now, LOCK)
    assert is_locked(now - timedelta(minutes=11), now, LOCK)
    assert not is_over(now - timedelta(hours=9), now - timedelta(hours=1), now)
    assert is_over(now - timedelta(hours=11), now, now)


@pytest.mark.parametrize(
    ("authenticated", "fresh"), [(1000, True), (991.0, True), (985, False), (None, False), ("1000", False)]
)
def test_password_of_an_earlier_login_opens_nothing(authenticated, fresh):
    assert is_fresh(authenticated, begun=1000.0) is fresh


async def test_session_is_found_by_its_cookie_and_by_no_other_secret(store, database):
    cookie = await store.create(uuid4(), CONTENT)
    found = await store.find(cookie)
    assert found is not None
    assert (found.content, found.is_over, found.is_locked) == (CONTENT, False, False)
    assert await SessionStore(database, b"t" * 32).find(cookie) is None
    for other in (new_cookie(SECRET), "", None, cookie[:-1], "ñ"):
        assert await store.find(other) is None


async def test_session_that_was_deleted_or_changed_is_so_at_once(store):
    cookie = await store.create(uuid4(), CONTENT)
    await store.update(cookie, notice="Done")
    assert (await store.find(cookie)).content.notice == "Done"
    await store.delete(cookie)
    assert await store.find(cookie) is None
    assert await store.update(cookie, notice="") is None


async def test_locked_session_stays_so_until_a_login(store):
    cookie = await store.create(uuid4(), CONTENT)
    await store.update(cookie, needs_password=True)
    assert (await store.find(cookie)).is_locked
    assert (await store.find(cookie)).is_locked, "looking at it does not open it"


async def test_logout_everywhere_ends_the_sessions_of_one_person(store):
    person, other = uuid4(), uuid4()
    own = [await store.create(person, CONTENT) for _ in range(2)]
    others = await store.create(other, CONTENT)
    assert await store.count(person) == 2
    await store.delete_all(person)
    assert [await store.find(cookie) for cookie in own] == [None, None]
    assert await store.find(others) is not None


async def test_unused_session_is_locked_and_then_deleted(store, database, service_database):
    cookie = await store.create(uuid4(), CONTENT)
    for age, left in (("11 minutes", True), ("25 hours", False)):
        with psycopg.connect(service_database.admin) as admin:
            admin.execute(
                "UPDATE machinery.page_session SET used = now() - %s::interval WHERE id = %s",
                (age, session_id(cookie)),
            )
        found = await store.find(cookie)
        assert found is not None
        assert found.is_locked
        assert found.is_over is not left
        await purge_sessions(database)
        assert (await store.find(cookie) is not None) == left
