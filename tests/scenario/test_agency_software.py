"""The main line of the platform, played by the agencies' own software alone."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from demonstration.parts.referrals import school_entry
from demonstration.people import new_family
from demonstration.place import Place
from solidary.platform.identity import Duty
from solidary_testing.tokens import Tokens
from stack.provision.admin_api import AdminApi
from stack.provision.machine_clients import add_machine_client

from tests.conftest import ScenarioRun

PLACE = Place.of("PA")


class Software:
    """A machine client that asks for a token as it needs one."""

    def __init__(self, scenario_run: ScenarioRun, agency: str, *duties: Duty) -> None:
        self.run = scenario_run.run
        account = self.run.keycloak.provisioner
        api = AdminApi(self.run.keycloak.url, account.username, account.password, self.run.keycloak.realm)
        name = f"records-{secrets.token_hex(4)}"
        secret = add_machine_client(api, agency, name, duties)
        assert secret is not None
        self.form = self.run.keycloak.machine_grant(f"{agency}-{name}", secret)

    def call(self, service: str, method: str, path: str, body: object = None) -> dict[str, Any]:
        token = httpx.post(self.run.keycloak.token_url, data=self.form).raise_for_status().json()
        headers = {"Authorization": f"Bearer {token['access_token']}", "Idempotency-Key": str(uuid4())}
        url = self.run.services[service] + path
        answer = httpx.request(method, url, headers=headers, json=body, timeout=30)
        assert answer.is_success, answer.text
        content: dict[str, Any] = answer.json()
        return content


def test_software_registers_asks_consent_refers_and_learns_the_outcome(
    scenario_run: ScenarioRun, tokens: Tokens
) -> None:
    registry = Software(
        scenario_run,
        "unhcr",
        *(Duty.SOFTWARE_REGISTER, Duty.SOFTWARE_CONSENT, Duty.SOFTWARE_REFER, Duty.SOFTWARE_READ),
    )
    school = Software(scenario_run, "casa-abierta", Duty.SOFTWARE_ANSWER, Duty.SOFTWARE_DIRECTORY)
    service = school.call("referrals", "POST", "/directory/services", school_entry(PLACE))
    mother = new_family(datetime.now(UTC).date(), PLACE).mother
    wanted = {name: mother[name] for name in ("given_name", "surname", "born")}
    search = registry.call("intake", "POST", "/people/search", wanted)
    registration = {
        "household": {"area": PLACE.home},
        "members": [mother],
        "search_id": search["search_id"],
    }
    registered = registry.call("intake", "PUT", f"/registrations/{uuid4()}", registration)
    person = registered["members"][0]["person_id"]
    consent_in = {
        "person_id": person,
        "recipient": str(tokens.agency("casa-abierta")),
        "purpose": "referral",
        "categories": ["name", "contact", "language", "age"],
        "basis": "consent",
        "language": "spa",
        "channel": "in_person",
        "text_version": "2026-11",
    }
    consent = registry.call("intake", "POST", "/consents", consent_in)
    referral_in = {
        "service_id": service["service_id"],
        "person_id": person,
        "purpose": "service",
        "consent_id": consent["consent_id"],
        "package_id": consent["package_id"],
        "urgency": "normal",
    }
    referral = registry.call("referrals", "POST", "/referrals", referral_in)
    path = f"/referrals/{referral['referral_id']}"
    assert "data" not in school.call("referrals", "GET", f"{path}/preview")
    school.call("referrals", "POST", f"{path}/accept")
    package = school.call("referrals", "GET", f"{path}/package")
    assert package["data"]["given_name"] == mother["given_name"]
    school.call("referrals", "POST", f"{path}/start")
    school.call("referrals", "POST", f"{path}/complete", {"outcome": "service_provided"})
    known = registry.call("referrals", "GET", path)
    assert (known["state"], known["outcome"]) == ("completed", "service_provided")
    assert UUID(registry.call("intake", "GET", f"/people/{person}")["person_id"]) == UUID(person)
