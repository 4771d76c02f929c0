"""Part 1: the desk receives a family; and, for part 3, many other people whose needs are counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from demonstration.people import NewFamily, crowd_registrations, names_of, new_family
from demonstration.scenario import Scenario, User

REFERRAL = ["name", "contact", "language", "age", "needs", "documents_held"]
CASH = ["household_profile", "payee"]
NEEDS = ("LP-ND", "CR-NE", "WG-VIS")
"""The needs of the mother without documents, the child out of school and the grandmother who sees badly."""
RESTRICTED = "LP-RR"


@dataclass(frozen=True)
class Family:
    """The ids of the family and of their consents. `canaries` and `statuses` may occur nowhere outside intake."""

    household_id: UUID
    mother_id: UUID
    child_id: UUID
    grandmother_id: UUID
    school_consent_id: UUID
    school_package_id: UUID
    health_consent_id: UUID
    health_package_id: UUID
    cash_consent_id: UUID
    cash_package_id: UUID
    canaries: tuple[str, ...]
    statuses: tuple[str, ...]


async def play(scenario: Scenario) -> Family:
    """Play the part: search, registration, needs, guidance, procedure and consents at UNHCR's front desk."""
    desk = await scenario.user("unhcr.front_desk")
    family = new_family(datetime.now(UTC).date(), scenario.place)
    search = await _search(scenario, desk, family)
    household_id, people = await _register(scenario, desk, family, search)
    mother, child, grandmother = people
    await _try_a_list(scenario, desk)
    await _record_needs(scenario, desk, people)
    await _explain_pathways(scenario, desk, mother, child)
    await _ask_from_another_agency(scenario, family, mother)
    payout = {"kind": "account", "reference": family.account, "provider": "Banco de la demostración"}
    await desk.put("intake", f"/people/{mother}/payout", payout)
    chorrera, iom = scenario.agencies["chorrera"], scenario.agencies["iom"]
    school = await _consent(
        desk, child, chorrera, "referral", REFERRAL, needs=["CR-NE"], given_by=str(mother), assent=True
    )
    health = await _consent(desk, grandmother, chorrera, "referral", REFERRAL, needs=["WG-VIS"])
    cash = await _consent(desk, mother, iom, "cash", CASH)
    scenario.report(
        desk,
        "records three consents, each with its basis: to the municipality for the child's school and for the "
        "grandmother's health, to IOM for cash",
    )
    await shows_on_timeline(scenario, child, "consent_granted")
    await _erase_a_person(scenario, desk)
    return Family(
        household_id=household_id,
        mother_id=mother,
        child_id=child,
        grandmother_id=grandmother,
        school_consent_id=UUID(school["consent_id"]),
        school_package_id=UUID(school["package_id"]),
        health_consent_id=UUID(health["consent_id"]),
        health_package_id=UUID(health["package_id"]),
        cash_consent_id=UUID(cash["consent_id"]),
        cash_package_id=UUID(cash["package_id"]),
        canaries=family.canaries,
        statuses=(family.mother["population_group"], *NEEDS, RESTRICTED, scenario.place.asylum.id),
    )


async def shows_on_timeline(scenario: Scenario, person_id: UUID, kind: str) -> dict[str, Any]:
    """Wait for an entry of this kind on a person's timeline, and return the newest."""
    worker = await scenario.user("unhcr.case_worker")

    async def newest() -> dict[str, Any] | None:
        page = await worker.get("intake", f"/people/{person_id}/timeline")
        found: list[dict[str, Any]] = [item for item in page["items"] if item["kind"] == kind]
        return found[0] if found else None

    found = await scenario.wait_until(f"{kind} on the timeline", newest)
    assert found is not None
    return found


async def crowd(scenario: Scenario) -> UUID:
    """Register many people, publish the demand of a month that is over, and return the report's id."""
    worker = await scenario.user("unhcr.case_worker")
    first = await _month_to_publish(worker)
    search = await worker.post("intake", "/people/search", {"given_name": "Nadie"})
    people = 0
    for registration in crowd_registrations(first, scenario.place):
        body = registration | {"search_id": search["search_id"]}
        await worker.put("intake", f"/registrations/{uuid4()}", body)
        people += len(body["members"])
        scenario.identities.update(names_of(body))
    scenario.report(
        worker, f"registers {people} synthetic people in {', '.join(scenario.place.crowd_areas.values())}"
    )
    period = {"period": f"{first:%Y-%m}"}
    report = await worker.post("intake", "/demand-reports", period)
    shown, withheld, k = len(report["cells"]), report["withheld"], report["k"]
    scenario.check(shown and withheld, "some counts are shown and some are withheld")
    scenario.check(
        all(cell["count"] >= k for cell in report["cells"]), f"no figure counts fewer than {k} people"
    )
    await worker.post("intake", "/demand-reports", period, expect=409)
    await worker.post("intake", "/complaint-reports", period)
    scenario.report(
        worker,
        f"publishes the demand of {period['period']}: {shown} counts of {k} or more, {withheld} withheld; "
        "a second time is refused",
    )
    return UUID(report["report_id"])


