"""People who may be registered twice: the list of them with whom they may be, and the decision."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from solidary.platform.identity import Duty
from solidary_testing.statements import recorded_statements

PROBLEM = "urn:solidary:problem:"


@pytest.fixture
def same():
    """The surname and the document of one person, under which no other test registers."""
    syllables = (secrets.choice("bdfgklmnprst") + secrets.choice("aeiou") for _ in range(5))
    return {
        "surname": "".join(syllables).capitalize(),
        "documents": [{"kind": "passport", "number": f"DUP-{secrets.token_hex(4)}"}],
    }


@pytest.fixture
def add(api, desk, member):
    """Register a person alone, without a search; return their id."""

    async def add(headers=None, **changes: Any) -> str:
        body = {"household": {"area": "PA110403"}, "members": [member(**changes)]}
        answer = await api.put(f"/registrations/{uuid4()}", json=body, headers=headers or desk)
        assert answer.status_code == 201, answer.text
        return answer.json()["members"][0]["person_id"]

    return add


@pytest.fixture
def listed(api, desk):
    """Return the list of provisional people by id."""

    async def listed(headers=None, **query: Any) -> dict[str, dict[str, Any]]:
        answer = await api.get("/provisional-people", params={"limit": 200, **query}, headers=headers or desk)
        assert answer.status_code == 200, answer.text
        return {each["person_id"]: each for each in answer.json()["items"]}

    return listed


@pytest.fixture
def decide(api, desk):
    """Decide that a person is another one; return the answer."""

    async def decide(person: str, other: str | None, headers=None):
        return await api.put(f"/people/{person}/same-as", json={"person_id": other}, headers=headers or desk)

    return decide


async def test_list_shows_whom_a_provisional_person_may_be_and_why(api, desk, tokens, add, listed, same):
    first = await add(**same)
    second = await add(given_name="Yuleisi", **same)
    found = await listed()
    assert first not in found
    shown = found[second]
    assert (shown["name"], shown["born"], shown["same_as"]) == (
        f"Yuleisi {same['surname']}",
        "1992-05-17",
        None,
    )
    candidate = next(each for each in shown["candidates"] if each["person_id"] == first)
    assert (candidate["state"], candidate["probable"]) == ("registered", True)
    assert candidate["reasons"]
    assert second not in {each["person_id"] for each in shown["candidates"]}
    assert second not in await listed(updated_after="2999-01-01T00:00:00Z")
    for person in (first, second):
        query = {"about": person, "limit": 200}
        log = await api.get("/access-log", params=query, headers=tokens.of("unhcr", Duty.AUDITOR))
        entries = log.json()["items"]
        assert ("duplicates_read", second) in {(each["action"], each["reference"]) for each in entries}


async def test_person_who_is_somebody_else_is_confirmed_and_leaves_the_list(api, desk, add, listed, same):
    await add(**same)
    other = await add(given_name="Marisol", **same)
    assert other in await listed()
    confirmed = await api.post(f"/people/{other}/state", json={"to": "registered"}, headers=desk)
    assert confirmed.status_code == 200
    assert other not in await listed()
    assert other not in await listed(is_decided=True)


async def test_person_who_is_registered_already_stays_provisional_and_is_no_longer_undecided(
    api, desk, add, listed, decide, same
):
    first, second = await add(**same), await add(**same)
    decided = await decide(second, first)
    assert (decided.json()["state"], decided.json()["same_as"]) == ("provisional", first)
    assert second not in await listed()
    assert (await listed(is_decided=True))[second]["same_as"] == first
    assert (await decide(second, first)).status_code == 200
    assert (await decide(second, None)).json()["same_as"] is None
    assert second in await listed()
    timeline = (await api.get(f"/people/{second}/timeline", headers=desk)).json()["items"]
    kinds = [each["kind"] for each in reversed(timeline)]
    assert kinds == ["person_registered", "duplicate_found", "duplicate_withdrawn"]


async def test_confirming_takes_the_decision_back(api, desk, add, decide, same):
    first, second = await add(**same), await add(**same)
    await decide(second, first)
    confirmed = await api.post(f"/people/{second}/state", json={"to": "registered"}, headers=desk)
    assert (confirmed.json()["state"], confirmed.json()["same_as"]) == ("registered", None)


async def test_decision_that_cannot_be_right_is_refused(add, decide, same):
    first, second, third = await add(**same), await add(**same), await add(**same)
    for person, other, status, slug in (
        (first, second, 409, "person-not-provisional"),
        (second, second, 422, "invalid"),
    ):
        refused = await decide(person, other)
        assert (refused.status_code, refused.json()["type"]) == (status, PROBLEM + slug)
    assert (await decide(second, str(uuid4()))).status_code == 404
    assert (await decide(second, first)).status_code == 200
    refused = await decide(third, second)
    assert (refused.status_code, refused.json()["type"]) == (409, PROBLEM + "person-is-duplicate")


async def test_database_keeps_a_decision_to_provisional_people_and_forgets_one_about_an_erased_person(
    add, decide, listed, same, test_database
):
    first, second = await add(**same), await add(**same)
    await decide(second, first)
    with psycopg.connect(test_database.admin) as admin:
        for wrong in (f"same_as = '{second}'", "state = 'registered'"):
            with pytest.raises(psycopg.errors.CheckViolation), admin.transaction():
                admin.execute(f"UPDATE data.person SET {wrong} WHERE id = '{second}'".encode())
        admin.execute("DELETE FROM data.person WHERE id = %s", [first])
    assert second in await listed()


async def test_statements_of_a_page_do_not_grow_with_it(api, desk, add, listed, same):
    await add(**same)
    for _ in range(4):
        await add(**same)

    async def statements(limit):
        with recorded_statements() as sent:
            assert len(await listed(limit=limit)) == limit
        return len(sent)

    await statements(1)
    assert await statements(4) == await statements(1)


@pytest.mark.parametrize(
    ("index", "condition"),
    [
        ("person_undecided", "state = 'provisional' AND same_as IS NULL"),
        ("person_duplicate", "state = 'provisional' AND same_as IS NOT NULL"),
    ],
)
def test_page_of_provisional_people_is_read_from_its_index(test_database, index, condition):
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("SET LOCAL enable_bitmapscan = off")
        admin.execute("SET LOCAL enable_sort = off")
        admin.execute("UPDATE pg_class SET reltuples = 1e6, relpages = 1 WHERE oid = 'data.person'::regclass")
        (plans,) = admin.execute(
            f"""EXPLAIN (FORMAT JSON) SELECT * FROM data.person WHERE agency = %s AND {condition}
            ORDER BY created DESC, id DESC LIMIT 51""".encode(),
            [uuid4()],
        ).fetchone()
        admin.rollback()
    (scan,) = plans[0]["Plan"]["Plans"]
    assert (scan["Node Type"], scan["Index Name"]) == ("Index Scan", index)
