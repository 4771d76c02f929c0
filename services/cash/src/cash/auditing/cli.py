"""The command `python -m cash audit`."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors
from solidary.language.problems import count_of


@cli_errors
def audit(
    database: Annotated[
        str | None,
        typer.Option(
            envvar="SOLIDARY_DATABASE_BACKUP",
            help="The URL of cash's database for a role that may read all rows, such as cash_backup.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Replay the ledger and hash the payments of plans again. Exit with 1 where the database differs."""
    from cash.auditing.audit import audit as run

    if database is None:
        raise CommandError("The database is missing. Use --database or set SOLIDARY_DATABASE_BACKUP.")
    result = run(database)
    if as_json:
        fields = {"transfers": result.transfers, "plans": result.plans, "differences": result.differences}
        typer.echo(json.dumps(fields))
    else:
        for difference in result.differences:
            typer.echo(difference)
        checked = f"{count_of(result.transfers, 'transfer')} and {count_of(result.plans, 'payment plan')}"
        typer.echo(f"{checked} checked: {count_of(len(result.differences), 'difference')}")
    if result.differences:
        raise typer.Exit(1)
