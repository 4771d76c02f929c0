"""What every service is made of, and how it is run.

service = Service(name="referrals", routers=[directory.router, referrals.router], reactions=[reactions])
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, TypeAlias
from uuid import NAMESPACE_URL, UUID, uuid5

import procrastinate
import typer
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from solidary.command_line import CannotDo, speaks
from solidary.database import Database
from solidary.database.migrations import migrate
from solidary.identity import Principal
from solidary.jobs import Jobs
from solidary.jobs.job import bind
from solidary.messaging import Subscriber, topic
from solidary.messaging import parked as parking
from solidary.messaging.consumer import Consumer
from solidary.messaging.inbox import parked
from solidary.messaging.rebuild import rebuild
from solidary.messaging.relay import Relay
from solidary.messaging.waiting import Watch
from solidary.settings import Settings
from solidary.web.application import application, everyones, routes

VERSION = "0.1.0"
PARTS = ("relay", "consumers", "jobs")
NOBODY = UUID(int=0)

Part: TypeAlias = Callable[[asyncio.Event], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Service:
    """A service, whole. `reactions` share one place in the topics; each of `projections` has its own.

    `refusals` say in words what a constraint of the database means: constraint name → sentence.
    """

    name: str
    about: str
    routers: Sequence[APIRouter]
    reactions: Sequence[ModuleType] = ()
    projections: Sequence[ModuleType] = ()
    jobs: Sequence[Jobs] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)

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

    def application(self, settings: Settings | None = None) -> FastAPI:
        """The API; without settings it can only describe itself."""
        return application(
            service=self.name,
            title=f"Solidary {self.name}",
            description=self.about,
            version=VERSION,
            routers=self.routers,
            refusals=dict(self.refusals),
            settings=settings,
        )

    @property
    def routes(self) -> list[APIRoute]:
        """Every route of the API; each says who may call it (`solidary.web.declaration_of`)."""
        return [route for router in everyones(self.routers) for route in routes(router)]

    def migrate(self, url: str) -> None:
        """Brings the database to the newest revision; `url` is of the role `<name>_migrate`."""
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

    async def work(self, settings: Settings, parts: Sequence[str] = PARTS) -> None:
        """Relay, consumers and jobs until SIGTERM or SIGINT. Whichever part fails for good ends the worker."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
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
            work.append(self.relay(settings).run)
        hearers = self.subscribers if "consumers" in parts else []
        consumers = [self.consumer(subscriber, settings, database) for subscriber in hearers]
        work += [consumer.run for consumer in consumers]
        work.append(Watch(database, topic(settings.country, self.name), consumers).run)
        if "jobs" in parts and self.jobs:
            work.append(self._jobs(settings, database))
        return work

    def relay(self, settings: Settings) -> Relay:
        """Raises CannotDo where the relay's database role is not set."""
        if settings.database_relay is None:
            raise CannotDo("SOLIDARY_DATABASE_RELAY is not set")
        source = f"/{settings.country.lower()}/{self.name}"
        return Relay(
            settings.database_relay.get_secret_value(),
            settings.kafka_settings,
            topic=topic(settings.country, self.name),
            source=source,
        )

    def consumer(self, subscriber: Subscriber, settings: Settings, database: Database) -> Consumer:
        return Consumer(
            subscriber,
            database,
            settings.kafka_settings,
            principal=self.principal,
            topics=self.topics(subscriber, settings.country),
        )

    def bind_jobs(self, settings: Settings, database: Database) -> procrastinate.App:
        return bind(list(self.jobs), settings.database_app.get_secret_value(), database, self.principal)

    def _jobs(self, settings: Settings, database: Database) -> Part:
        async def run(stop: asyncio.Event) -> None:
            app = self.bind_jobs(settings, database)
            async with app.open_async():
                working = asyncio.create_task(
                    app.run_worker_async(install_signal_handlers=False, concurrency=2)
                )
                stopping = asyncio.create_task(stop.wait())
                await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
                stopping.cancel()
                working.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await working

        return run


