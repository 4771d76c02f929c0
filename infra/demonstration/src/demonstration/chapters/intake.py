"""Chapter 1: a family is received; and, for chapter 3, the many others whose needs become counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from demonstration.people import AREAS, HOME, NewFamily, crowd_of, names_of, new_family
from demonstration.story import Person, Story

REFERRAL = ["name", "contact", "language", "age", "needs", "documents_held"]
CASH = ["household_profile", "payee"]
NEEDS = ("LP-ND", "CR-NE", "WG-VIS")
"""Of the mother, who has no documents; of the child, out of school; of the grandmother, who sees badly."""
RESTRICTED = "LP-RR"
ASYLUM = "pa-asylum"


@dataclass(frozen=True)
class Family:
    """Who they are here, and what they let others know. `canaries` and `statuses` are told to nobody else."""

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


async def play(story: Story) -> Family:
    """UNHCR's front desk receives a family: search, registration, needs, guidance, procedure, consents."""
    desk = await story.person("unhcr.front_desk")
    they = new_family(datetime.now(UTC).date())
    search = await _search(story, desk, they)
    household_id, people = await _register(story, desk, they, search)
    mother, child, grandmother = people
    await _record_needs(story, desk, people)
    await _guide(story, desk, mother, child)
    await _known_elsewhere(story, they, mother)
    payout = {"kind": "account", "reference": they.account, "provider": "Banco de la demostración"}
    await desk.put("intake", f"/people/{mother}/payout", payout)
    chorrera, iom = story.agencies["chorrera"], story.agencies["iom"]
    school = await _consent(
        desk, child, chorrera, "referral", REFERRAL, needs=["CR-NE"], given_by=str(mother), assent=True
    )
    health = await _consent(desk, grandmother, chorrera, "referral", REFERRAL, needs=["WG-VIS"])
    cash = await _consent(desk, mother, iom, "cash", CASH)
    story.tell(
        desk,
        "records three consents, each with its basis: to the municipality for the child's school and for the "
        "grandmother's health, to IOM for cash",
    )
    await shows_on_timeline(story, child, "consent_granted")
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
        canaries=they.canaries,
        statuses=(they.mother["population_group"], *NEEDS, RESTRICTED, ASYLUM),
    )


async def shows_on_timeline(story: Story, person_id: UUID, kind: str) -> dict[str, Any]:
    """Waits until the person's own agency sees something of this kind on their timeline; the newest of them."""
    worker = await story.person("unhcr.case_worker")

    async def shown() -> dict[str, Any] | None:
        page = await worker.get("intake", f"/people/{person_id}/timeline")
        found: list[dict[str, Any]] = [item for item in page["items"] if item["kind"] == kind]
        return found[0] if found else None

    found = await story.until(f"{kind} on the timeline", shown)
    assert found is not None
    return found


async def crowd(story: Story) -> UUID:
    """Many others are registered, and UNHCR publishes the demand of a month that is over. Returns the report."""
    worker = await story.person("unhcr.case_worker")
    first = await _month_to_publish(worker)
    search = await worker.post("intake", "/people/search", {"given_name": "Nadie"})
    people = 0
    for registration in crowd_of(first):
        body = registration | {"search_id": search["search_id"]}
        await worker.put("intake", f"/registrations/{uuid4()}", body)
        people += len(body["members"])
        story.private.update(names_of(body))
    story.tell(worker, f"registers {people} synthetic people in {', '.join(AREAS.values())}")
    period = {"period": f"{first:%Y-%m}"}
    report = await worker.post("intake", "/demand-reports", period)
    shown, withheld, k = len(report["cells"]), report["withheld"], report["k"]
    story.check(shown and withheld, "some counts are shown and some are withheld")
    story.check(all(cell["count"] >= k for cell in report["cells"]), f"no count speaks of fewer than {k}")
    await worker.post("intake", "/demand-reports", period, expect=409)
    story.tell(
        worker,
        f"publishes the demand of {period['period']}: {shown} counts of {k} or more, {withheld} withheld; "
        "a second time is refused",
    )
    return UUID(report["report_id"])


async def _search(story: Story, desk: Person, they: NewFamily) -> str:
    asked = {name: they.mother[name] for name in ("given_name", "surname", "born")}
    found = await desk.post("intake", "/people/search", asked)
    story.check(not any(candidate["probable"] for candidate in found["candidates"]), "nobody knows her yet")
    story.tell(desk, "searches before registering: nobody is known who could be her")
    search_id: str = found["search_id"]
    return search_id


