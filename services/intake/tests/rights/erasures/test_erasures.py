"""Erasure: who may do it and when, what is left, and that no route fails on a person who is gone."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from intake.service import service
from solidary.language.country import load_pack
from solidary.language.events.cash import PaymentDelivered, PaymentFailed
from solidary.language.events.intake import PersonErased
from solidary.language.events.referrals import ReferralStarted
from solidary.platform.identity import Duty
from solidary_testing import eventually
from solidary_testing.services import notices_for

WANTED = {"given_name": "Yuleisy", "surname": "Zambrano Canarés", "born": "1992-05-17"}
REQUESTED = {"reason": "requested"}


@pytest.fixture
def officer(tokens):
    """The headers of UNHCR's data protection officer."""
    return tokens.of("unhcr", Duty.DATA_PROTECTION_OFFICER)


async def test_an_erased_person_is_gone_from_every_route(api, desk, officer, register, consent, tokens):
    family = await register()
    granted = await consent(family.mother, tokens.agency("chorrera"))
    everything = tokens.of("unhcr", *Duty)
    visit = {"centre": "norte", "reason": "advice", "note": "Yuleisy came alone."}
    await api.post(f"/people/{family.mother}/visits", json=visit, headers=desk)
    search = (await api.post("/people/search", json=WANTED, headers=desk)).json()
    assert str(family.mother) in {found["person_id"] for found in search["candidates"]}

    erased = await api.post(f"/people/{family.mother}/erasure", json=REQUESTED, headers=officer)
    assert (erased.status_code, erased.json()["reason"]) == (201, "requested")
    assert (await api.get(erased.headers["location"], headers=officer)).json() == erased.json()

    for route in service.routes:
        if "{person_id}" not in route.path or route.path.endswith("/erasure"):
            continue
        path = route.path.replace("{person_id}", str(family.mother))
        for name in ("visit_id", "need_id", "procedure_id", "guidance_id", "legal_hold_id", "assignment_id"):
            path = path.replace(f"{{{name}}}", str(uuid4()))
        for method in route.methods:
            answer = await api.request(method, path, headers=everything, json={} if method != "GET" else None)
            assert answer.status_code in (404, 410, 422), (method, path, answer.text)
            assert method != "GET" or answer.status_code in (404, 410), (method, path, answer.text)
    receiver = tokens.carried(tokens.of("chorrera", Duty.PROVIDER), by="referrals", to="intake")
    package = await api.get(f"/packages/{granted['package_id']}", headers=receiver)
    assert package.status_code == 404
    assert (await api.get(f"/searches/{search['search_id']}", headers=desk)).status_code == 404
    found = (await api.post("/people/search", json=WANTED, headers=desk)).json()["candidates"]
    assert str(family.mother) not in {candidate["person_id"] for candidate in found}
    household = (await api.get(f"/households/{family.household}", headers=desk)).json()
    assert {member["person_id"] for member in household["members"]} == {
        str(family.child),
        str(family.grandmother),
    }


async def test_only_a_data_protection_officer_of_the_persons_agency_erases(api, register, tokens):
    family = await register()
    path = f"/people/{family.mother}/erasure"
    for duty in set(Duty) - {Duty.DATA_PROTECTION_OFFICER}:
        assert (await api.post(path, json=REQUESTED, headers=tokens.of("unhcr", duty))).status_code == 403
    stranger = tokens.of("iom", Duty.DATA_PROTECTION_OFFICER)
    assert (await api.post(path, json=REQUESTED, headers=stranger)).status_code == 404
    officer = tokens.of("unhcr", Duty.DATA_PROTECTION_OFFICER)
    assert (await api.post(path, json={"reason": "because"}, headers=officer)).status_code == 422


async def test_nothing_of_the_person_is_left_in_any_table(
    api, desk, officer, family, register, consent, tokens, test_database
):
    body = family()
    body["members"] = [body["members"][0] | {"given_name": "Xiomara", "surname": "Inolvidable"}]
    registration = f"/registrations/{uuid4()}"
    registered = (await api.put(registration, json=body, headers=desk)).json()
    person = registered["members"][0]["person_id"]
    await consent(person, tokens.agency("chorrera"))
    assert (await api.post(f"/people/{person}/erasure", json=REQUESTED, headers=officer)).status_code == 201
    with psycopg.connect(test_database.admin) as admin:
        left = {
            table
            for schema, table in admin.execute(
                """SELECT schemaname, tablename FROM pg_tables
                WHERE schemaname IN ('data', 'keys', 'machinery', 'published')"""
            ).fetchall()
            for (row,) in admin.execute(f'SELECT t::text FROM {schema}."{table}" t').fetchall()
            if person in row
        }
    assert left <= {"access_entry", "erasure", "outbox", "aggregate_sequence"}
    again = await api.put(registration, json=body, headers=desk)
    assert again.status_code == 409, "a repeated request does not register an erased person again"


