"""The calls of services with the visitor's own token; the console has no rights beside theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from solidary.language.problems import TYPE_PREFIX
from solidary.platform.clients import PeerUnavailable, ServiceClients
from solidary.platform.identity import AGENCY_HEADER, SECOND_FACTOR

from console.interface.language.problem_words import UNAVAILABLE, Words, fault_words, words_of


class ServiceProblem(Exception):
    """A service's refusal, with the words that a person reads and the faults by their places."""

    def __init__(
        self, status: int, slug: str, words: Words, faults: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(slug)
        self.status, self.slug, self.words, self.faults = status, slug, words, faults


class SessionRefused(Exception):
    """A service does not take the token any more."""


class CodeNeeded(Exception):
    """A service asks for a recent one-time code."""

    factor = SECOND_FACTOR


@dataclass(frozen=True)
class Services:
    """The services, called by one person for one agency; or, without a token, by somebody who has no login.

    The methods raise ServiceProblem (also where a service does not answer), SessionRefused and CodeNeeded.
    """

    clients: ServiceClients
    token: str = ""
    agency: UUID | None = None

    async def get(self, service: str, path: str, **params: str) -> Any:
        """Return what a GET answers."""
        return await self._send(service, "GET", path, params=params)

    async def post(
        self, service: str, path: str, body: Mapping[str, Any] | None = None, key: str = ""
    ) -> Any:
        """Return what a POST answers. Sent again with the same `key` it acts only once."""
        return await self._send(service, "POST", path, json=body, key=key)

    async def put(self, service: str, path: str, body: Mapping[str, Any]) -> Any:
        """Return what a PUT answers."""
        return await self._send(service, "PUT", path, json=body)

    async def _send(
        self,
        service: str,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        key: str = "",
    ) -> Any:
        headers = {}
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}", AGENCY_HEADER: str(self.agency)}
        if key:
            headers["Idempotency-Key"] = key
        try:
            answer = await self.clients.forward(
                service, method, path, headers=headers, json=json, params=params or None
            )
        except PeerUnavailable:
            raise ServiceProblem(503, "unavailable", UNAVAILABLE) from None
        if answer.is_success:
            return answer.json() if answer.content else None
        if answer.status_code == 401:
            raise SessionRefused
        raise _problem(answer.status_code, answer)


def _problem(status: int, answer: Any) -> Exception:
    try:
        document = answer.json()
        slug = str(document.get("type", "")).removeprefix(TYPE_PREFIX)
        faults = tuple(
            (str(each["pointer"]), fault_words(str(each["detail"]))) for each in document.get("errors", ())
        )
    except (ValueError, AttributeError, KeyError, TypeError):
        slug, faults = "", ()
    if slug == "second-factor-required":
        return CodeNeeded()
    return ServiceProblem(status, slug, words_of(slug, status), faults)
