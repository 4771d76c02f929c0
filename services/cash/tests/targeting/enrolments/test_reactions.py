"""Enrolments by referrals under consents, the fetching of profiles, and their end."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest
from cash.service import service
from cash.targeting.enrolments import commands
from cash.targeting.enrolments.jobs import fetch_missing_profiles
from cash.targeting.enrolments.referred import take_in_pending_referrals
from solidary.language.events.intake import ConsentEnded, HouseholdChanged, PersonErased
from solidary.language.events.referrals import ReferralAccepted
from solidary.platform.identity import Duty, Principal
from solidary_testing import eventually


@pytest.fixture
async def programme(world) -> str:
    return await world.programme(await world.budget_line())


async def enrolments(world, programme) -> list[dict[str, object]]:
    return (await world.api.get(f"/programmes/{programme}/enrolments", world.maker)).json()["items"]


async def one(world, programme) -> dict[str, object]:
    (found,) = await enrolments(world, programme)
    return found


async def test_accepted_cash_referral_enrols_and_fetches_the_profile_for_the_agency(world, programme):
    household = await world.household()
    shown = await one(world, programme)
    assert (shown["household_id"], shown["state"], shown["profile_version"]) == (
        str(household.id),
        "enrolled",
        1,
    )
    assert (f"/profiles/{household.id}", str(world.iom)) in world.intake.requests


async def test_referral_that_is_not_for_cash_or_has_no_consent_enrols_nobody(world, programme):
    unknown, ended = world.stranger(), world.stranger()
    await world.bus.deliver(ReferralAccepted(referral_id=unknown.id), world.unhcr)
    await world.accept(ended)
    other = world.stranger()
    world.grant(other, purpose="referral")
    await world.accept(other)
    elsewhere = world.stranger()
    world.grant(elsewhere, recipient=str(world.chorrera))
    await world.accept(elsewhere)
    await world.jobs()
    assert await enrolments(world, programme) == []


async def test_intake_learns_the_enrolment_under_which_payments_are_published(world, programme):
    household = await world.household()
    shown = await one(world, programme)
    assert (str(household.package), shown["id"]) in world.intake.uses


async def test_profile_is_deleted_when_the_consent_ends(world, programme, place):
    household = await world.household()
    await world.end_consent(household)
    with psycopg.connect(place.admin) as admin:
        kept = admin.execute(
            """SELECT profile, (SELECT count(*) FROM data.consent WHERE id = %s) FROM data.enrolment
            WHERE household_id = %s""",
            [household.consent, household.id],
        ).fetchone()
    assert kept == (None, 0)


async def test_referral_without_a_programme_waits_for_a_manual_enrolment(world):
    closed = await world.programme(await world.budget_line(), takes_referrals=False)
    other = await world.household()
    waiting = (await world.api.get("/referred-households", world.maker)).json()["items"]
    referral = next(each["id"] for each in waiting if each["household_id"] == str(other.id))
    place = f"/programmes/{closed}/enrolments"
    made = await world.api.post(place, world.maker, {"referral_id": referral})
    assert made.status_code == 201
    again = await world.api.post(place, world.maker, {"referral_id": referral})
    assert (again.status_code, again.json()["title"]) == (
        409,
        service.constraint_problems["enrolment_once"].title,
    )


async def test_end_of_a_consent_stops_new_payments_and_keeps_due_ones(world, programme):
    household = await world.household()
    plan = await world.plan(programme, "populate")
    await world.end_consent(household)
    assert (await one(world, programme))["state"] == "consent_ended"
    assert (await world.api.get(plan, world.maker)).json()["payment_count"] == 1
    later = await world.plan(programme, "populate", cycle=world.cycles[1])
    assert (await world.api.get(later, world.maker)).json()["payment_count"] == 0


async def test_changed_household_is_fetched_again_and_an_older_profile_is_ignored(world, programme):
    household = await world.household()
    world.intake.profiles[str(household.id)] |= {"version": 4, "size": 5}
    await world.bus.deliver(HouseholdChanged(household_id=household.id, version=4), world.unhcr)
    await world.jobs()
    assert (await one(world, programme))["profile_version"] == 4
    world.intake.profiles[str(household.id)] |= {"version": 2}
    await world.bus.deliver(HouseholdChanged(household_id=household.id, version=5), world.unhcr)
    await world.jobs()
    assert (await one(world, programme))["profile_version"] == 4
    requests = len(world.intake.requests)
    await world.bus.deliver(HouseholdChanged(household_id=household.id, version=4), world.unhcr)
    await world.jobs()
    assert len(world.intake.requests) == requests


async def test_household_with_a_refused_profile_is_not_paid(world, programme):
    world.intake.refuses_profiles = True
    await world.household()
    assert (await one(world, programme))["profile_version"] is None
    plan = await world.plan(programme, "populate")
    shown = (await world.api.get(plan, world.maker)).json()
    assert (shown["payment_count"], shown["excluded_count"]) == (0, 1)


async def test_profile_of_an_erased_person_is_deleted(world, programme, place):
    household = await world.household()
    await world.bus.deliver(PersonErased(person_id=household.person), world.unhcr)
    assert (await one(world, programme))["state"] == "consent_ended"
    with psycopg.connect(place.admin) as admin:
        kept = admin.execute(
            "SELECT profile FROM data.enrolment WHERE household_id = %s", [household.id]
        ).fetchone()
    assert kept == (None,)


async def test_nothing_of_an_erased_person_but_ids_is_left(world, programme, place):
    household = await world.household(tokens=["canary-token"], account_fingerprint="canary-account")
    canaries = "SELECT count(*) FROM data.{} t WHERE t::text LIKE '%%canary%%'"
    consents = "SELECT count(*) FROM data.consent WHERE person_id = %s"
    with psycopg.connect(place.admin, autocommit=True) as admin:

        def left() -> list[int]:
            found = [admin.execute(canaries.format(table)) for table in ("enrolment", "household_token")]
            return [row[0] for each in found for row in each] + [
                row[0] for row in admin.execute(consents, [household.person])
            ]

        assert left() == [1, 1, 1]
        await world.bus.deliver(PersonErased(person_id=household.person), world.unhcr)
        assert left() == [0, 0, 0]


async def test_other_agency_sees_neither_the_household_nor_its_enrolment(world, programme, tokens):
    household = await world.household()
    stranger = tokens.of("casa-abierta", Duty.CASH_MAKER)
    shown = await one(world, programme)
    assert (await world.api.get(f"/enrolments/{shown['id']}", stranger)).status_code == 404
    assert (await world.api.get("/referred-households", stranger)).json()["items"] == []
    body = {"referral_id": shown["referral_id"]}
    refused = await world.api.post(f"/programmes/{programme}/enrolments", stranger, body)
    assert refused.status_code == 404
    assert str(household.id) not in refused.text


@pytest.fixture
def waits(place):
    """A function that returns when a transaction waits for a lock on a consent."""

    async def until():
        with psycopg.connect(place.admin) as admin:
            return admin.execute(
                """SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
                WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"""
            ).fetchone()[0]

    return lambda: eventually(until, what="a transaction that waits")


def withdrawn(household) -> ConsentEnded:
    return ConsentEnded(consent_id=household.consent)


async def test_concurrent_enrolment_and_withdrawal_leave_nobody_enrolled(world, waits):
    closed = await world.programme(await world.budget_line(), takes_referrals=False)
    household = await world.household()
    waiting = (await world.api.get("/referred-households", world.maker)).json()["items"]
    referral = next(each["id"] for each in waiting if each["household_id"] == str(household.id))
    maker = Principal(uuid4(), world.iom, "iom", frozenset())
    async with world.database.unit(maker) as unit:
        await commands.enrol(unit, UUID(closed), UUID(referral))
        withdrawal = asyncio.create_task(world.bus.deliver(withdrawn(household), world.unhcr))
        await waits()
    await withdrawal
    assert (await one(world, closed))["state"] == "consent_ended"


async def test_consent_that_ends_while_the_household_is_taken_in_leaves_nobody_enrolled(
    world, programme, waits
):
    await world.jobs()
    household = world.stranger()
    world.grant(household)
    ends: list[asyncio.Task[None]] = []

    async def end_meanwhile() -> None:
        ends.append(asyncio.create_task(world.end_consent(household)))
        await waits()
        world.grant(household)  # intake's answer was on its way

    await world.accept(household)

    async def after_the_referral() -> None:
        world.intake.meanwhile = end_meanwhile

    world.intake.meanwhile = after_the_referral
    await world.jobs()
    await ends[0]
    assert (await one(world, programme))["state"] == "consent_ended"


async def test_second_referral_of_an_enrolled_household_is_recorded_and_parks_nothing(
    world, programme, place
):
    household = await world.household()
    again = await world.accept(household)
    await world.jobs()
    assert (await one(world, programme))["household_id"] == str(household.id)
    kept = (await world.api.get("/referred-households", world.maker)).json()["items"]
    assert str(again) in [each["id"] for each in kept]
    with psycopg.connect(place.admin) as admin:
        parked = admin.execute("SELECT count(*) FROM machinery.parked_key WHERE key = %s", [str(again)])
        assert parked.fetchone() == (0,)


async def test_household_stays_enrolled_under_its_second_consent_when_the_first_ends(world, programme):
    first = await world.household()
    second = await world.household(of=first)
    assert (await one(world, programme))["collector"] == str(first.person)
    await world.bus.deliver(withdrawn(first), world.unhcr)
    shown = {each["state"]: each["collector"] for each in await enrolments(world, programme)}
    assert shown == {"consent_ended": str(first.person), "enrolled": str(second.person)}
    await world.jobs()
    await world.bus.deliver(PersonErased(person_id=second.person), world.unhcr)
    assert {each["state"] for each in await enrolments(world, programme)} == {"consent_ended"}


@pytest.mark.parametrize("event", ["erased", "withdrawn"])
async def test_profile_that_arrives_after_the_end_is_not_kept(world, programme, place, event):
    household = await world.household()
    world.intake.profiles[str(household.id)] |= {"version": 2}
    await world.bus.deliver(HouseholdChanged(household_id=household.id, version=2), world.unhcr)
    ends = PersonErased(person_id=household.person) if event == "erased" else withdrawn(household)
    world.intake.meanwhile = lambda: world.bus.deliver(ends, world.unhcr)
    await world.jobs()
    assert (await one(world, programme))["state"] == "consent_ended"
    with psycopg.connect(place.admin) as admin:
        known = admin.execute(
            "SELECT profile, profile_version FROM data.enrolment WHERE household_id = %s", [household.id]
        ).fetchone()
    assert known == (None, 1)


async def test_missing_profile_is_requested_again_by_the_timer(world, programme, place):
    known = await world.household()
    world.intake.is_down = True
    new = await world.household()
    world.intake.profiles[str(known.id)] |= {"version": 2}
    await world.bus.deliver(HouseholdChanged(household_id=known.id, version=2), world.unhcr)
    await world.jobs()
    world.intake.is_down = False
    with psycopg.connect(place.admin, autocommit=True) as admin:
        admin.execute("DELETE FROM machinery.procrastinate_jobs WHERE task_name = 'fetch_profile'")
        admin.execute("UPDATE data.enrolment SET created = created - interval '6 minutes'")
    await fetch_missing_profiles(world.database)
    await fetch_missing_profiles(world.database)
    before = len(world.intake.requests)
    await world.jobs()
    versions = {each["household_id"]: each["profile_version"] for each in await enrolments(world, programme)}
    assert versions == {str(known.id): 2, str(new.id): 1}
    paths = [path for path, _ in world.intake.requests[before:]]
    assert [paths.count(f"/profiles/{each.id}") for each in (known, new)] == [1, 1]


async def test_referral_is_taken_in_by_the_timer_when_intake_answers_again(world, programme, place):
    world.intake.is_unreachable = True
    household = await world.household()
    assert await enrolments(world, programme) == []
    world.intake.is_unreachable = False
    with psycopg.connect(place.admin, autocommit=True) as admin:
        admin.execute("DELETE FROM machinery.procrastinate_jobs WHERE task_name = 'take_in_referral'")
        admin.execute("UPDATE data.pending_referral SET requested = requested - interval '6 minutes'")
    await take_in_pending_referrals(world.database)
    await world.jobs()
    assert (await one(world, programme))["household_id"] == str(household.id)
    with psycopg.connect(place.admin) as admin:
        assert admin.execute("SELECT count(*) FROM data.pending_referral").fetchone() == (0,)


async def test_refused_profile_is_not_requested_again(world, programme, place):
    world.intake.refuses_profiles = True
    await world.household()
    with psycopg.connect(place.admin, autocommit=True) as admin:
        admin.execute("UPDATE data.enrolment SET created = created - interval '6 minutes'")
    requests = len(world.intake.requests)
    await fetch_missing_profiles(world.database)
    await world.jobs()
    assert len(world.intake.requests) == requests