@pytest.mark.parametrize("begins", ["row", "erasure"])
async def test_a_row_written_while_the_erasure_commits_does_not_survive(
    api, desk, officer, register, test_database, tokens, begins
):
    """Write a row about the person in a transaction that is open while they are erased."""
    family = await register()
    agency = str(tokens.agency("unhcr"))
    write = """INSERT INTO data.timeline_entry (id, root, kind, at)
        VALUES (gen_random_uuid(), %s, 'referral_accepted', now())"""
    scope = "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)"
    erase = f"/people/{family.mother}/erasure"
    with psycopg.connect(test_database.roles["app"]) as app:
        app.execute(scope, (agency, agency))
        if begins == "row":
            app.execute(write, (family.mother,))
        assert (await api.post(erase, json=REQUESTED, headers=officer)).status_code == 201
        if begins == "erasure":
            app.execute(write, (family.mother,))
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            app.commit()
    with psycopg.connect(test_database.admin) as admin:
        left = admin.execute("SELECT count(*) FROM data.timeline_entry WHERE root = %s", (family.mother,))
        assert left.fetchone() == (0,)


async def test_an_erasure_waits_for_a_row_that_is_being_committed_and_deletes_it(
    officer, api, register, test_database, tokens
):
    """Let the row's check lock the person before the erasure begins."""
    family = await register()
    agency = str(tokens.agency("unhcr"))
    with psycopg.connect(test_database.roles["app"]) as app:
        app.execute(
            "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)", (agency, agency)
        )
        app.execute("SET CONSTRAINTS ALL IMMEDIATE")
        app.execute(
            """INSERT INTO data.timeline_entry (id, root, kind, at)
            VALUES (gen_random_uuid(), %s, 'referral_accepted', now())""",
            (family.mother,),
        )
        erasing = asyncio.create_task(
            api.post(f"/people/{family.mother}/erasure", json=REQUESTED, headers=officer)
        )
        await eventually(lambda: _waits_for_a_lock(test_database), what="the erasure's wait")
        app.commit()
        assert (await erasing).status_code == 201
    with psycopg.connect(test_database.admin) as admin:
        left = admin.execute("SELECT count(*) FROM data.timeline_entry WHERE root = %s", (family.mother,))
        assert left.fetchone() == (0,)


async def _waits_for_a_lock(test_database) -> bool:
    with psycopg.connect(test_database.admin) as admin:
        (waiting,) = admin.execute(
            """SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'"""
        ).fetchone()
    return waiting > 0


async def test_consents_that_an_erased_adult_gave_for_a_child_end_without_their_name(
    api, desk, officer, register, consent, tokens, test_database
):
    family = await register()
    given = await consent(family.child, tokens.agency("chorrera"), given_by=str(family.mother), assent=True)
    await api.post(f"/people/{family.mother}/erasure", json=REQUESTED, headers=officer)
    ended = (await api.get(f"/consents/{given['consent_id']}", headers=desk)).json()
    assert ended["state"] == "withdrawn"
    with psycopg.connect(test_database.admin) as admin:
        packages = "SELECT count(*) FROM data.package WHERE id = %s"
        assert admin.execute(packages, (given["package_id"],)).fetchone() == (0,)


async def test_the_last_of_a_household_takes_the_household_along(api, desk, officer, register):
    family = await register()
    for person in (family.mother, family.child, family.grandmother):
        erased = await api.post(f"/people/{person}/erasure", json=REQUESTED, headers=officer)
        assert erased.status_code == 201
    assert (await api.get(f"/households/{family.household}", headers=desk)).status_code == 404


async def test_an_erasure_is_published_to_the_recipients(
    api, officer, register, consent, tokens, test_database
):
    family = await register()
    await consent(family.mother, tokens.agency("chorrera"))
    await api.post(f"/people/{family.mother}/erasure", json=REQUESTED, headers=officer)
    for agency in ("unhcr", "chorrera"):
        notices = notices_for(test_database, tokens.agency(agency))
        erased = [each["data"] for each in notices if each["type"] == PersonErased.type]
        assert {"person_id": str(family.mother)} in erased


async def test_an_event_about_an_erased_person_adds_nothing(
    api, officer, register, consent, consume, test_database, tokens
):
    family = await register()
    unhcr, chorrera = tokens.agency("unhcr"), tokens.agency("chorrera")
    package = (await consent(family.mother, chorrera))["package_id"]
    referral = await _use(api, package, tokens.service("referrals", acting_for=chorrera))
    erased = await api.post(f"/people/{family.mother}/erasure", json=REQUESTED, headers=officer)
    assert erased.status_code == 201, erased.text
    await consume(ReferralStarted(referral_id=referral), unhcr)
    with psycopg.connect(test_database.admin) as admin:
        entries = "SELECT count(*) FROM data.timeline_entry WHERE root = %s"
        assert admin.execute(entries, (family.mother,)).fetchone() == (0,)


