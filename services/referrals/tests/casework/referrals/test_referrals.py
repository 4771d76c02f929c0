from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest
from solidary.language.events.intake import ConsentEnded, PersonErased
from solidary.platform.identity import Duty


async def take_step(api, headers, referral, step, **body):
    return await api.post(f"/referrals/{referral['referral_id']}/{step}", json=body or None, headers=headers)


async def test_receiver_sees_the_preview_then_the_package_and_sender_sees_each_step(
    api, refer, sender, receiver, intake, tokens, events_of
):
    sent = await refer()
    where = f"/referrals/{sent['referral_id']}"
    seen = (await api.get(where, headers=receiver)).json()
    assert not {"person_id", "consent_id", "package_id"} & seen.keys()
    assert (UUID(sent["package_id"]), sent["referral_id"]) in intake.uses
    coded = {"needs": ["CR-NE"], "age_band": "5-11", "language": "spa"}
    intake.previews[UUID(sent["package_id"])] = coded
    preview = await api.get(f"{where}/preview", headers=receiver)
    assert preview.json() == {"referral_id": sent["referral_id"], **coded}
    assert preview.headers["cache-control"] == "no-store"
    assert (await api.get(f"{where}/preview", headers=sender)).status_code == 403
    assert (await api.get(f"{where}/package", headers=receiver)).status_code == 409

    chorrera = str(tokens.agency("chorrera"))
    intake.packages[UUID(sent["package_id"])] = (chorrera, {"given_name": "Brayan"})
    assert (await take_step(api, receiver, sent, "accept")).json()["state"] == "accepted"
    package = await api.get(f"{where}/package", headers=receiver)
    assert (package.status_code, package.json()["data"]) == (200, {"given_name": "Brayan"})
    assert package.headers["cache-control"] == "no-store"
    assert intake.requests[-1] == (UUID(sent["package_id"]), chorrera)

    assert (await take_step(api, receiver, sent, "start")).json()["state"] == "in_progress"
    done = await take_step(api, receiver, sent, "complete", outcome="service_provided")
    assert (done.json()["state"], done.json()["outcome"]) == ("completed", "service_provided")
    for content in ("package", "preview"):
        assert (await api.get(f"{where}/{content}", headers=receiver)).status_code == 409

    steps = (await api.get(f"{where}/steps", headers=sender)).json()
    assert [step["to_state"] for step in steps] == ["requested", "accepted", "in_progress", "completed"]
    facts = events_of(sent["referral_id"])
    assert [fact["fact"] for fact in facts] == ["requested", "accepted", "started", "completed"]
    assert all(fact["agency"] == tokens.agency("unhcr") for fact in facts)
    assert all(fact["fields"] == {"referral_id": sent["referral_id"]} for fact in facts)


async def test_other_agencies_do_not_find_a_referral(api, refer, tokens):
    sent = await refer()
    where = f"/referrals/{sent['referral_id']}"
    for agency in ("iom", "casa-abierta"):
        other = tokens.of(agency, Duty.CASE_WORKER, Duty.PROVIDER)
        for path in (where, f"{where}/steps", f"{where}/package"):
            assert (await api.get(path, headers=other)).status_code == 404
        for verb, body in (
            ("accept", None),
            ("start", None),
            ("hold", None),
            ("complete", {"outcome": "service_provided"}),
            ("fail", {"reason": "other"}),
            ("reject", {"reason": "other", "comment": "x"}),
            ("cancel", {"reason": "other"}),
            ("entered-in-error", None),
        ):
            assert (await api.post(f"{where}/{verb}", json=body, headers=other)).status_code == 404, verb
        assert (await api.get("/referrals", headers=other)).json()["items"] == []
        assert (await api.get("/referrals/received", headers=other)).json()["items"] == []


