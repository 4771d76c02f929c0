"""A referral's way between two agencies, on the real database with real tokens."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from solidary.language.events.intake import ConsentExpired, ConsentWithdrawn, PersonErased
from solidary.platform.identity import Duty


async def act(api, headers, referral, verb, **body):
    return await api.post(f"/referrals/{referral['referral_id']}/{verb}", json=body or None, headers=headers)


async def test_the_receiver_sees_a_preview_then_the_package_and_the_sender_each_step(
    api, refer, sender, receiver, intake, tokens, told
):
    sent = await refer()
    where = f"/referrals/{sent['referral_id']}"
    seen = (await api.get(where, headers=receiver)).json()
    assert seen["preview"] == {"need": "CR-NE", "age_band": "5-11", "language": "spa"}
    assert not {"person_id", "consent_id", "package_id"} & seen.keys()
    assert (await api.get(f"{where}/package", headers=receiver)).status_code == 409

    chorrera = str(tokens.agency("chorrera"))
    intake.packages[UUID(sent["package_id"])] = (chorrera, {"given_name": "Brayan"})
    assert (await act(api, receiver, sent, "accept")).json()["state"] == "accepted"
    package = await api.get(f"{where}/package", headers=receiver)
    assert (package.status_code, package.json()["data"]) == (200, {"given_name": "Brayan"})
    assert package.headers["cache-control"] == "no-store"
    assert intake.asked[-1] == (UUID(sent["package_id"]), chorrera)

    assert (await act(api, receiver, sent, "start")).json()["state"] == "in_progress"
    done = await act(api, receiver, sent, "complete", outcome="service_provided")
    assert (done.json()["state"], done.json()["outcome"]) == ("completed", "service_provided")
    assert (await api.get(f"{where}/package", headers=receiver)).status_code == 409

    steps = (await api.get(f"{where}/steps", headers=sender)).json()
    assert [step["to_state"] for step in steps] == ["requested", "accepted", "in_progress", "completed"]
    facts = told(sent["referral_id"])
    assert [fact["fact"] for fact in facts] == ["requested", "accepted", "started", "completed"]
    assert all(fact["agency"] == tokens.agency("unhcr") for fact in facts)
    assert "Brayan" not in str(facts)
    assert "CR-NE" not in str(facts)


async def test_nobody_else_finds_a_referral(api, refer, tokens):
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


async def test_a_rejection_tells_why_and_leaves_the_sender_a_draft_and_the_receiver_its_answer(
    api, refer, sender, receiver, run_jobs, told
):
    sent = await refer()
    where = f"/referrals/{sent['referral_id']}"
    for body in ({"reason": "no_capacity"}, {"reason": "no_capacity", "comment": "  "}, {"comment": "full"}):
        assert (await act(api, receiver, sent, "reject", **body)).status_code == 422
    headers = receiver | {"Idempotency-Key": str(uuid4())}
    said = {"reason": "no_capacity", "comment": "Sin cupo hasta marzo"}
    answers = [await act(api, headers, sent, "reject", **said) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (await api.get(where, headers=receiver)).status_code == 404

    known = (await api.get(where, headers=sender)).json()
    assert (known["state"], known["reason"], known["comment"]) == (
        "rejected",
        "no_capacity",
        "Sin cupo hasta marzo",
    )
    assert "marzo" not in str(told(sent["referral_id"]))
    await run_jobs()
    mine = (await api.get("/referrals", params={"person_id": sent["person_id"]}, headers=sender)).json()
    draft = mine["items"][0]
    assert (draft["state"], draft["replaces"], draft["preview"]) == (
        "draft",
        sent["referral_id"],
        sent["preview"],
    )
    assert (await api.get(f"/referrals/{draft['referral_id']}", headers=receiver)).status_code == 404


async def test_a_draft_goes_to_another_service_under_a_consent_of_its_own(
    api, refer, sender, receiver, run_jobs, consent, offer, told
):
    sent = await refer()
    await act(api, receiver, sent, "reject", reason="no_capacity", comment="full")
    await run_jobs()
    mine = (await api.get("/referrals", params={"person_id": sent["person_id"]}, headers=sender)).json()
    draft = mine["items"][0]
    granted = await consent(person_id=UUID(sent["person_id"]))
    other = await offer()
    body = {
        "service_id": other["service_id"],
        "consent_id": str(granted.consent_id),
        "package_id": str(granted.package_id),
    }
    gone = await act(api, sender, draft, "send", **body)
    assert (gone.status_code, gone.json()["state"], gone.json()["replaces"]) == (
        200,
        "requested",
        sent["referral_id"],
    )
    assert (await api.get(gone.headers["location"], headers=receiver)).status_code == 200
    assert [fact["fact"] for fact in told(draft["referral_id"])] == ["requested"]


@pytest.mark.parametrize("ending", [ConsentWithdrawn, ConsentExpired])
@pytest.mark.parametrize(
    ("verbs", "ends_as"), [([], "cancelled"), (["accept"], "cancelled"), (["accept", "start"], "failed")]
)
async def test_a_consents_end_stops_what_stands_on_it(
    api, refer, sender, receiver, consent, hear, tokens, told, ending, verbs, ends_as
):
    granted = await consent()
    sent = await refer(granted)
    for verb in verbs:
        assert (await act(api, receiver, sent, verb)).status_code == 200
    kept = {"consent_id", "person_id", "purpose", "recipient", "package_id"}
    await hear(ending(**granted.model_dump(include=kept)), tokens.agency("unhcr"))
    where = f"/referrals/{sent['referral_id']}"
    known = (await api.get(where, headers=sender)).json()
    assert (known["state"], known["reason"]) == (ends_as, f"consent_{ending.fact}")
    assert (await api.get(where, headers=receiver)).status_code == 404
    assert (await api.get(f"{where}/package", headers=receiver)).status_code == 404
    assert told(sent["referral_id"])[-1]["fact"] == ends_as
    assert str(tokens.agency("chorrera")) in told(sent["referral_id"])[-1]["parties"]


async def test_an_event_of_another_agency_ends_no_consent_of_ours(api, refer, sender, consent, hear, tokens):
    granted = await consent()
    sent = await refer(granted)
    stranger = ConsentWithdrawn(
        consent_id=uuid4(),
        person_id=granted.person_id,
        purpose="referral",
        recipient=granted.recipient,
        package_id=granted.package_id,
    )
    await hear(stranger, tokens.agency("iom"))
    known = await api.get(f"/referrals/{sent['referral_id']}", headers=sender)
    assert known.json()["state"] == "requested"


async def test_a_cancelled_referral_is_gone_for_its_receiver(api, refer, sender, receiver, told):
    sent = await refer()
    assert (await act(api, receiver, sent, "cancel", reason="other")).status_code == 403
    assert (await act(api, sender, sent, "accept")).status_code == 403
    gone = await act(api, sender, sent, "cancel", reason="person_declined")
    assert (gone.status_code, gone.json()["state"]) == (200, "cancelled")
    assert (await api.get(f"/referrals/{sent['referral_id']}", headers=receiver)).status_code == 404
    assert told(sent["referral_id"])[-1]["said"]["reason"] == "person_declined"


async def test_who_holds_both_duties_still_stands_on_one_side(api, refer, tokens):
    sent = await refer()
    both = (Duty.CASE_WORKER, Duty.PROVIDER)
    sender, receiver = tokens.of("unhcr", *both), tokens.of("chorrera", *both)
    assert (await act(api, sender, sent, "accept")).status_code == 409
    assert (await act(api, receiver, sent, "cancel", reason="other")).status_code == 404


async def test_what_intake_cannot_answer_is_said_so(api, refer, receiver, intake):
    sent = await refer()
    await act(api, receiver, sent, "accept")
    where = f"/referrals/{sent['referral_id']}/package"
    assert (await api.get(where, headers=receiver)).status_code == 404
    intake.down = True
    answer = await api.get(where, headers=receiver)
    intake.down = False
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:solidary:problem:peer-unavailable")


async def test_an_erased_persons_referral_stops_and_keeps_nothing_written_about_them(
    api, refer, sender, receiver, hear, tokens
):
    sent = await refer()
    await hear(PersonErased(person_id=UUID(sent["person_id"])), tokens.agency("unhcr"))
    known = (await api.get(f"/referrals/{sent['referral_id']}", headers=sender)).json()
    assert (known["state"], known["preview"]["need"]) == ("cancelled", None)
    assert (await api.get(f"/referrals/{sent['referral_id']}", headers=receiver)).status_code == 404


async def test_an_agency_refers_to_a_service_of_its_own_and_stands_on_both_sides(
    api, offer, consent, referral, tokens
):
    ours = tokens.of("unhcr", Duty.CASE_WORKER, Duty.PROVIDER, Duty.DIRECTORY_EDITOR)
    offered = await offer(ours)
    granted = await consent(recipient=tokens.agency("unhcr"))
    sent = (await api.post("/referrals", json=referral(granted, offered["service_id"]), headers=ours)).json()
    received = (await api.get("/referrals/received", headers=ours)).json()["items"]
    assert [item["referral_id"] for item in received] == [sent["referral_id"]]
    for verb, state in (("accept", "accepted"), ("start", "in_progress")):
        assert (await act(api, ours, sent, verb)).json()["state"] == state
    rejected = (
        await api.post("/referrals", json=referral(granted, offered["service_id"]), headers=ours)
    ).json()
    assert rejected["detail"] == "there is an open referral of this person to this service"