async def test_a_repeated_erasure_gets_the_first_answer(api, officer, register):
    family = await register()
    headers = officer | {"Idempotency-Key": str(uuid4())}
    path = f"/people/{family.mother}/erasure"
    first, again = [await api.post(path, json=REQUESTED, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert (await api.post(path, json=REQUESTED, headers=officer)).status_code == 404


async def test_a_hold_for_proceedings_refuses_until_it_is_lifted(
    api, officer, register, test_database, tokens
):
    family = await register()
    until = (date.today() + timedelta(days=30)).isoformat()
    holds = f"/people/{family.mother}/legal-holds"
    placed = await api.post(holds, json={"reason": "complaint", "until": until}, headers=officer)
    assert placed.status_code == 201
    refused = await api.post(f"/people/{family.mother}/erasure", json=REQUESTED, headers=officer)
    assert (refused.status_code, refused.json()["type"]) == (
        409,
        "urn:solidary:problem:person-under-legal-hold",
    )
    assert until in refused.json()["detail"]
    assert refused.json()["errors"][0]["pointer"] == "proceedings"
    with psycopg.connect(test_database.roles["app"]) as app, pytest.raises(psycopg.errors.CheckViolation):
        scope = "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)"
        app.execute(scope, (str(tokens.agency("unhcr")),) * 2)
        app.execute(
            "INSERT INTO data.erasure (id, root, reason) VALUES (%(p)s, %(p)s, '-')", {"p": family.mother}
        )
    lifted = await api.post(f"{placed.headers['location']}/lift", headers=officer)
    assert lifted.json()["lifted"]
    erased = await api.post(f"/people/{family.mother}/erasure", json=REQUESTED, headers=officer)
    assert erased.status_code == 201


async def test_a_payee_is_held_while_a_payment_is_open_and_then_for_the_audit(
    api, officer, register, consent, tokens, consume, read_payees
):
    family = await register()
    iom = tokens.agency("iom")
    cash = {"purpose": "cash", "categories": ["household_profile", "payee"]}
    package = (await consent(family.mother, iom, **cash))["package_id"]
    first, second, third = uuid4(), uuid4(), uuid4()

    async def order(*payment_ids):
        payments = [{"payment_id": str(payment_id), "package_id": package} for payment_id in payment_ids]
        ordered = await read_payees.read(await read_payees.permit(payments), payments)
        assert len(ordered.json()) == 1

    await order(first, second)
    periods = load_pack("PA").data_protection

    open_until = datetime.now(UTC).date() + timedelta(days=periods.open_payment_days)
    assert await _holds(api, officer, family.mother) == {"open_payment": open_until.isoformat()}
    assert (
        await api.post(f"/people/{family.child}/erasure", json=REQUESTED, headers=officer)
    ).status_code == 201

    case = {"enrolment_id": await _use(api, package, tokens.service("cash", acting_for=iom))}
    await consume(PaymentFailed(payment_id=first, not_sent="no_account", **case), iom)
    assert await _holds(api, officer, family.mother) == {"open_payment": open_until.isoformat()}
    await consume(PaymentFailed(payment_id=second, **case), iom)
    assert await _holds(api, officer, family.mother) == {}
    await consume(PaymentFailed(payment_id=third, not_sent="no_account", **case), iom)
    await order(first, second, third)
    assert await _holds(api, officer, family.mother) == {}, "outcomes that came before"
    await consume(PaymentDelivered(payment_id=second, **case), iom)
    await consume(PaymentFailed(payment_id=second, **case), iom)
    audit_until = f"{datetime.now(UTC).year + periods.audit_years}-12-31"
    assert await _holds(api, officer, family.mother) == {"financial_records": audit_until}
    assert await _holds(api, officer, family.grandmother) == {}


async def _use(api, package, service) -> UUID:
    """Use the consent of a package, for a referral or an enrolment, and return its id."""
    reference = uuid4()
    used = await api.post(f"/packages/{package}/uses", json={"reference": str(reference)}, headers=service)
    assert used.status_code == 200, used.text
    return reference


async def _holds(api, officer, person) -> dict[str, str]:
    """Return the kinds of holds that an attempt at an erasure names, with their last days; nobody is erased."""
    listed = (await api.get(f"/people/{person}/legal-holds", headers=officer)).json()
    in_force = {hold["kind"]: hold["until"] for hold in listed if hold["lifted"] is None}
    if in_force:
        refused = await api.post(f"/people/{person}/erasure", json=REQUESTED, headers=officer)
        assert refused.status_code == 409
        assert {
            error["pointer"]: error["detail"] for error in refused.json()["errors"]
        }.keys() == in_force.keys()
        assert all(until in refused.text for until in in_force.values())
    return in_force
