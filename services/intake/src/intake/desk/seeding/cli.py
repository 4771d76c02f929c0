"""`python -m intake seed`: make invented people (docs/operating/capacity.md)."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

import typer
from solidary.files.command_line import CommandError, cli_errors


@cli_errors
def seed(
    count: Annotated[int, typer.Argument(min=1, max=5_000_000, help="The number of people.")],
    agency: Annotated[UUID, typer.Option(help="The id of the agency that registers them.")],
    start: Annotated[int, typer.Option(min=0, help="Continue after this many, made before.")] = 0,
    among_people: Annotated[
        bool, typer.Option("--among-people", help="Make them although people are registered here already.")
    ] = False,
) -> None:
    """Make invented people, the same in every run, sealed and indexed as real ones. Nothing is published about them."""
    asyncio.run(_seed(agency, count, start, among_people=among_people))


async def _seed(agency: UUID, count: int, start: int, *, among_people: bool) -> None:
    from solidary.platform.database import Database
    from solidary.platform.settings import from_environment

    from intake.desk.seeding import commands
    from intake.registry.encryption.dependencies import instance_key_of

    settings = from_environment()
    database = Database(settings.app_database_url, service="intake", country=settings.country)
    try:
        if start % commands.BATCH_PEOPLE:
            raise CommandError(
                f"--start must be a multiple of {commands.BATCH_PEOPLE:,}: each batch is made as a whole."
            )
        if not among_people and await commands.has_people(database):
            raise CommandError(
                "People are registered in this database, and invented people could be taken for real ones. "
                "Add --among-people where none of them is real."
            )
        await commands.seed(
            database,
            instance_key_of(settings),
            agency,
            count,
            start=start,
            on_batch=lambda made: typer.echo(f"\r{made:,} of {count:,} people", nl=made >= count, err=True),
        )
    finally:
        await database.close()