async def _register(
    story: Story, desk: Person, they: NewFamily, search_id: str
) -> tuple[UUID, tuple[UUID, UUID, UUID]]:
    where = f"/registrations/{uuid4()}"
    body = {
        "household": {"area": HOME, "shelter": "rented_room", "own_income": 12_000},
        "members": [they.mother, they.child, they.grandmother],
        "search_id": search_id,
    }
    made = await desk.put("intake", where, body)
    story.check(await desk.put("intake", where, body) == made, "sent again, it is the same registration")
    await desk.put("intake", where, body | {"search_id": None}, expect=409)
    mother, child, grandmother = (UUID(member["person_id"]) for member in made["members"])
    story.tell(desk, "registers the household of three; sent twice it is registered once")
    visit = {"centre": "pao_la_chorrera", "reason": "first_orientation", "note": they.note}
    await desk.post("intake", f"/people/{mother}/visits", visit)
    story.tell(desk, "notes the visit to the Point of Attention and Orientation")
    return UUID(made["household_id"]), (mother, child, grandmother)


async def _record_needs(story: Story, desk: Person, people: tuple[UUID, UUID, UUID]) -> None:
    for person, code, severity in zip(people, NEEDS, ("high", "high", "medium"), strict=True):
        need = await desk.post("intake", f"/people/{person}/needs", {"code": code, "severity": severity})
        story.check(need["tier"] == "ordinary", f"{code} is an ordinary need")
    story.tell(desk, "records needs: no documents (LP-ND), out of school (CR-NE), sees badly (WG-VIS)")
    mother = people[0]
    await desk.post("intake", f"/people/{mother}/needs", {"code": RESTRICTED}, expect=403)
    officer = await story.person("unhcr.protection_officer")
    await officer.post("intake", f"/people/{mother}/restricted-needs", {"code": RESTRICTED})
    await desk.get("intake", f"/people/{mother}/restricted-needs", expect=403)
    story.tell(officer, "records, apart, what the desk may neither write nor read")


async def _guide(story: Story, desk: Person, mother: UUID, child: UUID) -> None:
    asylum = await desk.post("intake", f"/people/{mother}/guidance", {"route": ASYLUM, "language": "es"})
    advice = asylum["advice"]
    story.check(advice["last_day"], "the deadline is known from the day of entry")
    story.tell(
        desk,
        f"explains, in Spanish, «{advice['title']}»: until {advice['last_day']}, {advice['days_left']} days left "
        f"(review of the source: {advice['review']})",
    )
    school = {"route": "pa-school-without-papers", "language": "es"}
    advice = (await desk.post("intake", f"/people/{child}/guidance", school))["advice"]
    story.tell(desk, f"explains «{advice['title']}» in {len(advice['steps'])} steps")
    opened = await desk.post("intake", f"/people/{mother}/procedures", {"route": ASYLUM})
    await desk.post(
        "intake", f"/people/{mother}/procedures/{opened['procedure_id']}/state", {"to": "informed"}
    )
    await desk.post("intake", f"/people/{child}/procedures", {"route": "pa-late-birth-venezuela"}, expect=409)
    story.tell(
        desk, "opens the asylum procedure; the way by the consulate is not opened before it is talked over"
    )


async def _known_elsewhere(story: Story, they: NewFamily, mother: UUID) -> None:
    other = await story.person("iom.front_desk")
    asked = {name: they.mother[name] for name in ("given_name", "surname", "born")}
    found = await other.post("intake", "/people/search", asked)
    story.check(found["possible_match_elsewhere"] and not found["candidates"], "IOM learns no more than that")
    await other.get("intake", f"/people/{mother}", expect=404)
    story.tell(other, "searches for her: a possible match elsewhere, and not a word more")


async def _consent(
    desk: Person, person: UUID, recipient: UUID, purpose: str, categories: list[str], **more: Any
) -> dict[str, Any]:
    body = {
        "person_id": str(person),
        "recipient": str(recipient),
        "purpose": purpose,
        "categories": categories,
        "basis": "consent",
        "language": "spa",
        **more,
    }
    made: dict[str, Any] = await desk.post("intake", "/consents", body)
    return made


async def _month_to_publish(worker: Person) -> date:
    """The first day of the latest month that is over and not published: a telling before may have taken one."""
    listed = await worker.get("intake", "/demand-reports?limit=200")
    published = {report["period_start"] for report in listed["items"]}
    first = (datetime.now(UTC).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    while first.isoformat() in published:
        first = (first - timedelta(days=1)).replace(day=1)
    return first