async def _search(scenario: Scenario, desk: User, family: NewFamily) -> str:
    wanted = {name: family.mother[name] for name in ("given_name", "surname", "born")}
    found = await desk.post("intake", "/people/search", wanted)
    scenario.check(
        not any(candidate["probable"] for candidate in found["candidates"]), "nobody has registered her yet"
    )
    scenario.report(desk, "searches before registering: nobody who could be her is registered")
    search_id: str = found["search_id"]
    return search_id


async def _register(
    scenario: Scenario, desk: User, family: NewFamily, search_id: str
) -> tuple[UUID, tuple[UUID, UUID, UUID]]:
    path = f"/registrations/{uuid4()}"
    body = {
        "household": {
            "area": scenario.place.home,
            "shelter": "rented_room",
            "own_income": scenario.place.amount(12_000),
        },
        "members": [family.mother, family.child, family.grandmother],
        "search_id": search_id,
    }
    registered = await desk.put("intake", path, body)
    scenario.check(
        await desk.put("intake", path, body) == registered,
        "the same registration again is the same household",
    )
    await desk.put("intake", path, body | {"search_id": None}, expect=409)
    mother, child, grandmother = (UUID(member["person_id"]) for member in registered["members"])
    own = {"external_ids": family.mother["external_ids"]}
    found = await desk.post("intake", "/external-ids/find", own)
    scenario.check(
        [each["id"] for each in found["items"]] == [str(mother)],
        "her number in UNHCR's own system leads to her",
    )
    scenario.report(desk, "registers the household of three; the same request again registers nobody twice")
    visit = {"centre": "pao", "reason": "first_orientation", "note": family.note}
    await desk.post("intake", f"/people/{mother}/visits", visit)
    scenario.report(desk, "records the visit to the Point of Attention and Orientation")
    return UUID(registered["household_id"]), (mother, child, grandmother)


async def _try_a_list(scenario: Scenario, desk: User) -> None:
    """Let a list of people be judged, as an agency does before it imports one."""
    columns = "household,relation,given_name,surname,sex,population_group,area"
    table = f"{columns}\nL-1,head,Ejemplo,Inventado,F,refugee,{scenario.place.home}\nL-2,head,,,F,refugee,\n"
    path = "/imports/registrations?system=former_list&dry_run=true"
    report = await desk.work("intake", path, content=table.encode(), headers={"Content-Type": "text/csv"})
    scenario.check(
        report["states"] == {"added": 1, "refused": 1}, "a list is judged row by row before it is imported"
    )


async def _record_needs(scenario: Scenario, desk: User, people: tuple[UUID, UUID, UUID]) -> None:
    for person, code, severity in zip(people, NEEDS, ("high", "high", "medium"), strict=True):
        need = await desk.post("intake", f"/people/{person}/needs", {"code": code, "severity": severity})
        scenario.check(need["tier"] == "ordinary", f"{code} is an ordinary need")
    scenario.report(desk, "records needs: no documents (LP-ND), out of school (CR-NE), sees badly (WG-VIS)")
    mother = people[0]
    await desk.post("intake", f"/people/{mother}/needs", {"code": RESTRICTED}, expect=403)
    officer = await scenario.user("unhcr.protection_officer")
    path = f"/people/{mother}/restricted-needs"
    await officer.post("intake", path, {"code": RESTRICTED}, expect=403)
    await officer.post("intake", path, {"code": RESTRICTED}, headers={"Solidary-Reason": "person_present"})
    await desk.get("intake", f"/people/{mother}/restricted-needs", expect=403)
    scenario.report(
        officer, "records a restricted need, with a reason, which the desk may neither record nor read"
    )


