"""How a service is run from the command line: `api`, `worker`, `all`, `migrate`, `restored`, `rebuild`, `parked`.

The service and its libraries are imported only when one of these runs: a service's commands on files start at once.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from solidary.files.command_line import cli_errors

if TYPE_CHECKING:
    from solidary.platform.service import Service

Only = Annotated[list[str] | None, typer.Option(help="Some of: relay, consumers, jobs")]
Reload = Annotated[bool, typer.Option("--reload", help="For developers: start anew when the code changes")]
Subscriber = Annotated[str, typer.Option(help="`reactions`, or a projection's name")]


def add_service_commands(app: typer.Typer, name: str, *, module: str | None = None) -> typer.Typer:
    """Adds these commands to a service's own. `module` holds `service` and `application`: `<name>.service`."""
    where = module or f"{name}.service"

    def service() -> Service:
        found: Service = importlib.import_module(where).service
        return found

    @app.command()
    @cli_errors
    def api(host: str = "127.0.0.1", port: int = 8000, reload: Reload = False) -> None:
        """Serve the HTTP API."""
        if reload:
            _operations().serve_with_reload(where, host, port)
        else:
            _operations().serve_api(service(), host, port)

    @app.command()
    @cli_errors
    def worker(only: Only = None, reload: Reload = False) -> None:
        """Run the relay, the consumers and the jobs; the relay alone is a small process."""
        if reload:
            _operations().run_worker_with_reload(where, only)
        elif only == ["relay"]:
            from solidary.platform.relay_process import run_alone

            run_alone(name)
        else:
            _operations().run_worker(service(), only)

    @app.command(name="all")
    @cli_errors
    def all_(host: str = "127.0.0.1", port: int = 8000) -> None:
        """Run the API and the worker in one process, which takes half the memory of two."""
        _operations().run_all(service(), host, port)

    @app.command()
    @cli_errors
    def migrate() -> None:
        """Bring the database to the newest revision."""
        _operations().migrate(service())

    @app.command()
    @cli_errors
    def rebuild(projection: str) -> None:
        """Make a read model anew from its topics."""
        typer.echo(
            f"{asyncio.run(_operations().rebuild_projection(service(), projection)):,} events replayed"
        )

    @app.command()
    @cli_errors
    def restored() -> None:
        """Say that the database is a backup's: who follows its feed reads it from the start."""
        _operations().reset_feed_epoch(service())

    app.add_typer(_parked(service), name="parked", help="Keys set aside because an event failed")
    return app


def _parked(service: Callable[[], Service]) -> typer.Typer:
    commands = typer.Typer(no_args_is_help=True)

    @commands.command(name="list")
    @cli_errors
    def list_(subscriber: Subscriber = "reactions") -> None:
        """The parked keys, the oldest first."""
        for key in asyncio.run(_operations().list_parked(service(), subscriber)):
            typer.echo(f"{key.key}  since {key.since:%Y-%m-%d %H:%M}  {key.events} events  {key.reason}")

    @commands.command()
    @cli_errors
    def replay(key: str, subscriber: Subscriber = "reactions") -> None:
        """Handle a parked key's events in their order, and free it."""
        handled = asyncio.run(_operations().replay_parked(service(), subscriber, key))
        typer.echo(f"{handled} events handled; the key is free")

    @commands.command()
    @cli_errors
    def discard(key: str, subscriber: Subscriber = "reactions") -> None:
        """Give up a parked key's events, and free it."""
        given_up = asyncio.run(_operations().discard_parked(service(), subscriber, key))
        typer.echo(f"{given_up} events given up; the key is free")

    return commands


def _operations() -> ModuleType:
    from solidary.platform import operations

    return operations
