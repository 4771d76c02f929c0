"""Who tells what: the people of the story, and how each step is said and checked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
from solidary.platform.identity import AGENCY_HEADER
from stack.run_file import Run

T = TypeVar("T")
WITHIN_SECONDS = 30.0


class StoryFailed(Exception):
    """A step did not come out as it must; the message says which and how."""


@dataclass
class Person:
    """Somebody of the story, logged in with a real token, who calls services over HTTP."""

    name: str
    agency: str
    story: Story
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
        """One request. POSTs carry a fresh Idempotency-Key. Raises StoryFailed on another status than expected."""
        expected = (expect,) if isinstance(expect, int) else expect
        headers = {
            "Authorization": f"Bearer {self.token}",
            AGENCY_HEADER: self.agency,
            **kwargs.pop("headers", {}),
        }
        if method == "POST":
            headers.setdefault("Idempotency-Key", str(uuid4()))
        trace = uuid4().hex
        headers.setdefault("traceparent", f"00-{trace}-{trace[:16]}-01")
        self.story.traces.append(trace)
        try:
            answer = await self.story.http.request(
                method, self.story.run.services[service] + path, headers=headers, **kwargs
            )
        except httpx.HTTPError as error:
            raise StoryFailed(
                f"{self.name} ({self.agency}): {method} {service}{path}: no answer ({error!r})"
            ) from error
        if answer.status_code not in expected:
            raise StoryFailed(
                f"{self.name} ({self.agency}): {method} {service}{path} answered {answer.status_code}, "
                f"expected {' or '.join(map(str, expected))}: {answer.text[:600]}"
            )
        if answer.headers.get("content-type", "").startswith(
            ("application/json", "application/problem+json")
        ):
            return answer.json()
        return answer.content

    async def get(self, service: str, path: str, **kwargs: Any) -> Any:
        return await self.call("GET", service, path, **kwargs)

    async def post(self, service: str, path: str, json: Any = None, **kwargs: Any) -> Any:
        return await self.call("POST", service, path, json=json, **kwargs)

    async def work(self, service: str, path: str, json: Any = None) -> Any:
        """Asks for long work, waits for its end, and returns what came of it. Raises StoryFailed where nothing did."""
        work = await self.outcome(service, path, json)
        if work["failure"] is not None:
            raise StoryFailed(f"{self.name} ({self.agency}): {service}{path} ended with {work['failure']}")
        return await self.get(service, work["result"])

    async def outcome(self, service: str, path: str, json: Any = None) -> dict[str, Any]:
        """Asks for long work, and waits for its end, whichever it is."""
        asked = await self.post(service, path, json, expect=202)

        async def ended() -> dict[str, Any] | None:
            work: dict[str, Any] = await self.get(service, f"/work/{asked['id']}")
            return None if work["finished"] is None else work

        found = await self.story.until(f"the end of {service}{path}", ended)
        assert found is not None
        return found

    async def put(self, service: str, path: str, json: Any = None, **kwargs: Any) -> Any:
        return await self.call("PUT", service, path, json=json, **kwargs)


@dataclass
class Story:
    """One telling: the running platform, its people, and what has happened so far."""

    run: Run
    http: httpx.AsyncClient
    city: dict[str, Any]
    """The body of a city import."""
    say: Callable[[str], None] = print
    agencies: dict[str, UUID] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    """What must never leave intake: each name, document, telephone and note that the story makes up."""
    statuses: set[str] = field(default_factory=set)
    """What is said of the family in codes, and of nobody in particular only in counts: needs, group, procedure."""
    traces: list[str] = field(default_factory=list)
    """The trace id of each request, in order."""
    _people: dict[str, Person] = field(default_factory=dict)
    _chapter: str = "Before the first chapter"
    _step: int = 0

    async def person(self, username: str) -> Person:
        """`unhcr.front_desk`, logged in once. Raises StoryFailed when Keycloak refuses."""
        if username not in self._people:
            user = self.run.users[username]
            form = {
                "grant_type": "password",
                "client_id": self.run.keycloak.console_client,
                "username": user.username,
                "password": user.password,
                "scope": "openid organization:*",
            }
            answer = await self.http.post(self.run.keycloak.token_url, data=form)
            if answer.status_code != 200:
                raise StoryFailed(f"{username} cannot log in: {answer.status_code} {answer.text[:200]}")
            agency = next(iter(user.duties))
            self._people[username] = Person(user.name, agency, self, answer.json()["access_token"])
        return self._people[username]

    def chapter(self, title: str) -> None:
        self._chapter = title
        self.say(f"\n{title}")

    @property
    def place(self) -> str:
        """Where in the story we are: what is under way is the step after those that were told."""
        return f"{self._chapter}, step {self._step + 1}"

    def tell(self, who: Person | str, what: str) -> None:
        """One step: who did it, and what came of it."""
        self._step += 1
        name = f"{who.name} ({who.agency})" if isinstance(who, Person) else who
        self.say(f"  {self._step:>2}. {name}: {what}")

    async def until(self, what: str, ask: Callable[[], Awaitable[T]], within: float = WITHIN_SECONDS) -> T:
        """Waits for a fact that comes over Kafka. Raises StoryFailed when it does not come."""
        end = time.monotonic() + within
        while True:
            answer = await ask()
            if answer:
                return answer
            if time.monotonic() > end:
                raise StoryFailed(f"{what} did not come within {within:g} s; last answer: {answer!r}")
            await asyncio.sleep(0.05)

    @staticmethod
    def check(fact: object, what: str) -> None:
        """Raises StoryFailed unless the fact holds."""
        if not fact:
            raise StoryFailed(f"it should hold that {what}")
