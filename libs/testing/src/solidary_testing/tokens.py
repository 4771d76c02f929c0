"""Real tokens of the real Keycloak, for any agency and any duties."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping
from uuid import UUID

import httpx
from solidary.platform.identity import AGENCY_HEADER, Duty
from stack.agencies import AGENCIES, StaffMember
from stack.provision.admin_api import AdminApi
from stack.provision.realm import Realm
from stack.run_file import Run


class Tokens:
    """Real tokens of people and services.

    People are created as tests need them. A token is requested again when half of its life is over.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        admin = run.keycloak.admin
        self._realm = Realm(
            AdminApi(run.keycloak.url, admin.username, admin.password, run.keycloak.realm), run.country
        )
        self._realm.ensure_agencies(AGENCIES)
        self._password = secrets.token_urlsafe(16)
        self._tokens: dict[str, tuple[str, float]] = {}
        self._run_id = secrets.token_hex(3)

    def agency(self, alias: str) -> UUID:
        """Return an agency's id."""
        return UUID(self._realm.agency_ids[alias])

    def of(self, agency: str, *duties: Duty, number: int = 1) -> dict[str, str]:
        """Return request headers of a person with these duties in one agency; another `number` is another person."""
        # Keycloak takes 64 characters before the @ of an address; all the duties together are more.
        digest = hashlib.sha256(" ".join(duties).encode()).hexdigest()[:12]
        username = ".".join(["test", self._run_id, agency, digest, str(number)])
        return self._headers(username, {agency: duties})

    def of_several(self, duties: Mapping[str, tuple[Duty, ...]], *, acting_for: str | None) -> dict[str, str]:
        """Return request headers of one person who belongs to several agencies."""
        headers = self._headers(f"test.{self._run_id}.{'-'.join(duties)}", duties)
        return headers | ({AGENCY_HEADER: acting_for} if acting_for else {})

    def demonstration(self, username: str) -> dict[str, str]:
        """Return request headers of one of the demonstration's people."""
        return self._bearer(username, self._run.users[username].password)

    def machine(self, client_id: str) -> dict[str, str]:
        """Return request headers of a machine client of an agency, such as `iom-bank`."""
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": self._run.clients[client_id].secret,
            "scope": "organization:*",
        }
        return self._request(client_id, form)

    def service(self, name: str, *, acting_for: UUID) -> dict[str, str]:
        """Return request headers of a service of the platform."""
        client = f"svc-{name}"
        form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_secret": self._run.clients[client].secret,
        }
        return self._request(client, form) | {AGENCY_HEADER: str(acting_for)}

    def _headers(self, username: str, duties: Mapping[str, tuple[Duty, ...]]) -> dict[str, str]:
        if username not in self._tokens:
            self._realm.ensure_staff([StaffMember(username, "Test", "Person", dict(duties))], self._password)
        return self._bearer(username, self._password)

    def _bearer(self, username: str, password: str) -> dict[str, str]:
        form = {
            "grant_type": "password",
            "client_id": self._run.keycloak.console_client,
            "username": username,
            "password": password,
            "scope": "openid organization:*",
        }
        return self._request(username, form)

    def _request(self, client: str, form: dict[str, str]) -> dict[str, str]:
        token, renewal = self._tokens.get(client, ("", 0.0))
        if time.monotonic() > renewal:
            response = httpx.post(self._run.keycloak.token_url, data=form, timeout=20)
            response.raise_for_status()
            granted = response.json()
            token, renewal = granted["access_token"], time.monotonic() + granted["expires_in"] / 2
            self._tokens[client] = token, renewal
        return {"Authorization": f"Bearer {token}"}
