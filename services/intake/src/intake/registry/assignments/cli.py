"""`python -m intake assignments`: the open assignments of a colleague who leaves."""

from __future__ import annotations

import json
from typing import Annotated
from uuid import UUID

import typer
from solidary.files.command_line import CommandError, cli_errors

OPEN_ASSIGNMENTS = """
    SELECT root, agency, role, valid_until FROM data.assignment
    WHERE assignee = %s AND (valid_until IS NULL OR valid_until > now()) ORDER BY agency, created, id
"""


@cli_errors
def assignments(
    account: Annotated[UUID, typer.Argument(help="The subject of the colleague's account.")],
    database: Annotated[str | None, typer.Option(envvar="SOLIDARY_DATABASE_BACKUP", hidden=True)] = None,
) -> None:
    """Print as JSON the people to whom an account is assigned: ids, agency and role, no names."""
    import psycopg

    if database is None:
        raise CommandError("SOLIDARY_DATABASE_BACKUP is not set. This command needs the role that reads all.")
    with psycopg.connect(database) as connection:
        found = connection.execute(OPEN_ASSIGNMENTS, (account,)).fetchall()
    names = ("person", "agency", "role", "until")
    cases = [dict(zip(names, row, strict=True)) for row in found]
    typer.echo(json.dumps(cases, default=str))
