"""The directory, and three referrals: one that is completed, one that ends with its consent, and one for cash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from demonstration.parts import intake
from demonstration.people import CHILD_YEARS
from demonstration.place import Place
from demonstration.scenario import Scenario, User


def school_entry(place: Place) -> dict[str, Any]:
    """Return the school's entry of the directory."""
    return {
        "name": "Matrícula de niñas y niños sin documentos",
        "organization": "Oficina municipal de educación (demostración)",
        "description": "Acompaña la matrícula en la escuela del barrio aunque falten papeles.",
        "category": "education",
        "confidential": False,
        "needs": ["CR-NE"],
        "eligibility": f'age >= 5 && age <= 17 && area.startsWith("{place.city.pcode}")',
        "area": place.city.pcode,
        "latitude": place.located[place.home][0],
        "longitude": place.located[place.home][1],
        "answers_within_hours": 48,
        "details": {
            "schedules": [{"byday": "MO,TU,WE,TH,FR", "opens_at": "08:00", "closes_at": "15:00"}],
            "required_documents": ["Ninguno para empezar; constancias de estudio si las hay"],
            "eligibility_description": f"De 5 a 17 años, en {place.city.city}",
        },
    }


def clinic_entry(place: Place) -> dict[str, Any]:
    """Return the clinic's entry."""
    return {
        "name": "Control de la vista",
        "organization": "Centro municipal de salud (demostración)",
        "description": "Examen de la vista y lentes para personas mayores.",
        "category": "health",
        "confidential": False,
        "area": place.city.pcode,
        "details": {"schedules": [{"byday": "TU,TH", "opens_at": "07:00", "closes_at": "12:00"}]},
    }


def shelter_entry(place: Place) -> dict[str, Any]:
    """Return the entry of a shelter, which is confidential."""
    return {
        "name": "Casa de paso",
        "organization": "Programa municipal de protección (demostración)",
        "description": "Alojamiento por unas noches; la dirección no se publica.",
        "category": "shelter",
        "status": "active",
        "eligibility": None,
        "confidential": True,
        "area": place.city.pcode,
    }


def cash_entry(place: Place) -> dict[str, Any]:
    """Return the entry of IOM's cash assistance."""
    return {
        "name": "Asistencia en efectivo para hogares recién llegados",
        "organization": f"IOM {place.pack.name.en} (demonstration)",
        "description": "Transferencias para las necesidades básicas del hogar.",
        "category": "basic_needs",
        "confidential": False,
        "purpose": "cash",
        "area": place.pack.code,
    }


@dataclass(frozen=True)
class Referrals:
    """The referral that was completed, and the one that ended with its consent."""

    referral_id: UUID
    withdrawn_referral_id: UUID


async def play(scenario: Scenario, family: intake.Family) -> Referrals:
    """Fill the directory, look for a service, and make two referrals."""
    school, clinic = await _fill_directory(scenario)
    await _look_for_service(scenario, school)
    completed = await _complete_referral(scenario, family, school)
    ended = await _withdraw_consent(scenario, family, clinic)
    return Referrals(completed, ended)


async def refer_to_cash(scenario: Scenario, family: intake.Family) -> UUID:
    """Make a cash referral to IOM, which accepts it; cash receives the event."""
    editor = await scenario.user("iom.directory_editor")
    worker, provider = await scenario.user("unhcr.case_worker"), await scenario.user("iom.provider")
    service = await _write_entry(editor, cash_entry(scenario.place))
    referral = await _refer(worker, service, family.cash_consent_id, purpose="cash")
    accepted = await provider.post("referrals", f"/referrals/{referral['referral_id']}/accept")
    scenario.check(accepted["state"] == "accepted", "IOM accepts the cash referral")
    scenario.report(provider, "accepts the household's referral for cash assistance")
    return UUID(referral["referral_id"])


async def _fill_directory(scenario: Scenario) -> tuple[UUID, UUID]:
    editor = await scenario.user("chorrera.directory_editor")
    entry = school_entry(scenario.place)
    school, clinic = (
        await _write_entry(editor, entry),
        await _write_entry(editor, clinic_entry(scenario.place)),
    )
    places = {"available": 12, "maximum": 30}
    await editor.put("referrals", f"/directory/services/{school}/capacity", json=places)
    page = await scenario.http.get(
        f"{scenario.run.services['referrals']}/services", params={"search": str(entry["name"])}
    )
    scenario.check(str(school) in page.text, "everybody can read the public directory without a token")
    columns = "id,name,organization,description,category,confidential,area"
    table = f"{columns}\nS-1,Comedor,Comedores (demostración),Almuerzo,food,no,{scenario.place.home}\n"
    path = "/imports/services?system=former_list&dry_run=true"
    csv = {"Content-Type": "text/csv"}
    report = await editor.work("referrals", path, content=table.encode(), headers=csv)
    scenario.check(report["states"] == {"added": 1}, "a list of services is judged before it is imported")
    shelter = shelter_entry(scenario.place)
    house = await _write_entry(editor, shelter)
    await editor.put(
        "referrals", f"/directory/services/{house}", json=shelter | {"confidential": False}, expect=409
    )
    wish = {"reason": "La casa abre sus puertas al público (demostración)."}
    await editor.post("referrals", f"/directory/services/{house}/publication-requests", json=wish)
    scenario.report(
        editor, "cannot publish a confidential entry alone; the request waits for a second directory editor"
    )
    scenario.report(
        editor,
        "writes two entries of the directory, which everybody can read as HSDS 3.1; 12 places are free",
    )
    return school, clinic


