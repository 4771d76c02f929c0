"""`python -m intake access-log`: compare the log with the seals that somebody outside has kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors
from solidary.language.problems import count_of

app = typer.Typer(no_args_is_help=True, help="Verify the access log.")


@app.callback()
def _commands() -> None:
    """Keep `verify` a command of its own."""


@app.command()
@cli_errors
def verify(
    seals: Annotated[
        Path, typer.Option(help="The kept events `intake.access_log.sealed`, one line of JSON each.")
    ],
    database: Annotated[str | None, typer.Option(envvar="SOLIDARY_DATABASE_BACKUP", hidden=True)] = None,
) -> None:
    """Verify every agency's log, and compare it with the kept seals; exit status 1 where something differs."""
    from intake.registry.access_log.rules import SealDifference
    from intake.registry.access_log.verification import read_kept_seals, verify_logs

    meanings = {
        SealDifference.BROKEN: "its entries, or the seal, were changed",
        SealDifference.REWRITTEN: "the log differs from the seal that was kept",
        SealDifference.CUT_OFF: "the log has no such seal: its end was cut off, or an old copy was put back",
    }
    if database is None:
        raise CommandError("SOLIDARY_DATABASE_BACKUP is not set. This command needs the role that reads all.")
    kept = read_kept_seals(seals)
    differs = False
    for log in verify_logs(database, kept):
        of_kept = f"{count_of(len(kept.get(log.agency, {})), 'kept seal')} compared"
        size = f"{count_of(log.seals, 'seal')} over {count_of(log.entries, 'entry', 'entries')}"
        typer.echo(f"agency {log.agency}: {size}, {of_kept}")
        if log.cut_at is not None:
            typer.echo(
                f"  the entries up to seal {log.cut_seal} were deleted after their period, on {log.cut_at:%Y-%m-%d}"
            )
        for finding in log.findings:
            differs = True
            typer.echo(f"  seal {finding.number}: {meanings[finding.difference]}")
    if differs:
        raise typer.Exit(1)
    typer.echo("The log is as it was sealed.")
