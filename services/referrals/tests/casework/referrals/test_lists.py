"""The lists of referrals: what changed, in which state, to which service."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest


@pytest.fixture
async def listed(api):
    """Return the ids in a list under some filters."""

    async def ids(path, headers, **filters):
        answer = await api.get(path, params=filters, headers=headers)
        assert answer.status_code == 200, answer.text
        return {each["referral_id"] for each in answer.json()["items"]}

    return ids


async def test_list_has_what_was_added_or_changed_after_a_time(api, sender, receiver, refer, listed):
    first = (await refer())["referral_id"]
    between = datetime.now(UTC).isoformat()
    second = (await refer())["referral_id"]
    for path, headers in (("/referrals", sender), ("/referrals/received", receiver)):
        assert {first, second} & await listed(path, headers, updated_after=between) == {second}
    assert (await api.post(f"/referrals/{first}/accept", headers=receiver)).is_success
    for path, headers in (("/referrals", sender), ("/referrals/received", receiver)):
        assert {first, second} <= await listed(path, headers, updated_after=between)
        now = datetime.now(UTC).isoformat()
        assert not {first, second} & await listed(path, headers, updated_after=now)


async def test_list_filters_by_state_and_by_what_it_refers_to(api, sender, receiver, refer, tokens, listed):
    sent = await refer()
    own, other = sent["referral_id"], (await refer())["referral_id"]
    await api.post(f"/referrals/{other}/accept", headers=receiver)
    assert {own, other} & await listed("/referrals", sender, state="requested") == {own}
    assert {own, other} & await listed("/referrals", sender, state="accepted") == {other}
    assert await listed("/referrals", sender, service_id=sent["service_id"]) == {own}
    assert await listed("/referrals", sender, receiver=str(tokens.agency("iom"))) == set()
    unhcr = str(tokens.agency("unhcr"))
    assert {own, other} <= await listed("/referrals/received", receiver, sender=unhcr)


@pytest.mark.parametrize(
    "wrong", [{"state": "lost"}, {"updated_after": "2026-11-30"}, {"updated_after": "1796000000"}]
)
async def test_filter_that_nothing_can_meet_is_refused(api, sender, wrong):
    assert (await api.get("/referrals", params=wrong, headers=sender)).status_code == 422


@pytest.mark.parametrize(
    ("column", "index"), [("service_id", "referral_service"), ("state", "referral_state")]
)
def test_page_of_a_filtered_list_is_read_from_its_index(service_database, column, index):
    """Explain the page: it comes from one index in its order, no row of another service is read, and none is sorted."""
    value = "requested" if column == "state" else uuid4()
    with psycopg.connect(service_database.admin) as admin:
        admin.execute(
            "UPDATE pg_class SET reltuples = 1e6, relpages = 1 WHERE oid = 'data.referral'::regclass"
        )
        (plans,) = admin.execute(
            f"""EXPLAIN (FORMAT JSON) SELECT * FROM data.referral WHERE agency = %s AND {column} = %s
            ORDER BY created DESC, id DESC LIMIT 51""".encode(),
            [uuid4(), value],
        ).fetchone()
        admin.rollback()
    (scan,) = plans[0]["Plan"]["Plans"]
    assert (scan["Node Type"], scan["Index Name"]) == ("Index Scan", index)
    assert "Filter" not in scan
