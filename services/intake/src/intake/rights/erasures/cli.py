"""`python -m intake erasures`: keep the list of erasures apart from the backups, and replay it after a restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors
from solidary.language.problems import count_of

app = typer.Typer(no_args_is_help=True, help="Keep the list of erasures, and replay it after a restore.")
File = Annotated[Path, typer.Argument(help="The list of erasures, one line of JSON each.")]


@app.command()
@cli_errors
def export(
    file: File,
    database: Annotated[str | None, typer.Option(envvar="SOLIDARY_DATABASE_BACKUP", hidden=True)] = None,
) -> None:
    """Add the erasures of the database to the file, which keeps those that it has."""
    from intake.rights.erasures import replay

    if database is None:
        raise CommandError("SOLIDARY_DATABASE_BACKUP is not set. This command needs the role that reads all.")
    typer.echo(f"The file has {count_of(replay.export(database, file), 'erasure')}.")


@app.command(name="replay")
@cli_errors
def replay_(
    file: File,
    database: Annotated[str | None, typer.Option(envvar="SOLIDARY_DATABASE_MIGRATE", hidden=True)] = None,
) -> None:
    """Erase everybody in the file again, in a restored database that nobody uses yet, and admit the services to it."""
    from intake.rights.erasures import replay

    if database is None:
        raise CommandError("SOLIDARY_DATABASE_MIGRATE is not set. This command needs the role that migrates.")
    replayed = count_of(replay.replay(database, file), "erasure")
    typer.echo(f"{replayed} replayed. The services may use the database.")
