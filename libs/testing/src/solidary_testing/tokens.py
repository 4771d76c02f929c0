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
    """Asks Keycloak for tokens, and hires whom a test needs; asks anew when half of a token's life is over."""

    def __init__(self, run: Run) -> None:
        self._run = run
        admin = run.keycloak.admin
        self._realm = Realm(
            AdminApi(run.keycloak.url, admin.username, admin.password, run.keycloak.realm), run.country
        )
        self._realm.ensure_agencies(AGENCIES)
        self._password = secrets.token_urlsafe(16)
        self._known: dict[str, tuple[str, float]] = {}
        self._mark = secrets.token_hex(3)

    def agency(self, alias: str) -> UUID:
        """An agency's id."""
        return UUID(self._realm.agency_ids[alias])

    def of(self, agency: str, *duties: Duty, number: int = 1) -> dict[str, str]:
        """Request headers of a person with these duties in one agency; another `number` is another person."""
        # Keycloak takes 64 characters before the @ of an address; all the duties together are more.
        held = hashlib.sha256(" ".join(duties).encode()).hexdigest()[:12]
        username = ".".join(["test", self._mark, agency, held, str(number)])
        return self._headers(username, {agency: duties})

    def of_several(self, duties: Mapping[str, tuple[Duty, ...]], *, acting_for: str | None) -> dict[str, str]:
        """Request headers of one person who belongs to several agencies."""
        headers = self._headers(f"test.{self._mark}.{'-'.join(duties)}", duties)
        return headers | ({AGENCY_HEADER: acting_for} if acting_for else {})

    def demonstration(self, username: str) -> dict[str, str]:
        """Request headers of one of the demonstration's people."""
        return self._bearer(username, self._run.users[username].password)

    def service(self, name: str, *, acting_for: UUID) -> dict[str, str]:
        """Request headers of one of our own services."""
        client = f"svc-{name}"
        form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_secret": self._run.clients[client].secret,
        }
        return self._ask(client, form) | {AGENCY_HEADER: str(acting_for)}

    def _headers(self, username: str, duties: Mapping[str, tuple[Duty, ...]]) -> dict[str, str]:
        if username not in self._known:
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
        return self._ask(username, form)

    def _ask(self, who: str, form: dict[str, str]) -> dict[str, str]:
        token, until = self._known.get(who, ("", 0.0))
        if time.monotonic() > until:
            answer = httpx.post(self._run.keycloak.token_url, data=form, timeout=20)
            answer.raise_for_status()
            token, until = answer.json()["access_token"], time.monotonic() + answer.json()["expires_in"] / 2
            self._known[who] = token, until
        return {"Authorization": f"Bearer {token}"}
