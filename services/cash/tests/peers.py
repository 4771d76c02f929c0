"""The other services that cash calls, as a fake that a test fills and whose requests it reads."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

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
    permits: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The releasers' permits to read payees: the id → the order and the digests that were not used yet."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    accepted_by: str = field(default_factory=lambda: str(uuid4()))
    """The person who accepts referrals, as the service referrals names them."""
    refuses_profiles: bool = False
    is_down: bool = False
    """Neither profiles nor payees are answered."""
    is_unreachable: bool = False
    """Every request is answered with 503."""
    meanwhile: Callable[[], Awaitable[None]] | None = None
    each_time: Callable[[], Awaitable[None]] | None = None
    """Runs during every request."""

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
        if path == "/payee-permits":
            permit = json.loads(request.content) | {"id": str(uuid4()), "valid_until": "2100-01-01T00:00:00Z"}
            self.permits[permit["id"]] = permit
            return httpx.Response(201, json=permit)
        if path == "/payees":
            return self._read_payees(**json.loads(request.content))
        profile = self.profiles.get(request.url.path.removeprefix("/profiles/"))
        known = profile and not self.refuses_profiles
        return httpx.Response(200, json=profile) if known else httpx.Response(404)

    def _read_payees(self, permit_id: str, batch: int, payments: Sequence[dict[str, str]]) -> httpx.Response:
        """Answer a batch as intake does: once, and only those payments that the releaser permitted."""
        ids = b"".join(UUID(each[name]).bytes for each in payments for name in ("payment_id", "package_id"))
        batches = self.permits[permit_id]["batches"]
        if sha256(ids).hexdigest() != batches[batch - 1]:
            return httpx.Response(409)
        batches[batch - 1] = "used"
        self.payments += [(each["package_id"], each["payment_id"]) for each in payments]
        wanted = [each["package_id"] for each in payments]
        return httpx.Response(200, json=[self.payees[id_] for id_ in wanted if id_ in self.payees])

    async def answer(self, request: httpx.Request) -> httpx.Response:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        if self.each_time is not None:
            await self.each_time()
        return self(request)

    @property
    def clients(self) -> ServiceClients:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        return ServiceClients(PEERS, http)
