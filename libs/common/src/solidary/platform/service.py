"""What every service is made of, and how it is run.

service = Service(name="referrals", routers=[directory.router, referrals.router], reactions=[reactions])
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias
from uuid import NAMESPACE_URL, UUID, uuid5

import procrastinate
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from solidary.files.command_line import CommandError
from solidary.language.problems import Problem
from solidary.platform.clients import ServiceClients
from solidary.platform.database import Database
from solidary.platform.identity import Principal
from solidary.platform.jobs import Jobs, purging, running
from solidary.platform.messaging import Subscriber, topic
from solidary.platform.messaging.backlog import BacklogMonitor
from solidary.platform.messaging.consumer import Consumer
from solidary.platform.relay_process import relay_of
from solidary.platform.settings import Settings
from solidary.platform.web.application import all_routers, application, open_clients, routes

VERSION = version("solidary")
PARTS = ("relay", "consumers", "jobs")
NOBODY = UUID(int=0)

Part: TypeAlias = Callable[[asyncio.Event], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Service:
    """A service, whole. `reactions` share one place in the topics; each of `projections` has its own.

    `constraint_problems`: the problem that each constraint of the database means, by the constraint's name.
    """

    name: str
    about: str
    routers: Sequence[APIRouter]
    reactions: Sequence[ModuleType] = ()
    projections: Sequence[ModuleType] = ()
    jobs: Sequence[Jobs] = ()
    constraint_problems: Mapping[str, type[Problem]] = field(default_factory=dict)

    @property
    def principal(self) -> Principal:
        """The service itself, before it acts for an agency."""
        subject = uuid5(NAMESPACE_URL, f"urn:solidary:service:{self.name}")
        return Principal(subject, NOBODY, "", frozenset(), self.name)

    @property
    def folder(self) -> Path:
        """The service's folder in the workspace: `services/<name>`."""
        package = importlib.import_module(self.name).__file__
        assert package is not None
        return Path(package).parents[2]

    @property
    def subscribers(self) -> list[Subscriber]:
        hearers = [Subscriber.of("reactions", self.reactions)] if self.reactions else []
        return hearers + [
            Subscriber.of(module.__name__.split(".", 1)[1], [module]) for module in self.projections
        ]

    @property
    def publishers(self) -> tuple[str, ...]:
        """The services to whose events this one subscribes, in alphabetical order."""
        return tuple(sorted({name for subscriber in self.subscribers for name in subscriber.services}))

    def subscriber(self, name: str) -> Subscriber:
        """Raises CommandError, naming those there are."""
        for subscriber in self.subscribers:
            if subscriber.name == name:
                return subscriber
        names = ", ".join(subscriber.name for subscriber in self.subscribers) or "none"
        raise CommandError(f"{self.name} has no subscriber {name!r}; there are: {names}")

    def application(self, settings: Settings | None = None) -> FastAPI:
        """The API; without settings it can only describe itself."""
        return application(
            service=self.name,
            title=f"Solidary {self.name}",
            description=self.about,
            version=VERSION,
            routers=self.routers,
            constraint_problems=dict(self.constraint_problems),
            settings=settings,
        )

    @property
    def routes(self) -> list[APIRoute]:
        """Every route of the API; each says who may call it (`solidary.platform.web.declaration_of`)."""
        return [route for router in all_routers(self.routers) for route in routes(router)]

    def migrate(self, url: str) -> None:
        """Brings the database to the newest revision; `url` is of the role `<name>_migrate`."""
        from solidary.platform.database.migrations import migrate

        migrate(url, self.name, self.folder / "migrations")

    def database(self, settings: Settings) -> Database:
        return Database(
            settings.database_app.get_secret_value(),
            service=self.name,
            country=settings.country,
            pool_size=settings.pool_size,
        )

    def topics(self, subscriber: Subscriber, country: str) -> list[str]:
        return [topic(country, speaker) for speaker in subscriber.services]

    async def work(self, settings: Settings, parts: Sequence[str], stop: asyncio.Event) -> None:
        """Relay, consumers and jobs until `stop`. Whichever part fails for good ends the worker."""
        database = self.database(settings)
        try:
            async with asyncio.TaskGroup() as running:
                for part in self._parts(settings, database, parts):
                    running.create_task(part(stop))
        finally:
            await database.close()

    def _parts(self, settings: Settings, database: Database, parts: Sequence[str]) -> list[Part]:
        work: list[Part] = []
        if "relay" in parts:
            work.append(relay_of(self.name, settings).run)
        hearers = self.subscribers if "consumers" in parts else []
        consumers = [self.consumer(subscriber, settings, database) for subscriber in hearers]
        work += [consumer.run for consumer in consumers]
        work.append(BacklogMonitor(database, topic(settings.country, self.name), consumers).run)
        if "jobs" in parts:
            work.append(self._jobs(settings, database))
        return work

    def consumer(self, subscriber: Subscriber, settings: Settings, database: Database) -> Consumer:
        return Consumer(
            subscriber,
            database,
            settings.kafka_settings,
            principal=self.principal,
            topics=self.topics(subscriber, settings.country),
        )

    def bind_jobs(self, settings: Settings, database: Database, clients: ServiceClients) -> procrastinate.App:
        """Return the application that runs this service's jobs. `clients` are closed by their opener."""
        url = settings.database_app.get_secret_value()
        place = running.JobContext(database, self.principal, clients, self.constraint_problems)
        return running.bind([*self.jobs, purging.timer(settings.keep)], url, place)

    def _jobs(self, settings: Settings, database: Database) -> Part:
        async def run(stop: asyncio.Event) -> None:
            clients = open_clients(settings)
            try:
                async with self.bind_jobs(settings, database, clients).open_async() as app:
                    await running.run(app, stop)
            finally:
                await clients.close()

        return run
