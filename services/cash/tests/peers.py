"""The other services that cash calls, as a fake that a test fills and whose requests it reads."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
from solidary.platform.clients import ServiceClients

PEERS = {"intake": "http://intake.test", "referrals": "http://referrals.test"}


@dataclass
class Intake:
    """A fake of intake and referrals: household → profile, package → payee, and the requests that it received.

    `meanwhile` runs once, during the next request.
    """

    consents: dict[str, dict[str, object]] = field(default_factory=dict)
    """Package → the terms of its consent."""
    referrals: dict[str, dict[str, object]] = field(default_factory=dict)
    """The accepted referrals for cash that the service referrals knows."""
    uses: list[tuple[str, str]] = field(default_factory=list)
    """The package, and the referral or enrolment for which its consent was used."""
    profiles: dict[str, dict[str, object]] = field(default_factory=dict)
    payees: dict[str, dict[str, object]] = field(default_factory=dict)
    payments: list[tuple[str, str]] = field(default_factory=list)
    """The package and the id of each payment whose payee was asked for."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    accepted_by: str = field(default_factory=lambda: str(uuid4()))
    """The person who accepts referrals, as the service referrals names them."""
    refuses_profiles: bool = False
    is_down: bool = False
    """Neither profiles nor payees are answered."""
    is_unreachable: bool = False
    """Every request is answered with 503."""
    meanwhile: Callable[[], Awaitable[None]] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append((request.url.path, request.headers["solidary-agency"]))
        path = request.url.path
        if self.is_unreachable or (self.is_down and path.startswith(("/profiles/", "/payees"))):
            return httpx.Response(503)
        if path.startswith("/cash-referrals/"):
            known = self.referrals.get(path.removeprefix("/cash-referrals/"))
            return httpx.Response(200, json=known) if known else httpx.Response(404)
        if path.endswith("/uses"):
            package = path.split("/")[2]
            self.uses.append((package, json.loads(request.content)["reference"]))
            terms = self.consents.get(package)
            return httpx.Response(200, json=terms) if terms else httpx.Response(404)
        if path == "/payees":
            payments = json.loads(request.content)["payments"]
            self.payments += [(payment["package_id"], payment["payment_id"]) for payment in payments]
            wanted = [payment["package_id"] for payment in payments]
            return httpx.Response(200, json=[self.payees[id_] for id_ in wanted if id_ in self.payees])
        profile = self.profiles.get(request.url.path.removeprefix("/profiles/"))
        known = profile and not self.refuses_profiles
        return httpx.Response(200, json=profile) if known else httpx.Response(404)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return self(request)

    @property
    def clients(self) -> ServiceClients:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        return ServiceClients(PEERS, http)
