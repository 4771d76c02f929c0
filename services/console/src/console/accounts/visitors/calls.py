"""The calls of services with the visitor's own token; the console has no rights beside theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    reasons: Mapping[str, str] = field(default_factory=dict)
    """The reasons that the person stated for opening people with whom they do not work, by the people's ids."""

    async def get(self, service: str, path: str, **params: str) -> Any:
        """Return what a GET answers."""
        return await self._send(service, "GET", path, params=params)

    async def read(self, service: str, path: str) -> tuple[Any, str]:
        """Return what a GET answers, and its version for a later `put`."""
        answer = await self._answer(service, "GET", path)
        return answer.json(), str(answer.headers.get("etag", ""))

    async def post(
        self, service: str, path: str, body: Mapping[str, Any] | None = None, key: str = ""
    ) -> Any:
        """Return what a POST answers. Sent again with the same `key` it acts only once."""
        return await self._send(service, "POST", path, json=body, key=key)

    async def put(self, service: str, path: str, body: Mapping[str, Any], version: str = "") -> Any:
        """Return what a PUT answers. With a `version` it replaces that one only."""
        return await self._send(service, "PUT", path, json=body, version=version)

    async def _send(self, service: str, method: str, path: str, **sent: Any) -> Any:
        answer = await self._answer(service, method, path, **sent)
        return answer.json() if answer.content else None

    async def _answer(
        self,
        service: str,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        key: str = "",
        version: str = "",
    ) -> Any:
        headers = {}
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}", AGENCY_HEADER: str(self.agency)}
        if key:
            headers["Idempotency-Key"] = key
        if version:
            headers["If-Match"] = version
        about = str((json or {}).get("person_id", "")) or path.removeprefix("/people/").partition("/")[0]
        if reason := self.reasons.get(about):
            headers["Solidary-Reason"] = reason
        try:
            answer = await self.clients.forward(
                service, method, path, headers=headers, json=json, params=params or None
            )
        except PeerUnavailable:
            raise ServiceProblem(503, "unavailable", UNAVAILABLE) from None
        if answer.is_success:
            return answer
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
