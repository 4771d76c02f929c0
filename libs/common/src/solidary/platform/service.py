"""The declaration of a service, from which its API, its worker and its migrations are made.

service = Service(
    name="referrals",
    description="A directory of services, and referrals between agencies",
    routers=[directory.router, referrals.router],
    reactions=[reactions],
)
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import procrastinate
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from solidary.files.command_line import CommandError
from solidary.language.events.catalogue import event_types
from solidary.language.events.event import Audience, stream
from solidary.language.notices import notice_stream
from solidary.language.problems import Problem
from solidary.platform.clients import ServiceClients
from solidary.platform.database import Database
from solidary.platform.database.engine import NO_AGENCY, service_subject
from solidary.platform.identity import Principal
from solidary.platform.jobs import Jobs, worker
from solidary.platform.jobs.job import Timer
from solidary.platform.jobs.retention import retention_jobs
from solidary.platform.measurements import MeasurementMonitor, Measurements
from solidary.platform.messaging import Subscriber
from solidary.platform.messaging.backlog import BacklogMonitor
from solidary.platform.messaging.consumer import Consumer
from solidary.platform.process import freeze
from solidary.platform.relay_process import relay_of
from solidary.platform.settings import Settings
from solidary.platform.web import uploads
from solidary.platform.web.access import declaration_of
from solidary.platform.web.application import all_routers, application, open_clients, routes
from solidary.platform.web.limits import PageCaller

VERSION = version("solidary")
PARTS = ("relay", "consumers", "jobs")

Part: TypeAlias = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
Loop: TypeAlias = Callable[[Settings, Database, asyncio.Event], Coroutine[Any, Any, None]]
"""`async def run(settings, database, stop)`: works until `stop`, through losses of the database."""


@dataclass(frozen=True)
class Service:
    """One service of the platform.

    All `reactions` are one subscriber; each of the `projections` is one of its own. `loops` are further parts of its
    worker, beside the jobs. `measurements`: figures of its database for telemetry (`solidary.platform.measurements`).
    `constraint_problems`: the problem that each constraint of the database means, by the constraint's name.

    `has_database` is false for a service that keeps nothing, such as a web front end; it then has no events either.
    `has_events` is false for a service that neither publishes nor handles events; it then has no topic. `secrets` names
    the settings beside those of every service that hold a random value of the instance (`person_keys`); the service
    does not start without them. `connection_check` is a statement that each new connection to the
    database runs first: where it fails, the service uses none.

    `pages` makes a service a front end: what it returns is shown at `/` of the front door, and calls the other services
    with the token of the person who is logged in. `page_caller` is by whom the rate of its pages is counted, where that
    is not the address.
    """

    name: str
    description: str
    routers: Sequence[APIRouter]
    reactions: Sequence[ModuleType] = ()
    projections: Sequence[ModuleType] = ()
    jobs: Sequence[Jobs] = ()
    loops: Sequence[Loop] = ()
    measurements: Measurements = field(default_factory=dict)
    constraint_problems: Mapping[str, type[Problem]] = field(default_factory=dict)
    has_database: bool = True
    has_events: bool = True
    secrets: Sequence[str] = ()
    connection_check: str | None = None
    pages: Callable[[], FastAPI] | None = None
    page_caller: PageCaller | None = None

    def __post_init__(self) -> None:
        subscribes = bool(self.reactions or self.projections)
        if subscribes and not (self.has_database and self.has_events):
            raise ValueError(f"{self.name} handles events, which needs a database and events of its own.")
        if self.jobs and not self.has_database:
            raise ValueError(f"{self.name} has jobs, which need a database.")

    @property
    def principal(self) -> Principal:
        """The service itself, before it acts for an agency."""
        return Principal(service_subject(self.name), NO_AGENCY, "", frozenset(), self.name)

    @property
    def folder(self) -> Path:
        """The service's folder in the workspace: `services/<name>`."""
        package = importlib.import_module(self.name).__file__
        assert package is not None
        return Path(package).parents[2]

    @property
    def subscribers(self) -> list[Subscriber]:
        """The reactions, if any, and each projection under its module's name within the service."""
        reactions = [Subscriber.of("reactions", self.reactions)] if self.reactions else []
        return reactions + [
            Subscriber.of(module.__name__.split(".", 1)[1], [module]) for module in self.projections
        ]

    @property
    def published_streams(self) -> tuple[str, ...]:
        """The topics of its own events and notices without the country: `intake.cases`, `intake.parties`."""
        own = [kind for kind in event_types() if kind.service == self.name]
        streams = {stream(kind) for kind in own if kind.audience is not Audience.PARTIES}
        return tuple(sorted(streams | {notice_stream(self.name) for _ in own}))

    @property
    def subscribed_streams(self) -> tuple[str, ...]:
        """The topics with events that it handles, without the country."""
        return tuple(sorted({name for subscriber in self.subscribers for name in subscriber.streams}))

    @property
    def callers(self) -> tuple[str, ...]:
        """The other services that may call this one's API, in alphabetical order."""
        return tuple(sorted({name for route in self.routes for name in declaration_of(route).services}))

    @property
    def largest_body(self) -> int:
        """The bytes of the largest body that a route accepts, unless a setting changes it."""
        usual: int = Settings.model_fields["body_limit"].default
        return max([usual, *uploads.limits(self.routes).values()])

    def subscriber(self, name: str) -> Subscriber:
        """Return a subscriber by its name. Raises CommandError with the existing names."""
        for subscriber in self.subscribers:
            if subscriber.name == name:
                return subscriber
        names = ", ".join(subscriber.name for subscriber in self.subscribers) or "none"
        raise CommandError(f"{self.name} has no subscriber «{name}». Its subscribers are: {names}.")

    def application(self, settings: Settings | None = None) -> FastAPI:
        """Return the API; without settings it can only describe itself (OpenAPI).

        Raises CommandError where a secret that the service declares is not set.
        """
        if settings is not None:
            self._require_secrets(settings)
        return application(
            service=self.name,
            title=f"Solidary {self.name}",
            description=self.description,
            version=VERSION,
            routers=self.routers,
            constraint_problems=dict(self.constraint_problems),
            settings=settings,
            has_database=self.has_database,
            connection_check=self.connection_check,
            pages=None if self.pages is None else self.pages(),
            page_caller=self.page_caller,
        )

    @property
    def routes(self) -> list[APIRoute]:
        """All routes of the API; each declares who may call it (`solidary.platform.web.declaration_of`)."""
        return [route for router in all_routers(self.routers, self.has_database) for route in routes(router)]

    def migrate(self, url: str) -> None:
        """Migrate the database to the newest revision; `url` is that of the role `<name>_migrate`.

        Raises CommandError where the service has no database.
        """
        self._require_database()
        from solidary.platform.database.migrations import migrate

        migrate(url, self.name, self.folder / "migrations")

    def database(self, settings: Settings, *, is_pooled: bool = True) -> Database:
        """Open the service's database with the role that owns no table.

        Raises CommandError where the service has no database, or no settings for it.
        """
        self._require_database()
        return Database(
            settings.app_database_url,
            service=self.name,
            country=settings.country,
            pool_size=settings.pool_size,
            connection_check=self.connection_check,
            is_pooled=is_pooled,
        )

    def _require_secrets(self, settings: Settings) -> None:
        needed = ("secret", *self.secrets)
        missing = [f"SOLIDARY_{name.upper()}" for name in needed if getattr(settings, name) is None]
        if missing:
            raise CommandError(f"The service {self.name} needs {' and '.join(missing)}.")

    def _require_database(self) -> None:
        if not self.has_database:
            raise CommandError(f"The service {self.name} has no database.")

    def topics(self, subscriber: Subscriber, country: str) -> list[str]:
        """Return the topics that a subscriber reads."""
        return [f"{country.lower()}.{name}" for name in subscriber.streams]

    async def work(self, settings: Settings, parts: Sequence[str], stop: asyncio.Event) -> None:
        """Run the relay, the consumers and the jobs until `stop`. A part that fails for good ends the worker."""
        if not self.has_database:
            await stop.wait()
            return
        database = self.database(settings)
        try:
            running = self._parts(settings, database, parts)
            freeze()
            async with asyncio.TaskGroup() as tasks:
                for part in running:
                    tasks.create_task(part(stop))
        finally:
            await database.close()

    def _parts(self, settings: Settings, database: Database, parts: Sequence[str]) -> list[Part]:
        running: list[Part] = []
        if "relay" in parts and self.has_events:
            running.append(relay_of(self.name, settings).run)
        subscribers = self.subscribers if "consumers" in parts else []
        consumers = [self.consumer(subscriber, settings, database) for subscriber in subscribers]
        running += [consumer.run for consumer in consumers]
        own = self.database(settings, is_pooled=False)
        if self.has_events:
            running.append(BacklogMonitor(own, self.name, consumers).run)
        if "jobs" in parts:
            running.append(self._jobs(settings, database))
            running.append(MeasurementMonitor(own, self.measurements).run)
            running += [partial(loop, settings, database) for loop in self.loops]
        return running

    def consumer(self, subscriber: Subscriber, settings: Settings, database: Database) -> Consumer:
        """Return the consumer of one subscriber."""
        return Consumer(
            subscriber,
            database,
            settings.kafka_settings,
            principal=self.principal,
            topics=self.topics(subscriber, settings.country),
        )

    def bind_jobs(self, settings: Settings, database: Database, clients: ServiceClients) -> procrastinate.App:
        """Return the application that runs this service's jobs. `clients` are closed by their opener."""
        url = settings.app_database_url
        context = worker.JobContext(database, self.principal, clients, self.constraint_problems)
        return worker.bind(self._all_jobs(settings), url, context)

    def retention_timers(self, settings: Settings) -> list[Timer]:
        """Return the timers that delete what has been kept for long enough."""
        return [timer for jobs in self._all_jobs(settings) for timer in jobs.timers if timer.is_retention]

    def _all_jobs(self, settings: Settings) -> list[Jobs]:
        return [*self.jobs, retention_jobs(settings.retention)]

    def _jobs(self, settings: Settings, database: Database) -> Part:
        async def run(stop: asyncio.Event) -> None:
            clients = open_clients(settings)
            try:
                async with self.bind_jobs(settings, database, clients).open_async() as app:
                    await worker.run(app, stop)
            finally:
                await clients.close()

        return run
