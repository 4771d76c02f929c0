"""The scenario as it is played: its users, their calls, the checks of each step, and the report of it."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
from solidary.platform.identity import AGENCY_HEADER
from solidary_client import AsyncSolidary
from stack.one_time_code import one_time_code
from stack.run_file import Run

from demonstration.place import Place

T = TypeVar("T")
WITHIN_SECONDS = 60.0


class ScenarioFailed(Exception):
    """A step did not have the expected result. The message names the step and the result."""


@dataclass
class User:
    """A user of the scenario, logged in with a real token, who calls services over HTTP.

    The token is empty for somebody without a login.
    """

    name: str
    agency: str
    scenario: Scenario
    token: str

    async def call(
        self,
        method: str,
        service: str,
        path: str,
        *,
        expect: int | tuple[int, ...] = (200, 201, 202, 204),
        **kwargs: Any,
    ) -> Any:
        """Send a request and return its answer. A POST has a new Idempotency-Key.

        Raises ScenarioFailed when the status is not an expected one.
        """
        expected = (expect,) if isinstance(expect, int) else expect
        login = {"Authorization": f"Bearer {self.token}", AGENCY_HEADER: self.agency} if self.token else {}
        headers = {**login, **kwargs.pop("headers", {})}
        if method == "POST":
            headers.setdefault("Idempotency-Key", str(uuid4()))
        trace = uuid4().hex
        headers.setdefault("traceparent", f"00-{trace}-{trace[:16]}-01")
        self.scenario.traces.append(trace)
        request = f"{method} {service}{path} by {self.name} ({self.agency})"
        try:
            answer = await self.scenario.http.request(
                method, self.scenario.run.apis[service] + path, headers=headers, **kwargs
            )
        except httpx.HTTPError as error:
            raise ScenarioFailed(f"{request} had no answer ({error!r}).") from error
        if answer.status_code not in expected:
            raise ScenarioFailed(
                f"{request} was answered with {answer.status_code} instead of "
                f"{' or '.join(map(str, expected))}: {answer.text[:600]}"
            )
        if answer.headers.get("content-type", "").startswith(
            ("application/json", "application/problem+json")
        ):
            return answer.json()
        return answer.content

    async def get(self, service: str, path: str, **kwargs: Any) -> Any:
        """Send a GET request and return its answer."""
        return await self.call("GET", service, path, **kwargs)

    async def post(self, service: str, path: str, json: Any = None, **kwargs: Any) -> Any:
        """Send a POST request and return its answer."""
        return await self.call("POST", service, path, json=json, **kwargs)

    async def put(self, service: str, path: str, json: Any = None, **kwargs: Any) -> Any:
        """Send a PUT request and return its answer."""
        return await self.call("PUT", service, path, json=json, **kwargs)

    async def work(self, service: str, path: str, json: Any = None, **kwargs: Any) -> Any:
        """Request long work, wait for its end and return its result. Raises ScenarioFailed when the work failed."""
        work = await self.outcome(service, path, json, **kwargs)
        if work["failure"] is not None:
            raise ScenarioFailed(f"The work {service}{path} of {self.name} failed: {work['failure']}")
        return await self.get(service, work["result"])

    async def outcome(self, service: str, path: str, json: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Request long work and return it when it has ended, with success or not."""
        requested = await self.post(service, path, json, expect=202, **kwargs)

        async def ended() -> dict[str, Any] | None:
            work: dict[str, Any] = await self.get(service, f"/work/{requested['id']}")
            return None if work["finished"] is None else work

        found = await self.scenario.wait_until(f"the end of {service}{path}", ended)
        assert found is not None
        return found


@dataclass
class Scenario:
    """A run of the scenario: the running platform, the users, and the steps so far."""

    run: Run
    http: httpx.AsyncClient
    place: Place
    city: dict[str, Any]
    """The body of a city import."""
    output: Callable[[str], None] = print
    agencies: dict[str, UUID] = field(default_factory=dict)
    identities: set[str] = field(default_factory=set)
    """All names, documents, telephones and notes of the scenario's people, which must never leave intake."""
    statuses: set[str] = field(default_factory=set)
    """The codes of the family's needs, population group and procedure, which leave intake only as counts."""
    traces: list[str] = field(default_factory=list)
    """The trace id of each request, in order."""
    _users: dict[str, User] = field(default_factory=dict)
    _part: str = "Before the first part"
    _step: int = 0

    async def user(self, username: str) -> User:
        """Return a user such as `unhcr.front_desk`, who logs in once. Raises ScenarioFailed when the login fails."""
        if username not in self._users:
            user = self.run.users[username]
            form = self.run.keycloak.password_grant(
                user.username, user.password, one_time_code(user.code_secret)
            )
            answer = await self.http.post(self.run.keycloak.public_token_url, data=form)
            if answer.status_code != 200:
                raise ScenarioFailed(f"{username} cannot log in: {answer.status_code} {answer.text[:200]}")
            agency = next(iter(user.duties))
            self._users[username] = User(user.name, agency, self, answer.json()["access_token"])
        return self._users[username]

    async def machine(self, client_id: str, name: str) -> User:
        """Return a machine client of an agency, such as `iom-bank`. Raises ScenarioFailed when it gets no token."""
        if client_id not in self._users:
            client = self.run.clients[client_id]
            form = self.run.keycloak.machine_grant(client_id, client.secret)
            answer = await self.http.post(self.run.keycloak.public_token_url, data=form)
            if answer.status_code != 200:
                raise ScenarioFailed(f"{client_id} gets no token: {answer.status_code} {answer.text[:200]}")
            assert client.agency is not None
            self._users[client_id] = User(name, client.agency, self, answer.json()["access_token"])
        return self._users[client_id]

    def software(self, client_id: str) -> AsyncSolidary:
        """Return the software of an agency, which calls the platform by the client that agencies use."""
        secret, certificate = self.run.clients[client_id].secret, self.run.certificate
        verify = ssl.create_default_context(cafile=certificate) if certificate else True
        return AsyncSolidary(self.run.address, client_id, secret, verify=verify)

    def start_part(self, title: str) -> None:
        """Start a part of the scenario and print its title."""
        self._part = title
        self.output(f"\n{title}")

    @property
    def position(self) -> str:
        """The part and the number of the step that is being played."""
        return f"{self._part}, step {self._step + 1}"

    def report(self, actor: User | str, result: str) -> None:
        """Print a step that was played: its actor and its result."""
        self._step += 1
        name = f"{actor.name} ({actor.agency})" if isinstance(actor, User) else actor
        self.output(f"  {self._step:>2}. {name}: {result}")

    async def wait_until(
        self, expected: str, find: Callable[[], Awaitable[T]], within: float = WITHIN_SECONDS
    ) -> T:
        """Call `find` until it returns something, as an effect that comes over Kafka takes a moment.

        Raises ScenarioFailed when it has returned nothing `within` the seconds.
        """
        end = time.monotonic() + within
        while True:
            found = await find()
            if found:
                return found
            if time.monotonic() > end:
                raise ScenarioFailed(
                    f"Expected within {within:g} seconds: {expected}. The last answer was {found!r}."
                )
            await asyncio.sleep(0.05)

    @staticmethod
    def check(fact: object, expectation: str) -> None:
        """Raise ScenarioFailed unless a fact holds."""
        if not fact:
            raise ScenarioFailed(f"Expected: {expectation}.")
