"""Cash as it reads payees: a releaser permits the payments of an order, and the service then reads each batch once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from uuid import UUID, uuid4

import httpx
from solidary.platform.identity import Duty
from solidary_testing.tokens import Tokens


class PayeeReader:
    """Cash, which reads payees by a releaser's permit."""

    def __init__(self, api: httpx.AsyncClient, tokens: Tokens, agency: str = "iom") -> None:
        self.api = api
        self.agency = tokens.agency(agency)
        self.releaser = tokens.of(agency, Duty.CASH_RELEASER)
        self.carried = tokens.carried(self.releaser, by="cash", to="intake")
        self.service = tokens.service("cash", acting_for=self.agency)
        self.order = uuid4()

    async def permit(self, *batches: list[dict[str, str]]) -> str:
        """Let the releaser permit an order with these batches; return the permit's id."""
        digests = [
            hashlib.sha256(
                b"".join(UUID(each["payment_id"]).bytes + UUID(each["package_id"]).bytes for each in batch)
            ).hexdigest()
            for batch in batches
        ]
        body = {"reference": str(self.order), "batches": digests}
        answer = await self.api.post("/payee-permits", json=body, headers=self.carried)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def read(
        self,
        permit: str,
        payments: list[dict[str, str]],
        batch: int = 1,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Read a batch as the service itself."""
        body = {"permit_id": permit, "batch": batch, "payments": payments}
        return await self.api.post("/payees", json=body, headers=headers or self.service)

    async def __call__(self, packages: list[str]) -> httpx.Response:
        """Read the payees of an order with one batch."""
        batch = payments_of(packages)
        return await self.read(await self.permit(batch), batch)


def payments_of(packages: Iterable[object]) -> list[dict[str, str]]:
    """Return a payment for each package, as cash names them."""
    return [{"payment_id": str(uuid4()), "package_id": str(package)} for package in packages]
