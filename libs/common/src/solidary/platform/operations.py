"""What an operator does with a service: run it, migrate it, rebuild a read model, settle parked keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import psycopg
import uvicorn
from fastapi import FastAPI

from solidary.files.command_line import CommandError
from solidary.platform.database import Database
from solidary.platform.messaging import inbox, parked
from solidary.platform.messaging.inbox import Parked
from solidary.platform.messaging.rebuild import rebuild
from solidary.platform.messaging.running import run_until_stopped
from solidary.platform.service import PARTS, Service
from solidary.platform.settings import Settings, from_environment
from solidary.platform.telemetry import start


def application(service: Service) -> FastAPI:
    """The API of this process, with its telemetry."""
    given = from_environment()
    start(service.name, "api")
    return service.application(given)


def serve_api(service: Service, host: str, port: int) -> None:
    uvicorn.run(application(service), host=host, port=port, log_config=None, access_log=False)


def serve_with_reload(module: str, host: str, port: int) -> None:
    """For developers: serves the module's `application()` in a process that is started anew when code of the service
    or of `solidary` changes."""
    from_environment()
    start(module.partition(".")[0], "reloader")
    uvicorn.run(
        f"{module}:application",
        factory=True,
        host=host,
        port=port,
        reload=True,
        reload_dirs=_code(module),
        log_config=None,
        access_log=False,
    )


def run_worker(service: Service, only: Sequence[str] | None) -> None:
    """Raises CommandError for a part that there is not."""
    unknown = set(only or ()) - set(PARTS)
    if unknown:
        raise CommandError(f"no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    given = from_environment()
    start(service.name, "worker")
    run_until_stopped(partial(service.work, given, only or PARTS))


def run_worker_with_reload(module: str, only: Sequence[str] | None) -> None:
    """For developers: works in a process that is started anew, like `serve_with_reload`'s."""
    from watchfiles import PythonFilter, run_process

    from_environment()
    run_process(*_code(module), target=_work, args=(module, only), watch_filter=PythonFilter())


def run_all(service: Service, host: str, port: int) -> None:
    """Serve the API and run the relay, the consumers and the jobs in one process, until SIGTERM or SIGINT."""
    settings = from_environment()
    start(service.name, "all")
    run_until_stopped(partial(_run_all, service, settings, host, port))


async def _run_all(service: Service, settings: Settings, host: str, port: int, stop: asyncio.Event) -> None:
    app = service.application(settings)
    config = uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    # This process has handlers of its own. uvicorn's would raise the signal again at the end (exit code 143).
    server.capture_signals = nullcontext  # type: ignore[assignment,method-assign]

    async def serve() -> None:
        try:
            await server.serve()
        finally:
            stop.set()

    async def end_server() -> None:
        await stop.wait()
        server.should_exit = True

    async with asyncio.TaskGroup() as running:
        for part in (serve(), end_server(), service.work(settings, PARTS, stop)):
            running.create_task(part)
    if not server.started:
        raise CommandError(f"The API of {service.name} could not be started.")


def _work(module: str, only: Sequence[str] | None) -> None:
    run_worker(import_module(module).service, only)


def _code(module: str) -> list[str]:
    """The folders whose changes concern a service."""
    specs = [find_spec(name) for name in (module.partition(".")[0], "solidary")]
    return [folder for spec in specs if spec for folder in spec.submodule_search_locations or ()]


def migrate(service: Service) -> None:
    service.migrate(_migrator(from_environment()))


def reset_feed_epoch(service: Service) -> None:
    """After a restore that the database cannot notice by itself (docs/operating/backup.md)."""
    with psycopg.connect(_migrator(from_environment())) as connection:
        connection.execute("UPDATE machinery.epoch SET epoch = gen_random_uuid()")


async def rebuild_projection(service: Service, name: str) -> int:
    """How many events were replayed. Raises CommandError for what is not a projection."""
    given, subscriber = from_environment(), service.subscriber(name)
    database = Database(_migrator(given), service=service.name, country=given.country, pool_size=2)
    try:
        return await rebuild(
            subscriber,
            database,
            given.kafka_settings,
            principal=service.principal,
            topics=service.topics(subscriber, given.country),
        )
    finally:
        await database.close()


async def list_parked(service: Service, name: str) -> list[Parked]:
    subscriber = service.subscriber(name)
    async with _database(service) as database, database.session_without_scope() as session:
        return await inbox.parked(session, subscriber.name)


async def replay_parked(service: Service, name: str, key: str) -> int:
    """How many events were handled; raises the handler's error at the first that fails again."""
    subscriber = service.subscriber(name)
    async with _database(service) as database:
        return await parked.replay(database, service.principal, subscriber, key)


async def discard_parked(service: Service, name: str, key: str) -> int:
    """How many events were given up."""
    subscriber = service.subscriber(name)
    async with _database(service) as database:
        return await parked.discard(database, service.principal, subscriber, key)


@asynccontextmanager
async def _database(service: Service) -> AsyncIterator[Database]:
    database = service.database(from_environment())
    try:
        yield database
    finally:
        await database.close()


def _migrator(given: Settings) -> str:
    if given.database_migrate is None:
        raise CommandError("SOLIDARY_DATABASE_MIGRATE is not set: this needs the role that migrates")
    return given.database_migrate.get_secret_value()
