"""`python -m intake keys`: replace the instance's secrets while desks work (docs/operating/keys.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

import typer
from solidary.files.command_line import cli_errors
from solidary.language.problems import count_of

if TYPE_CHECKING:
    from solidary.platform.database import Database

    from intake.registry.encryption.rules import InstanceKey

    Rotation: TypeAlias = Callable[[Database, InstanceKey], Awaitable[int]]

app = typer.Typer(no_args_is_help=True, help="Replace what older secrets of the instance have written.")


@app.command()
@cli_errors
def rewrap() -> None:
    """Wrap each person's key with the first secret of SOLIDARY_PERSON_KEYS."""
    from intake.registry.rotation import commands

    rewrapped = count_of(asyncio.run(_run(commands.rewrap)), "key")
    typer.echo(f"{rewrapped} wrapped anew. All keys are wrapped by the first secret.")


@app.command()
@cli_errors
def retoken() -> None:
    """Index each person with the first secret of SOLIDARY_SEARCH_KEYS."""
    from intake.registry.rotation import commands

    retokened = count_of(asyncio.run(_run(commands.retoken)), "person", "people")
    typer.echo(f"{retokened} indexed anew. All people are found by the first secret.")


async def _run(rotation: Rotation) -> int:
    from solidary.platform.database import Database
    from solidary.platform.settings import from_environment

    from intake.registry.encryption.dependencies import instance_key_of

    settings = from_environment()
    database = Database(
        settings.app_database_url, service="intake", country=settings.country, pool_size=settings.pool_size
    )
    try:
        return await rotation(database, instance_key_of(settings))
    finally:
        await database.close()
