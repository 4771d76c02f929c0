"""The directory, and referrals: one whose loop is closed, one that ends with its consent, one for cash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from demonstration.parts import intake
from demonstration.people import CHILD_YEARS, DISTRICT, HOME
from demonstration.scenario import Scenario, User

SCHOOL = {
    "name": "Matrícula de niñas y niños sin documentos",
    "organization": "Oficina municipal de educación (demostración)",
    "description": "Acompaña la matrícula en la escuela del barrio aunque falten papeles.",
    "category": "education",
    "needs": ["CR-NE"],
    "eligibility": f'age >= 5 && age <= 17 && area.startsWith("{DISTRICT}")',
    "area": DISTRICT,
    "latitude": 8.8786,
    "longitude": -79.7833,
    "answers_within_hours": 48,
    "details": {
        "schedules": [{"byday": "MO,TU,WE,TH,FR", "opens_at": "08:00", "closes_at": "15:00"}],
        "required_documents": ["Ninguno para empezar; constancias de estudio si las hay"],
        "eligibility_description": "De 5 a 17 años, en el distrito de La Chorrera",
    },
}
CLINIC = {
    "name": "Control de la vista",
    "organization": "Centro municipal de salud (demostración)",
    "description": "Examen de la vista y lentes para personas mayores.",
    "category": "health",
    "area": DISTRICT,
    "details": {"schedules": [{"byday": "TU,TH", "opens_at": "07:00", "closes_at": "12:00"}]},
}
CASH = {
    "name": "Asistencia en efectivo para hogares recién llegados",
    "organization": "IOM Panama (demonstration)",
    "description": "Transferencias para las necesidades básicas del hogar.",
    "category": "basic_needs",
    "purpose": "cash",
    "area": "PA",
}


@dataclass(frozen=True)
class Referred:
    """The referral whose loop was closed, and the one that ended with its consent."""

    referral_id: UUID
    withdrawn_referral_id: UUID


async def play(scenario: Scenario, family: intake.Family) -> Referred:
    school, clinic = await _fill_the_directory(scenario)
    await _ask_what_fits(scenario, school)
    closed = await _close_a_loop(scenario, family, school)
    stopped = await _withdraw_consent(scenario, family, clinic)
    return Referred(closed, stopped)


async def refer_to_cash(scenario: Scenario, family: intake.Family) -> UUID:
    """A cash referral to IOM, accepted; cash hears of it."""
    editor = await scenario.user("iom.directory_editor")
    worker, provider = await scenario.user("unhcr.case_worker"), await scenario.user("iom.provider")
    service = await _keep(editor, CASH)
    referral = await _refer(
        scenario, worker, service, family.cash_consent_id, need="basic_needs", purpose="cash"
    )
    accepted = await provider.post("referrals", f"/referrals/{referral['referral_id']}/accept")
    scenario.check(accepted["state"] == "accepted", "IOM takes the cash referral on")
    scenario.report(provider, "takes on the household's referral for cash assistance")
    return UUID(referral["referral_id"])


async def _fill_the_directory(scenario: Scenario) -> tuple[UUID, UUID]:
    editor = await scenario.user("chorrera.directory_editor")
    school, clinic = await _keep(editor, SCHOOL), await _keep(editor, CLINIC)
    places = {"available": 12, "maximum": 30}
    await editor.put("referrals", f"/directory/services/{school}/capacity", json=places)
    page = await scenario.http.get(
        f"{scenario.run.services['referrals']}/services", params={"search": str(SCHOOL["name"])}
    )
    scenario.check(str(school) in page.text, "everybody can read the public directory without a token")
    scenario.report(
        editor, "keeps two services in the directory, which anybody can read as HSDS 3.1; 12 places free"
    )
    return school, clinic


async def _ask_what_fits(scenario: Scenario, school: UUID) -> None:
    worker = await scenario.user("unhcr.case_worker")
    query = {
        "need": "CR-NE",
        "profile": {"age": CHILD_YEARS, "area": HOME, "languages": ["spa"]},
        "near": {"latitude": 8.88, "longitude": -79.78},
    }
    found = await worker.post("referrals", "/suggestions", json=query)
    first = next(service for service in found if service["service_id"] == str(school))
    scenario.check(first["verdict"] == "fits", "the enrolment service fits a child of nine in La Chorrera")
    reasons = "; ".join(part["reason"]["es"] for part in first["parts"])
    scenario.report(
        worker, f"asks, without a person, what helps a child out of school: {first['name']} ({reasons})"
    )


async def _close_a_loop(scenario: Scenario, family: intake.Family, school: UUID) -> UUID:
    worker, provider = await scenario.user("unhcr.case_worker"), await scenario.user("chorrera.provider")
    referral = await _refer(
        scenario, worker, school, family.school_consent_id, need="CR-NE", age_band="5-11", urgency="urgent"
    )
    where, person = f"/referrals/{referral['referral_id']}", UUID(referral["person_id"])
    await intake.shows_on_timeline(scenario, person, "referral_requested")
    scenario.report(
        worker, "refers the child to the education office, urgent: an answer is due within 72 hours"
    )

    preview = await provider.get("referrals", where)
    scenario.check(
        "person_id" not in preview and "package_id" not in preview, "the preview is of nobody in particular"
    )
    await provider.get("referrals", f"{where}/package", expect=409)
    coded = ", ".join(map(str, preview["preview"].values()))
    scenario.report(provider, f"sees only a coded preview ({coded}), and no package yet")

    await provider.post("referrals", f"{where}/accept")
    package = await provider.get("referrals", f"{where}/package")
    told = set(package["data"])
    scenario.check("given_name" in told, "the package has the child's name")
    scenario.check(not {"population_group", "immigration_status"} & told, "no immigration status is in it")
    await intake.shows_on_timeline(scenario, person, "referral_accepted")
    scenario.report(provider, f"accepts, and reads what the consent allows ({', '.join(sorted(told))})")

    stranger = await scenario.user("iom.case_worker")
    await stranger.get("referrals", where, expect=404)
    scenario.report(stranger, "asks for the same referral: there is none for IOM (404)")

    await provider.post("referrals", f"{where}/start")
    await intake.shows_on_timeline(scenario, person, "referral_started")
    await provider.post("referrals", f"{where}/complete", json={"outcome": "service_provided"})
    await provider.get("referrals", f"{where}/package", expect=409)
    await intake.shows_on_timeline(scenario, person, "referral_completed")
    scenario.report(provider, "enrols the child and closes the loop; UNHCR saw every step on the timeline")
    return UUID(referral["referral_id"])


async def _withdraw_consent(scenario: Scenario, family: intake.Family, clinic: UUID) -> UUID:
    worker, provider = await scenario.user("unhcr.case_worker"), await scenario.user("chorrera.provider")
    referral = await _refer(scenario, worker, clinic, family.health_consent_id, need="health")
    where = f"/referrals/{referral['referral_id']}"
    await provider.post("referrals", f"{where}/accept")
    await provider.get("referrals", f"{where}/package")
    await worker.post("intake", f"/consents/{family.health_consent_id}/withdraw")

    async def stopped() -> bool:
        known = await worker.get("referrals", where)
        return bool(known["state"] == "cancelled" and known["reason"] == "consent_withdrawn")

    await scenario.wait_until("the end of a referral whose consent was withdrawn", stopped)
    await provider.get("referrals", f"{where}/package", expect=404)
    await intake.shows_on_timeline(scenario, UUID(referral["person_id"]), "referral_cancelled")
    scenario.report(
        worker, "records that a consent is withdrawn: the second referral stops, its receiver finds nothing"
    )
    return UUID(referral["referral_id"])


async def _keep(editor: User, entry: dict[str, Any]) -> UUID:
    """The agency's entry of that name, as it is told here; entered where there is none yet."""
    page = await editor.get("referrals", "/directory/services", params={"limit": 200})
    for known in page["items"]:
        if known["name"] == entry["name"]:
            await editor.put("referrals", f"/directory/services/{known['service_id']}", json=entry)
            return UUID(known["service_id"])
    return UUID((await editor.post("referrals", "/directory/services", json=entry))["service_id"])


async def _refer(
    scenario: Scenario,
    worker: User,
    service: UUID,
    consent_id: UUID,
    *,
    need: str,
    age_band: str | None = None,
    urgency: str = "normal",
    purpose: str = "service",
) -> dict[str, Any]:
    """Refers the person of a consent, as soon as referrals has heard of it."""
    consent = await worker.get("intake", f"/consents/{consent_id}")
    body = {
        "service_id": str(service),
        "consent_id": str(consent_id),
        "package_id": consent["package_id"],
        "person_id": consent["person_id"],
        "purpose": purpose,
        "urgency": urgency,
        "preview": {"need": need, "age_band": age_band, "language": "spa"},
    }

    async def sent() -> dict[str, Any] | None:
        answer: dict[str, Any] = await worker.call(
            "POST", "referrals", "/referrals", expect=(201, 422), json=body
        )
        if "referral_id" in answer:
            return answer
        known = [fault["detail"] for fault in answer["errors"]]
        scenario.check(
            known == ["no consent in force under this id"], f"a referral is refused for nothing else: {known}"
        )
        return None

    referral = await scenario.wait_until("the consent in referrals", sent)
    assert referral is not None
    return referral