async def test_rejection_leaves_the_sender_a_draft_and_the_receiver_its_decision(
    api, refer, sender, receiver, run_jobs, events_of
):
    sent = await refer()
    where = f"/referrals/{sent['referral_id']}"
    for body in ({"reason": "no_capacity"}, {"reason": "no_capacity", "comment": "  "}, {"comment": "full"}):
        assert (await take_step(api, receiver, sent, "reject", **body)).status_code == 422
    headers = receiver | {"Idempotency-Key": str(uuid4())}
    body = {"reason": "no_capacity", "comment": "Sin cupo hasta marzo"}
    answers = [await take_step(api, headers, sent, "reject", **body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (await api.get(where, headers=receiver)).status_code == 404

    known = (await api.get(where, headers=sender)).json()
    assert (known["state"], known["reason"], known["comment"]) == (
        "rejected",
        "no_capacity",
        "Sin cupo hasta marzo",
    )
    assert "marzo" not in str(events_of(sent["referral_id"]))
    await run_jobs()
    mine = (await api.get("/referrals", params={"person_id": sent["person_id"]}, headers=sender)).json()
    draft = mine["items"][0]
    assert (draft["state"], draft["replaces"]) == ("draft", sent["referral_id"])
    assert (await api.get(f"/referrals/{draft['referral_id']}", headers=receiver)).status_code == 404


async def test_draft_is_sent_to_another_service_under_its_own_consent(
    api, refer, sender, receiver, run_jobs, grant_consent, create_service, events_of
):
    sent = await refer()
    await take_step(api, receiver, sent, "reject", reason="no_capacity", comment="full")
    await run_jobs()
    mine = (await api.get("/referrals", params={"person_id": sent["person_id"]}, headers=sender)).json()
    draft = mine["items"][0]
    granted = await grant_consent(person_id=UUID(sent["person_id"]))
    other = await create_service()
    body = {
        "service_id": other["service_id"],
        "consent_id": str(granted.consent_id),
        "package_id": str(granted.package_id),
    }
    gone = await take_step(api, sender, draft, "send", **body)
    assert (gone.status_code, gone.json()["state"], gone.json()["replaces"]) == (
        200,
        "requested",
        sent["referral_id"],
    )
    assert (await api.get(gone.headers["location"], headers=receiver)).status_code == 200
    assert [fact["fact"] for fact in events_of(draft["referral_id"])] == ["requested"]


@pytest.mark.parametrize(
    ("verbs", "ends_as"), [([], "cancelled"), (["accept"], "cancelled"), (["accept", "start"], "failed")]
)
async def test_end_of_consent_ends_the_referral(
    api, refer, sender, receiver, grant_consent, consume, tokens, events_of, verbs, ends_as
):
    granted = await grant_consent()
    sent = await refer(granted)
    for verb in verbs:
        assert (await take_step(api, receiver, sent, verb)).status_code == 200
    await consume(ConsentEnded(consent_id=granted.consent_id), tokens.agency("unhcr"))
    where = f"/referrals/{sent['referral_id']}"
    known = (await api.get(where, headers=sender)).json()
    assert (known["state"], known["reason"]) == (ends_as, "consent_ended")
    assert (await api.get(where, headers=receiver)).status_code == 404
    assert (await api.get(f"{where}/package", headers=receiver)).status_code == 404
    assert events_of(sent["referral_id"])[-1]["fact"] == ends_as
    assert str(tokens.agency("chorrera")) in events_of(sent["referral_id"])[-1]["readers"]


async def test_event_of_another_agency_does_not_end_a_consent(
    api, refer, sender, grant_consent, consume, tokens
):
    granted = await grant_consent()
    sent = await refer(granted)
    await consume(ConsentEnded(consent_id=granted.consent_id), tokens.agency("iom"))
    known = await api.get(f"/referrals/{sent['referral_id']}", headers=sender)
    assert known.json()["state"] == "requested"


async def test_receiver_does_not_see_a_cancelled_referral(api, refer, sender, receiver, events_of):
    sent = await refer()
    assert (await take_step(api, receiver, sent, "cancel", reason="other")).status_code == 403
    assert (await take_step(api, sender, sent, "accept")).status_code == 403
    gone = await take_step(api, sender, sent, "cancel", reason="person_declined")
    assert (gone.status_code, gone.json()["state"]) == (200, "cancelled")
    assert (await api.get(f"/referrals/{sent['referral_id']}", headers=receiver)).status_code == 404
    assert events_of(sent["referral_id"])[-1]["fields"] == {"referral_id": sent["referral_id"]}


async def test_person_with_both_duties_still_acts_for_one_party(api, refer, tokens):
    sent = await refer()
    both = (Duty.CASE_WORKER, Duty.PROVIDER)
    sender, receiver = tokens.of("unhcr", *both), tokens.of("chorrera", *both)
    assert (await take_step(api, sender, sent, "accept")).status_code == 409
    assert (await take_step(api, receiver, sent, "cancel", reason="other")).status_code == 404


async def test_failure_of_intake_is_reported(api, refer, receiver, intake):
    sent = await refer()
    await take_step(api, receiver, sent, "accept")
    where = f"/referrals/{sent['referral_id']}/package"
    assert (await api.get(where, headers=receiver)).status_code == 404
    intake.is_down = True
    answer = await api.get(where, headers=receiver)
    intake.is_down = False
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:solidary:problem:peer-unavailable")


async def test_erasing_a_person_ends_the_referral(api, refer, sender, receiver, consume, tokens):
    sent = await refer()
    await consume(PersonErased(person_id=UUID(sent["person_id"])), tokens.agency("unhcr"))
    known = (await api.get(f"/referrals/{sent['referral_id']}", headers=sender)).json()
    assert (known["state"], known["reason"]) == ("cancelled", "person_erased")
    assert (await api.get(f"/referrals/{sent['referral_id']}", headers=receiver)).status_code == 404


async def test_comment_on_an_erased_person_is_forgotten(
    api, refer, receiver, consume, tokens, service_database
):
    sent = await refer()
    refusal = {"reason": "not_eligible", "comment": "canary comment"}
    rejected = await api.post(f"/referrals/{sent['referral_id']}/reject", json=refusal, headers=receiver)
    assert rejected.status_code == 200, rejected.text
    with psycopg.connect(service_database.admin, autocommit=True) as admin:

        def left() -> int:
            found = [
                admin.execute(f"SELECT count(*) FROM data.{table} t WHERE t::text LIKE '%canary%'").fetchone()
                for (table,) in admin.execute(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'data'"
                ).fetchall()
            ]
            return sum(count for (count,) in found)

        assert left() >= 1
        await consume(PersonErased(person_id=UUID(sent["person_id"])), tokens.agency("unhcr"))
        assert left() == 0


async def test_consent_that_ends_while_the_referral_is_sent_stops_it(
    api, grant_consent, create_service, referral_body, sender, consume, tokens
):
    granted, offered = await grant_consent(), await create_service()
    await consume(ConsentEnded(consent_id=granted.consent_id), tokens.agency("unhcr"))
    # Intake confirmed the consent a moment ago, and the event of its end was quicker than the referral.
    refused = await api.post("/referrals", json=referral_body(granted, offered["service_id"]), headers=sender)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:solidary:problem:consent-not-in-force")


async def test_nothing_is_sent_while_intake_does_not_answer(
    api, grant_consent, create_service, referral_body, sender, intake
):
    body = referral_body(await grant_consent(), (await create_service())["service_id"])
    intake.is_down = True
    answer = await api.post("/referrals", json=body, headers=sender)
    intake.is_down = False
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:solidary:problem:peer-unavailable")


async def test_cash_learns_of_an_accepted_referral_for_cash_only(
    api, refer, create_service, grant_consent, referral_body, sender, receiver, tokens
):
    cash = tokens.service("cash", acting_for=tokens.agency("unhcr"))
    other = await refer()
    await take_step(api, receiver, other, "accept")
    assert (await api.get(f"/cash-referrals/{other['referral_id']}", headers=cash)).status_code == 404
    granted, offered = await grant_consent(purpose="cash"), await create_service(purpose="cash")
    body = referral_body(granted, offered["service_id"], purpose="cash")
    sent = (await api.post("/referrals", json=body, headers=sender)).json()
    where = f"/cash-referrals/{sent['referral_id']}"
    assert (await api.get(where, headers=cash)).status_code == 404
    await take_step(api, receiver, sent, "accept")
    known = (await api.get(where, headers=cash)).json()
    assert known.keys() == {"consent_id", "package_id", "receiver", "accepted_by"}
    assert (known["consent_id"], known["receiver"]) == (
        str(granted.consent_id),
        str(tokens.agency("chorrera")),
    )
    assert (await api.get(where, headers=sender)).status_code == 403
    stranger = tokens.service("cash", acting_for=tokens.agency("iom"))
    assert (await api.get(where, headers=stranger)).status_code == 404


async def test_agency_that_refers_to_its_own_service_is_both_parties(
    api, create_service, grant_consent, referral_body, tokens
):
    ours = tokens.of("unhcr", Duty.CASE_WORKER, Duty.PROVIDER, Duty.DIRECTORY_EDITOR)
    offered = await create_service(ours)
    granted = await grant_consent(recipient=tokens.agency("unhcr"))
    sent = (
        await api.post("/referrals", json=referral_body(granted, offered["service_id"]), headers=ours)
    ).json()
    received = (await api.get("/referrals/received", headers=ours)).json()["items"]
    assert [item["referral_id"] for item in received] == [sent["referral_id"]]
    for verb, state in (("accept", "accepted"), ("start", "in_progress")):
        assert (await take_step(api, ours, sent, verb)).json()["state"] == state
    again = await api.post("/referrals", json=referral_body(granted, offered["service_id"]), headers=ours)
    assert again.json()["type"] == "urn:solidary:problem:open-referral-exists"
