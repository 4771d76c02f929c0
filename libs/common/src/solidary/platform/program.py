"""A service's commands: `api`, `worker`, `all`, `migrate`, `rebuild`, `reset-feed-epoch`, `retention`, `parked`.

The service and its libraries are imported only when one of these runs, so that its commands on files start at once.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from solidary.files.command_line import cli_errors
from solidary.language.problems import count_of

if TYPE_CHECKING:
    from solidary.platform.service import Service

Only = Annotated[
    list[str] | None, typer.Option(help="Run only this part: relay, consumers or jobs. May be repeated.")
]
Reload = Annotated[bool, typer.Option("--reload", help="For developers: restart when the code changes.")]
Handle = Annotated[str, typer.Argument(help="A parked key, as `parked list` shows it.")]
Subscriber = Annotated[str, typer.Option(help="`reactions`, or the name of a projection.")]


def add_service_commands(app: typer.Typer, name: str, *, module: str | None = None) -> typer.Typer:
    """Add these commands to a service's own. `module` has `service` and `application`; by default `<name>.service`."""
    module = module or f"{name}.service"

    def service() -> Service:
        found: Service = importlib.import_module(module).service
        return found

    @app.command()
    @cli_errors
    def api(host: str = "127.0.0.1", port: int = 8000, reload: Reload = False) -> None:
        """Serve the HTTP API."""
        if reload:
            _operations().serve_with_reload(module, host, port)
        else:
            _operations().serve_api(service(), host, port)

    @app.command()
    @cli_errors
    def worker(only: Only = None, reload: Reload = False) -> None:
        """Run the relay, the consumers and the jobs, or only some of them; the relay alone is a small process."""
        if reload:
            _operations().run_worker_with_reload(module, only)
        elif only == ["relay"]:
            from solidary.platform.relay_process import run_alone

            run_alone(name)
        else:
            _operations().run_worker(service(), only)

    @app.command(name="all")
    @cli_errors
    def all_(host: str = "127.0.0.1", port: int = 8000) -> None:
        """Run the API and the worker in one process, which needs half the memory of two."""
        _operations().run_all(service(), host, port)

    @app.command()
    @cli_errors
    def migrate() -> None:
        """Migrate the database to the newest revision."""
        _operations().migrate(service())

    @app.command()
    @cli_errors
    def rebuild(projection: str) -> None:
        """Rebuild a read model from its topics."""
        replayed = asyncio.run(_operations().rebuild_projection(service(), projection))
        typer.echo(f"{count_of(replayed, 'event')} replayed.")

    @app.command()
    @cli_errors
    def reset_feed_epoch() -> None:
        """Invalidate all cursors of the feed after a restore, so that its readers start again."""
        _operations().reset_feed_epoch(service())

    @app.command()
    @cli_errors
    def retention() -> None:
        """Delete now what has been kept for long enough, as the nightly timers do, and print their names."""
        for timer in asyncio.run(_operations().keep_to_retention(service())):
            typer.echo(timer)

    app.add_typer(
        _parked(service),
        name="parked",
        help="List, replay or discard keys that were parked because an event failed.",
    )
    return app


def _parked(service: Callable[[], Service]) -> typer.Typer:
    commands = typer.Typer(no_args_is_help=True)

    @commands.command(name="list")
    @cli_errors
    def list_(subscriber: Subscriber = "reactions") -> None:
        """List the parked keys, the oldest first."""
        for key in asyncio.run(_operations().list_parked(service(), subscriber)):
            events = count_of(key.events, "event")
            typer.echo(f"{key.handle}  since {key.parked_at:%Y-%m-%d %H:%M}  {events}  {key.reason}")

    @commands.command()
    @cli_errors
    def replay(handle: Handle, subscriber: Subscriber = "reactions") -> None:
        """Handle a parked key's events in order, and free the key."""
        handled = asyncio.run(_operations().replay_parked(service(), subscriber, handle))
        typer.echo(f"{count_of(handled, 'event')} handled. The key is no longer parked.")

    @commands.command()
    @cli_errors
    def discard(handle: Handle, subscriber: Subscriber = "reactions") -> None:
        """Discard a parked key's events, and free the key."""
        discarded = asyncio.run(_operations().discard_parked(service(), subscriber, handle))
        typer.echo(f"{count_of(discarded, 'event')} discarded. The key is no longer parked.")

    return commands


def _operations() -> ModuleType:
    from solidary.platform import operations

    return operations