async def _explain_pathways(scenario: Scenario, desk: User, mother: UUID, child: UUID) -> None:
    place = scenario.place
    spoken = {"language": place.text_language}
    asylum = await desk.post("intake", f"/people/{mother}/guidance", {"pathway": place.asylum.id, **spoken})
    advice = asylum["advice"]
    deadline = "without a deadline"
    if place.asylum.deadline is not None:
        scenario.check(advice["last_day"], "the deadline is known from the day of entry")
        days = advice["days_left"]
        deadline = f"until {advice['last_day']}, " + (
            f"{days} days left" if days >= 0 else f"over since {-days} days"
        )
    scenario.report(
        desk,
        f"explains, in {place.language.wording.en}, «{advice['title']}»: {deadline} "
        f"(review of the source: {advice['review']})",
    )
    school = {"pathway": place.school.id, **spoken}
    advice = (await desk.post("intake", f"/people/{child}/guidance", school))["advice"]
    scenario.report(desk, f"explains «{advice['title']}» in {len(advice['steps'])} steps")
    opened = await desk.post("intake", f"/people/{mother}/procedures", {"pathway": place.asylum.id})
    await desk.post(
        "intake", f"/people/{mother}/procedures/{opened['procedure_id']}/state", {"to": "informed"}
    )
    consulate = place.through_consulate
    if consulate is None:
        scenario.report(desk, "opens the asylum procedure")
        return
    await desk.post("intake", f"/people/{child}/procedures", {"pathway": consulate.id}, expect=409)
    scenario.report(
        desk,
        "opens the asylum procedure; the pathway through the consulate is refused until its warnings are discussed",
    )


async def _ask_from_another_agency(scenario: Scenario, family: NewFamily, mother: UUID) -> None:
    other = await scenario.user("iom.front_desk")
    wanted = {name: family.mother[name] for name in ("given_name", "surname", "born")}
    found = await other.post("intake", "/people/search", wanted)
    scenario.check(not found["candidates"], "IOM's own search finds nobody of UNHCR")
    answer = await other.post("intake", "/questions", {**wanted, "reason": "registration"})
    scenario.check(answer["possible_match_elsewhere"], "a possible match elsewhere, and nothing more")
    await other.get("intake", f"/people/{mother}", expect=404)
    scenario.report(other, "asks the other agencies about her: a possible match elsewhere, and nothing more")
    officer = await scenario.user("unhcr.data_protection_officer")
    received = await officer.get("intake", f"/questions/received?since={answer['day']}")
    asked_by = str(scenario.agencies["iom"])
    scenario.check(
        any(each["asked_by"] == asked_by and each["matching"] for each in received),
        "UNHCR sees how often IOM asked and how often it meant somebody of UNHCR",
    )
    why = {"asked_by": asked_by, "day": answer["day"]}
    inquiry = await officer.post("intake", "/inquiries", why)
    path = f"/inquiries/{inquiry['inquiry_id']}/answer"
    answering = await scenario.user("iom.data_protection_officer")
    await answering.post("intake", path, {"answer": "registrations"})
    scenario.report(officer, "sees the number of questions, asks why, and is answered: before registrations")


async def _consent(
    desk: User, person: UUID, recipient: UUID, purpose: str, categories: list[str], **more: Any
) -> dict[str, Any]:
    body = {
        "person_id": str(person),
        "recipient": str(recipient),
        "purpose": purpose,
        "categories": categories,
        "basis": "consent",
        "language": str(desk.scenario.place.language),
        "channel": "in_person",
        "text_version": "2026-11",
        **more,
    }
    consent: dict[str, Any] = await desk.post("intake", "/consents", body)
    return consent


async def _erase_a_person(scenario: Scenario, desk: User) -> None:
    """Register somebody who then asks for their erasure: nothing but the list of erasures knows them any more."""
    body = {
        "household": {"area": scenario.place.home},
        "members": [new_family(datetime.now(UTC).date(), scenario.place).mother],
    }
    registered = await desk.put("intake", f"/registrations/{uuid4()}", body)
    person = registered["members"][0]["person_id"]
    scenario.identities.update(names_of(body))
    officer = await scenario.user("unhcr.data_protection_officer")
    await officer.post("intake", f"/people/{person}/erasure", {"reason": "requested"})
    await desk.get("intake", f"/people/{person}", expect=404)
    scenario.report(
        officer, "erases somebody who asked for it: every route about them answers 404 from now on"
    )


async def _month_to_publish(worker: User) -> date:
    """Return the first day of the latest month that no earlier run has published."""
    listed = await worker.get("intake", "/demand-reports?limit=200")
    published = {report["period_start"] for report in listed["items"]}
    first = (datetime.now(UTC).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    while first.isoformat() in published:
        first = (first - timedelta(days=1)).replace(day=1)
    return first