async def _look_for_service(scenario: Scenario, school: UUID) -> None:
    worker, place = await scenario.user("unhcr.case_worker"), scenario.place
    query = {
        "need": "CR-NE",
        "profile": {"age": CHILD_YEARS, "area": place.home, "languages": [str(place.language)]},
        "near": {"latitude": place.located[place.home][0], "longitude": place.located[place.home][1]},
    }
    found = await worker.post("referrals", "/suggestions", json=query)
    enrolment = next(service for service in found["items"] if service["service_id"] == str(school))
    scenario.check(
        enrolment["eligibility"] == "eligible",
        f"a child of nine in {place.city.city} is eligible for the enrolment service",
    )
    reasons = "; ".join(part["reason"][place.text_language] for part in enrolment["parts"])
    scenario.report(
        worker,
        f"looks for a service for a child out of school, without naming a person: {enrolment['name']} ({reasons})",
    )


async def _complete_referral(scenario: Scenario, family: intake.Family, school: UUID) -> UUID:
    worker, provider = await scenario.user("unhcr.case_worker"), await scenario.user("chorrera.provider")
    referral = await _refer(worker, school, family.school_consent_id, urgency="urgent")
    where, person = f"/referrals/{referral['referral_id']}", UUID(referral["person_id"])
    await intake.shows_on_timeline(scenario, person, "referral_requested")
    scenario.report(
        worker, "refers the child to the education office, urgent: an answer is due within 72 hours"
    )

    received = await provider.get("referrals", where)
    scenario.check(
        "person_id" not in received and "package_id" not in received, "the referral identifies no person"
    )
    await provider.get("referrals", f"{where}/package", expect=409)
    preview = await provider.get("referrals", f"{where}/preview")
    scenario.check(preview["needs"] == ["CR-NE"], "the preview has the need that the consent covers")
    coded = ", ".join([*preview["needs"], preview["age_band"], preview["language"]])
    scenario.report(provider, f"sees only a coded preview ({coded}), and not yet the package")

    await provider.post("referrals", f"{where}/accept")
    package = await provider.get("referrals", f"{where}/package")
    fields = set(package["data"])
    scenario.check("given_name" in fields, "the package has the child's name")
    scenario.check(
        not {"population_group", "immigration_status"} & fields, "the package has no immigration status"
    )
    await intake.shows_on_timeline(scenario, person, "referral_accepted")
    scenario.report(provider, f"accepts, and reads what the consent allows ({', '.join(sorted(fields))})")

    stranger = await scenario.user("iom.case_worker")
    await stranger.get("referrals", where, expect=404)
    scenario.report(stranger, "requests the same referral, which does not exist for IOM (404)")

    await provider.post("referrals", f"{where}/start")
    await intake.shows_on_timeline(scenario, person, "referral_started")
    await provider.post("referrals", f"{where}/complete", json={"outcome": "service_provided"})
    await provider.get("referrals", f"{where}/package", expect=409)
    await intake.shows_on_timeline(scenario, person, "referral_completed")
    scenario.report(
        provider, "enrols the child and completes the referral; UNHCR saw every step on the timeline"
    )
    return UUID(referral["referral_id"])


async def _withdraw_consent(scenario: Scenario, family: intake.Family, clinic: UUID) -> UUID:
    worker, provider = await scenario.user("unhcr.case_worker"), await scenario.user("chorrera.provider")
    referral = await _refer(worker, clinic, family.health_consent_id)
    where = f"/referrals/{referral['referral_id']}"
    await provider.post("referrals", f"{where}/accept")
    await provider.get("referrals", f"{where}/package")
    await worker.post("intake", f"/consents/{family.health_consent_id}/withdraw")

    async def has_ended() -> bool:
        current = await worker.get("referrals", where)
        return bool(current["state"] == "cancelled" and current["reason"] == "consent_ended")

    await scenario.wait_until("the end of a referral whose consent was withdrawn", has_ended)
    await provider.get("referrals", f"{where}/package", expect=404)
    await intake.shows_on_timeline(scenario, UUID(referral["person_id"]), "referral_cancelled")
    scenario.report(
        worker, "withdraws a consent: the second referral is cancelled, and its receiver finds nothing"
    )
    return UUID(referral["referral_id"])


async def _write_entry(editor: User, entry: dict[str, Any]) -> UUID:
    """Write the agency's entry of that name, and create it where there is none yet."""
    page = await editor.get("referrals", "/directory/services", params={"limit": 200})
    for existing in page["items"]:
        if existing["name"] == entry["name"]:
            body = {"status": "active", "eligibility": None} | entry
            await editor.put("referrals", f"/directory/services/{existing['service_id']}", json=body)
            return UUID(existing["service_id"])
    return UUID((await editor.post("referrals", "/directory/services", json=entry))["service_id"])


async def _refer(
    worker: User, service: UUID, consent_id: UUID, *, urgency: str = "normal", purpose: str = "service"
) -> dict[str, Any]:
    """Refer the person of a consent, right after it was recorded."""
    consent = await worker.get("intake", f"/consents/{consent_id}")
    body = {
        "service_id": str(service),
        "consent_id": str(consent_id),
        "package_id": consent["package_id"],
        "person_id": consent["person_id"],
        "purpose": purpose,
        "urgency": urgency,
        "external_ids": [{"system": "primero", "value": uuid4().hex}],
    }
    referral: dict[str, Any] = await worker.post("referrals", "/referrals", json=body)
    return referral
