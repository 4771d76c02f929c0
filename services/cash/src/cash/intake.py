"""What intake tells us over HTTP, under a consent, for the agency that the consent names. None of it is logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError
from solidary.language.problems import Problem
from solidary.platform.identity import AGENCY_HEADER, TokenSourceUnavailable

from cash.targeting.enrolments.rules import Profile

MOST_PAYEES = 1000
"""In one request."""


class IntakeUnavailable(Problem):
    """Intake did not answer, or not in the words agreed; nothing was changed here."""

    status, slug, title = 503, "intake-unavailable", "Intake cannot be asked at the moment"


class Payout(BaseModel):
    """Where money can reach the person."""

    kind: Literal["account", "wallet", "collection"]
    reference: str
    provider: str | None = None


class Payee(BaseModel):
    """Who is paid and where; `payout` is absent until the desk has asked the person."""

    package_id: UUID
    household_id: UUID
    name: str
    payout: Payout | None = None
    payout_version: int


PAYEES = TypeAdapter(list[Payee])


@dataclass(frozen=True)
class Intake:
    """Intake at `url`, asked for `agency`."""

    http: httpx.AsyncClient
    url: str | None
    agency: UUID

    async def profile(self, household: UUID, package: UUID) -> Profile | None:
        """The household in codes; None where the consent does not let us know. Raises IntakeUnavailable."""
        answer = await self._ask("GET", f"/profiles/{household}", params={"package_id": str(package)})
        if answer.status_code == 404:
            return None
        try:
            return Profile.model_validate_json(self._good(answer).content)
        except ValidationError:
            raise IntakeUnavailable("intake's profile is not in the words agreed") from None

    async def payees(self, packages: Sequence[UUID]) -> list[Payee]:
        """Those whose consent is in force, of at most MOST_PAYEES. Raises IntakeUnavailable."""
        answer = await self._ask("POST", "/payees", json={"package_ids": [str(id_) for id_ in packages]})
        try:
            return PAYEES.validate_json(self._good(answer).content)
        except ValidationError:
            raise IntakeUnavailable("intake's payees are not in the words agreed") from None

    async def _ask(self, method: str, path: str, **asked: object) -> httpx.Response:
        if self.url is None:
            raise IntakeUnavailable("SOLIDARY_URL_INTAKE is not set")
        try:
            return await self.http.request(
                method,
                self.url + path,
                headers={AGENCY_HEADER: str(self.agency)},
                **asked,  # type: ignore[arg-type]
            )
        except (httpx.TransportError, TokenSourceUnavailable) as error:
            raise IntakeUnavailable(f"no answer: {type(error).__name__}") from None

    @staticmethod
    def _good(answer: httpx.Response) -> httpx.Response:
        if not answer.is_success:
            raise IntakeUnavailable(f"it answered {answer.status_code}")
        return answer