def serve(app: typer.Typer, where: str) -> typer.Typer:
    """Adds `api`, `worker`, `migrate`, `parked` and `rebuild` to a service's commands.

    `where` is `module:attribute` of the Service; it is imported only when one of these runs, so that commands on
    files stay quick.
    """

    def service() -> Service:
        module, attribute = where.split(":")
        found: Service = getattr(importlib.import_module(module), attribute)
        return found

    @app.command()
    def api(host: str = "127.0.0.1", port: int = 8000, reload: bool = False) -> None:
        """Serve the HTTP API."""
        import uvicorn

        from solidary.telemetry import start

        start(service().name, "api")
        if reload:
            uvicorn.run(f"{where.split(':')[0]}:application", factory=True, host=host, port=port, reload=True)
        else:
            settings = Settings()
            uvicorn.run(
                service().application(settings), host=host, port=port, log_config=None, access_log=False
            )

    @app.command()
    @speaks
    def worker(
        only: Annotated[list[str] | None, typer.Option(help=f"Some of: {', '.join(PARTS)}")] = None,
    ) -> None:
        """Run the relay, the consumers and the jobs."""
        from solidary.telemetry import start

        unknown = set(only or ()) - set(PARTS)
        if unknown:
            raise CannotDo(f"no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
        start(service().name, "worker")
        asyncio.run(service().work(Settings(), only or PARTS))

    @app.command(name="migrate")
    @speaks
    def migrate_command() -> None:
        """Bring the database to the newest revision."""
        settings = Settings()
        if settings.database_migrate is None:
            raise CannotDo("SOLIDARY_DATABASE_MIGRATE is not set")
        service().migrate(settings.database_migrate.get_secret_value())

    app.add_typer(_parked(service), name="parked", help="Keys set aside because an event failed")

    @app.command(name="rebuild")
    @speaks
    def rebuild_command(projection: str) -> None:
        """Make a read model anew from its topics."""
        settings = Settings()
        if settings.database_migrate is None:
            raise CannotDo("SOLIDARY_DATABASE_MIGRATE is not set: a rebuild needs the role that migrates")
        subscriber = _subscriber(service(), projection)
        url = settings.database_migrate.get_secret_value()

        async def run() -> int:
            database = Database(url, service=service().name, country=settings.country, pool_size=2)
            try:
                return await rebuild(
                    subscriber,
                    database,
                    settings.kafka_settings,
                    principal=service().principal,
                    topics=service().topics(subscriber, settings.country),
                )
            finally:
                await database.close()

        typer.echo(f"{asyncio.run(run()):,} events replayed")

    return app


def _subscriber(service: Service, name: str) -> Subscriber:
    for subscriber in service.subscribers:
        if subscriber.name == name:
            return subscriber
    names = ", ".join(subscriber.name for subscriber in service.subscribers) or "none"
    raise CannotDo(f"{service.name} has no subscriber {name!r}; there are: {names}")


def _parked(service: Callable[[], Service]) -> typer.Typer:
    commands = typer.Typer(no_args_is_help=True)

    @commands.command(name="list")
    @speaks
    def list_(subscriber: str = "reactions") -> None:
        """The parked keys, the oldest first."""
        _subscriber(service(), subscriber)

        async def run() -> None:
            database = service().database(Settings())
            async with database.session_without_scope() as session:
                for key in await parked(session, subscriber):
                    print(f"{key.key}  since {key.since:%Y-%m-%d %H:%M}  {key.events} events  {key.reason}")
            await database.close()

        asyncio.run(run())

    @commands.command()
    @speaks
    def replay(key: str, subscriber: str = "reactions") -> None:
        """Handle a parked key's events in their order, and free it."""
        typer.echo(f"{_settle(service(), subscriber, key, parking.replay)} events handled; the key is free")

    @commands.command()
    @speaks
    def discard(key: str, subscriber: str = "reactions") -> None:
        """Give up a parked key's events, and free it."""
        typer.echo(f"{_settle(service(), subscriber, key, parking.discard)} events given up; the key is free")

    return commands


def _settle(
    service: Service,
    name: str,
    key: str,
    settle: Callable[[Database, Principal, Subscriber, str], Awaitable[int]],
) -> int:
    subscriber = _subscriber(service, name)

    async def run() -> int:
        database = service.database(Settings())
        try:
            return await settle(database, service.principal, subscriber, key)
        finally:
            await database.close()

    return asyncio.run(run())
