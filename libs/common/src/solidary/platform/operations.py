"""The operations behind a service's commands: run it, migrate it, rebuild a read model, handle parked keys.

A web server, a reloader and Alembic are imported only by the operations that use them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import psycopg
from fastapi import FastAPI

from solidary.files.command_line import CommandError
from solidary.platform.database import Database
from solidary.platform.messaging import inbox, parked
from solidary.platform.messaging.inbox import ParkedKey
from solidary.platform.messaging.rebuild import rebuild
from solidary.platform.process import limit_memory, run_until_stopped
from solidary.platform.service import PARTS, Service
from solidary.platform.settings import (
    BrokerSettings,
    MigrationSettings,
    Settings,
    from_environment,
    read_settings,
    refuse_request_secrets,
)
from solidary.platform.telemetry import start


def application(service: Service) -> FastAPI:
    """Return the API of this process and start its telemetry."""
    settings = from_environment(service.secrets)
    start(service.name, "api")
    return service.application(settings)


def serve_api(service: Service, host: str, port: int) -> None:
    """Serve the API until SIGTERM or SIGINT."""
    from solidary.platform.web.server import serve

    serve(application(service), host, port)


def serve_with_reload(module: str, host: str, port: int) -> None:
    """Serve the module's `application()` in a process that restarts when code of the service or of `solidary` changes.

    This is for developers.
    """
    import uvicorn

    from solidary.platform.web.server import server_settings

    from_environment()
    start(module.partition(".")[0], "reloader")
    uvicorn.run(
        f"{module}:application",
        factory=True,
        reload=True,
        reload_dirs=_code_folders(module),
        **server_settings(host, port),
    )


def run_worker(service: Service, only: Sequence[str] | None) -> None:
    """Run the worker, or `only` some of its parts, until SIGTERM or SIGINT. Raises CommandError for an unknown part."""
    unknown = sorted(set(only or ()) - set(PARTS))
    if unknown:
        raise CommandError(f"There is no part «{unknown[0]}». The parts are: {', '.join(PARTS)}.")
    settings = from_environment(service.secrets)
    refuse_request_secrets(settings)
    start(service.name, "worker")
    limit_memory(settings.memory_limit)
    run_until_stopped(partial(service.work, settings, only or PARTS))


def run_worker_with_reload(module: str, only: Sequence[str] | None) -> None:
    """Run the worker in a process that restarts like that of `serve_with_reload`."""
    from watchfiles import PythonFilter, run_process

    from_environment()
    folders = _code_folders(module)
    run_process(*folders, target=_run_worker_of, args=(module, only), watch_filter=PythonFilter())


def run_all(service: Service, host: str, port: int) -> None:
    """Serve the API and run the relay, the consumers and the jobs in one process, until SIGTERM or SIGINT."""
    settings = from_environment(service.secrets)
    start(service.name, "all")
    limit_memory(settings.memory_limit)
    run_until_stopped(partial(_run_all, service, settings, host, port))


async def _run_all(service: Service, settings: Settings, host: str, port: int, stop: asyncio.Event) -> None:
    import uvicorn

    from solidary.platform.web.server import Server, server_settings

    server = Server(uvicorn.Config(service.application(settings), **server_settings(host, port)))
    # This process has handlers of its own. uvicorn's would raise the signal again at the end (exit code 143).
    server.capture_signals = nullcontext  # type: ignore[assignment,method-assign]

    async def serve() -> None:
        try:
            await server.serve()
        finally:
            stop.set()

    async def stop_server() -> None:
        await stop.wait()
        server.should_exit = True

    async with asyncio.TaskGroup() as tasks:
        for part in (serve(), stop_server(), service.work(settings, PARTS, stop)):
            tasks.create_task(part)
    if not server.started:
        raise CommandError(f"The API of {service.name} could not be started.")


def _run_worker_of(module: str, only: Sequence[str] | None) -> None:
    run_worker(import_module(module).service, only)


def _code_folders(module: str) -> list[str]:
    """Return the folders with the code of a service and of `solidary`."""
    specs = [find_spec(name) for name in (module.partition(".")[0], "solidary")]
    return [folder for spec in specs if spec for folder in spec.submodule_search_locations or ()]


def migrate(service: Service) -> None:
    """Migrate the database to the newest revision."""
    service.migrate(_migrator_url(read_settings(MigrationSettings)))


def reset_feed_epoch(service: Service) -> None:
    """Invalidate all cursors after a restore that the database cannot notice by itself (docs/operating/backup.md)."""
    with psycopg.connect(_migrator_url(read_settings(MigrationSettings))) as connection:
        connection.execute("UPDATE machinery.feed_epoch SET id = gen_random_uuid()")


async def rebuild_projection(service: Service, name: str) -> int:
    """Rebuild a read model and return the number of events replayed. Raises CommandError where it is no projection."""
    settings, subscriber = read_settings(MigrationSettings), service.subscriber(name)
    database = Database(_migrator_url(settings), service=service.name, country=settings.country, pool_size=2)
    try:
        return await rebuild(
            subscriber,
            database,
            settings.kafka_settings,
            principal=service.principal,
            topics=service.topics(subscriber, settings.country),
        )
    finally:
        await database.close()


async def keep_to_retention(service: Service) -> list[str]:
    """Delete now what has been kept for long enough, as the nightly timers do, and return the names of these."""
    settings = from_environment(service.secrets)
    timers = service.retention_timers(settings) if service.has_database else []
    async with _database(service) as database:
        for timer in timers:
            await timer.function(database)
    return [timer.name for timer in timers]


async def list_parked(service: Service, name: str) -> list[ParkedKey]:
    """Return the parked keys of a subscriber, the oldest first."""
    subscriber = service.subscriber(name)
    async with _database(service) as database, database.session_without_scope() as session:
        return await inbox.parked_keys(session, subscriber.name)


async def replay_parked(service: Service, name: str, handle: str) -> int:
    """Handle a parked key's events and return their number; raises the handler's error at the first that fails."""
    subscriber, settings = service.subscriber(name), read_settings(BrokerSettings)
    kafka = settings.kafka_settings if subscriber.notice_handler is not None else None
    async with _database(service) as database:
        key = await _parked_key(database, subscriber.name, handle)
        return await parked.replay(database, service.principal, subscriber, key, kafka)


async def discard_parked(service: Service, name: str, handle: str) -> int:
    """Discard a parked key's events and return their number."""
    subscriber = service.subscriber(name)
    async with _database(service) as database:
        key = await _parked_key(database, subscriber.name, handle)
        return await parked.discard(database, service.principal, subscriber, key)


async def _parked_key(database: Database, subscriber: str, handle: str) -> str:
    async with database.session_without_scope() as session:
        for parked_key in await inbox.parked_keys(session, subscriber):
            if parked_key.handle == handle:
                return parked_key.key
    raise CommandError(f"No key {handle} is parked. «parked list» shows those that are.")


@asynccontextmanager
async def _database(service: Service) -> AsyncIterator[Database]:
    database = service.database(from_environment(service.secrets))
    try:
        yield database
    finally:
        await database.close()


def _migrator_url(settings: MigrationSettings) -> str:
    if settings.database_migrate is None:
        raise CommandError("SOLIDARY_DATABASE_MIGRATE is not set. This command needs the role that migrates.")
    return settings.database_migrate.get_secret_value()
