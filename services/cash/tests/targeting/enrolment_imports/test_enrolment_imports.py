"""The import of enrolments: the checks of one enrolment for each row, and no household twice."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from cash.targeting.enrolment_imports import commands
from cash.targeting.enrolment_imports.records import EnrolmentBatch, EnrolmentLine
from solidary.platform.identity import Duty, Principal
from solidary_testing.statements import recorded_statements
from solidary_testing.tokens import subject_of

CSV = {"Content-Type": "text/csv"}


@pytest.fixture
async def programme(world):
    """A programme in which nobody is enrolled by a referral."""
    return await world.programme(await world.budget_line(), takes_referrals=False)


@pytest.fixture
def refer(world):
    """Refer households to IOM; return their referrals."""

    async def refer(count=1):
        found = []
        for _ in range(count):
            household = await world.household()
            query = {"household_id": str(household.id)}
            listed = await world.api.get("/referred-households", world.maker, params=query)
            found.append(listed.json()["items"][0]["id"])
        return found

    return refer


@pytest.fixture
def import_file(world, programme):
    """Import a file into the programme; return the states and the faults by line."""

    async def run(content, headers=None, media_type=CSV, **query):
        headers = headers or world.maker
        given = {"programme_id": programme, **query}
        sent = await world.api.post(
            "/imports/enrolments", headers | media_type, params=given, content=content
        )
        assert sent.status_code == 202, sent.text
        await world.jobs()
        work = (await world.api.get(f"/work/{sent.json()['id']}", headers)).json()
        assert (work["state"], work["failure"]) == ("done", None)
        rows = (await world.api.get(f"{work['result']}/rows", headers)).json()["items"]
        return {row["line"]: row["state"] for row in rows}, {row["line"]: row["faults"] for row in rows}

    return run


def csv_of(*referrals):
    return "\n".join(["referral_id", *referrals]).encode()


async def test_rows_are_enrolled_once_with_their_profiles(world, programme, refer, import_file):
    first, second = await refer(2)
    states, _ = await import_file(csv_of(first, second, first), dry_run=True)
    assert states == {2: "added", 3: "added", 4: "existing"}
    listed = f"/programmes/{programme}/enrolments"
    assert (await world.api.get(listed, world.maker)).json()["items"] == []
    states, _ = await import_file(csv_of(first, second, first))
    assert states == {2: "added", 3: "added", 4: "existing"}
    await world.jobs()
    enrolled = (await world.api.get(listed, world.maker)).json()["items"]
    assert {each["referral_id"] for each in enrolled} == {first, second}
    assert all(each["profile_version"] is not None for each in enrolled)
    states, _ = await import_file(csv_of(first, second))
    assert states == {2: "existing", 3: "existing"}
    assert len((await world.api.get(listed, world.maker)).json()["items"]) == 2


async def test_wrong_rows_are_reported_and_the_others_enrolled(world, refer, import_file):
    (good,) = await refer()
    states, faults = await import_file(csv_of("7", str(uuid4()), good, "=A1"))
    assert states == {2: "refused", 3: "refused", 4: "added", 5: "refused"}
    assert [faults[line][0]["place"] for line in (2, 3, 5)] == ["referral_id"] * 3
    assert "no household" in faults[3][0]["detail"]


async def test_lines_of_json_that_are_no_enrolment_are_reported(refer, import_file):
    (good,) = await refer()
    lines = [f'{{"referral_id": "{good}"}}', "[1]", "[]", "7", '{"referral_id": 7}', "{", '{"other": 1}']
    media_type = {"Content-Type": "application/x-ndjson"}
    states, faults = await import_file("\n".join(lines).encode(), media_type=media_type)
    assert states == {1: "added", **dict.fromkeys(range(2, 8), "refused")}
    assert all(faults[line][0]["detail"].endswith((".", ").")) for line in range(2, 8))


async def test_row_under_a_consent_that_has_ended_is_refused(world, refer, import_file, place):
    ended, good = await refer(2)
    with psycopg.connect(place.admin) as admin:
        admin.execute(
            """DELETE FROM data.consent WHERE id =
            (SELECT consent_id FROM data.referred_household WHERE id = %s)""",
            [ended],
        )
    states, faults = await import_file(csv_of(ended, good))
    assert states == {2: "refused", 3: "added"}
    assert "consent has ended" in faults[2][0]["detail"]


async def test_household_of_another_agency_is_refused_like_an_unknown_one(world, refer, import_file, tokens):
    (own,) = await refer()
    stranger = tokens.of("unhcr", Duty.CASH_MAKER)
    sent = await world.api.post(
        "/imports/enrolments",
        stranger | CSV,
        params={"programme_id": str(uuid4())},
        content=csv_of(own),
    )
    assert sent.status_code == 404
    states, _ = await import_file(csv_of(own))
    assert states == {2: "added"}


async def test_importer_is_a_maker_of_the_payments(world, programme, refer, import_file, place):
    (referral,) = await refer()
    await import_file(csv_of(referral))
    with psycopg.connect(place.admin) as admin:
        rows = admin.execute("SELECT enrolled_by FROM data.enrolment WHERE referral_id = %s", [referral])
        assert [str(by) for (by,) in rows] == [str(subject_of(world.maker))]


async def test_statements_of_a_batch_do_not_grow_with_it(world, programme, refer):
    importer = Principal(subject_of(world.maker), world.iom, "iom", frozenset())

    async def statements(referrals):
        items = [EnrolmentLine(line=line, referral_id=each) for line, each in enumerate(referrals, 2)]
        content = EnrolmentBatch(programme_id=programme, items=items).model_dump_json().encode()
        async with world.database.unit(importer) as unit:
            with recorded_statements() as sent:
                reports = await commands.apply_batch(unit, content, dry_run=False)
        assert [report.state for report in reports] == ["added"] * len(referrals)
        return len(sent)

    assert await statements(await refer(8)) == await statements(await refer(2))
