"""Real tokens of the real Keycloak, for any agency and any duties."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from uuid import UUID

import httpx
from solidary.platform.clients.service_token import ACCESS_TOKEN, EXCHANGE
from solidary.platform.identity import AGENCY_HEADER, CAUSE_HEADER, Duty, audience_scope, service_client_id
from stack.agencies import AGENCIES, StaffMember
from stack.one_time_code import one_time_code
from stack.provision.admin_api import AdminApi
from stack.provision.realm import Realm
from stack.run_file import Run
from stack.services import SERVICES, called_services

TEST_CAUSE = "test:00000000-0000-4000-8000-000000000000"


def subject_of(headers: Mapping[str, str]) -> UUID:
    """Return the account to which the token of these request headers was issued."""
    payload = headers["Authorization"].split(".")[1]
    return UUID(json.loads(base64.urlsafe_b64decode(payload + "=="))["sub"])


class Tokens:
    """Real tokens of people and services.

    People are created as tests need them. A token is requested again when half of its life is over.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        admin = run.keycloak.provisioner
        self._realm = Realm(
            AdminApi(run.keycloak.url, admin.username, admin.password, run.keycloak.realm), run.country
        )
        self._realm.ensure_agencies(AGENCIES)
        self._password, self._code_secret = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self._tokens: dict[tuple[str, str], tuple[str, float]] = {}
        self._people: set[str] = set()
        self._run_id = secrets.token_hex(3)

    def agency(self, alias: str) -> UUID:
        """Return an agency's id."""
        return UUID(self._realm.agency_ids[alias])

    def of(
        self, agency: str, *duties: Duty, number: int = 1, services: tuple[str, ...] = SERVICES
    ) -> dict[str, str]:
        """Return request headers of a person with these duties in one agency; another `number` is another person.

        The token is for these `services`.
        """
        # Keycloak takes 64 characters before the @ of an address; all the duties together are more.
        digest = hashlib.sha256(" ".join(duties).encode()).hexdigest()[:12]
        username = ".".join(["test", self._run_id, agency, digest, str(number)])
        return self._headers(username, {agency: duties}, services)

    def of_several(self, duties: Mapping[str, tuple[Duty, ...]], *, acting_for: str | None) -> dict[str, str]:
        """Return request headers of one person who belongs to several agencies."""
        headers = self._headers(f"test.{self._run_id}.{'-'.join(duties)}", duties)
        return headers | ({AGENCY_HEADER: acting_for} if acting_for else {})

    def demonstration(self, username: str, services: tuple[str, ...] = SERVICES) -> dict[str, str]:
        """Return request headers of one of the demonstration's people, with a token for these services."""
        user = self._run.users[username]
        return self._bearer(username, user.password, user.code_secret, services)

    def machine(self, client_id: str) -> dict[str, str]:
        """Return request headers of a machine client of an agency, such as `iom-bank`."""
        form = self._run.keycloak.machine_grant(client_id, self._run.clients[client_id].secret)
        return self._request(client_id, form)

    def service(self, name: str, *, acting_for: UUID, cause: str = TEST_CAUSE) -> dict[str, str]:
        """Return request headers of a service that acts without a human, with a token for all that it may call."""
        client = service_client_id(name)
        form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_secret": self._run.clients[client].secret,
            "scope": " ".join(["basic", *map(audience_scope, called_services(name))]),
        }
        return self._request(client, form) | {AGENCY_HEADER: str(acting_for), CAUSE_HEADER: cause}

    def carried(self, headers: dict[str, str], *, by: str, to: str) -> dict[str, str]:
        """Return the request headers with which a service carries a person in a call to another service."""
        client = service_client_id(by)
        form = {
            "grant_type": EXCHANGE,
            "client_id": client,
            "client_secret": self._run.clients[client].secret,
            "subject_token": headers["Authorization"].removeprefix("Bearer "),
            "subject_token_type": ACCESS_TOKEN,
            "audience": service_client_id(to),
            "scope": f"organization:* {audience_scope(to)}",
        }
        return {**headers, **self._request(client + headers["Authorization"], form)}

    def _headers(
        self, username: str, duties: Mapping[str, tuple[Duty, ...]], services: tuple[str, ...] = SERVICES
    ) -> dict[str, str]:
        if username not in self._people:
            person = StaffMember(username, "Test", "Person", dict(duties))
            self._realm.ensure_staff([person], self._password, self._code_secret)
            self._people.add(username)
        return self._bearer(username, self._password, self._code_secret, services)

    def _bearer(
        self, username: str, password: str, code_secret: str, services: tuple[str, ...] = SERVICES
    ) -> dict[str, str]:
        code = one_time_code(code_secret)
        form = self._run.keycloak.password_grant(username, password, code, services)
        return self._request(username, form)

    def _request(self, account: str, form: dict[str, str]) -> dict[str, str]:
        token, renewal = self._tokens.get((account, form["scope"]), ("", 0.0))
        if time.monotonic() > renewal:
            response = httpx.post(self._run.keycloak.token_url, data=form, timeout=20)
            response.raise_for_status()
            granted = response.json()
            token, renewal = granted["access_token"], time.monotonic() + granted["expires_in"] / 2
            self._tokens[account, form["scope"]] = token, renewal
        return {"Authorization": f"Bearer {token}"}
