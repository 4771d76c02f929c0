"""`python -m referrals directory validate FILE`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors

from referrals.engines.hsds.kinds import BY_NAME, Kind
from referrals.engines.hsds.validation import Report
from referrals.engines.hsds.validation import validate as check

app = typer.Typer(no_args_is_help=True)


@app.callback()
def directory() -> None:
    """The service directory, in the shape of HSDS 3.1."""


@app.command()
@cli_errors
def validate(
    file: Annotated[Path, typer.Argument(help="JSON of one object or one page; or a folder of CSV tables.")],
    kind: Annotated[str, typer.Option("--as", help="What the objects are meant to be (service, …).")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Check a file against HSDS 3.1, and name every fault with its place."""
    report = check(file, _kind(kind))
    typer.echo(_as_json(report) if as_json else f"{file}: {_summary(report)}")
    if report.valid:
        return
    for finding in report.findings if not as_json else []:
        typer.echo(f"error: {_place(file, finding.place)}: {finding.reason}", err=True)
    raise typer.Exit(1)


def _kind(name: str) -> Kind | None:
    if name and name not in BY_NAME:
        raise CommandError(f"--as {name}: HSDS has no such kind; it has {', '.join(BY_NAME)}")
    return BY_NAME[name] if name else None


def _as_json(report: Report) -> str:
    return json.dumps(
        {
            "valid": report.valid,
            "kind": report.kind,
            "objects": report.objects,
            "faults": report.faults,
            "findings": [asdict(finding) for finding in report.findings],
        },
        ensure_ascii=False,
        indent=2,
    )


def _summary(report: Report) -> str:
    looked_at = f"{report.kind}, {_counted(report.objects, 'object')}"
    if report.valid:
        return f"valid HSDS 3.1 ({looked_at})"
    kept = len(report.findings)
    cut = f", the first {kept:,} named" if kept < report.faults else ""
    return f"not valid HSDS 3.1: {_counted(report.faults, 'fault')} ({looked_at}{cut})"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _place(file: Path, place: str) -> str:
    """A table's own path in a folder; a pointer beside a JSON file's name."""
    return str(file / place) if file.is_dir() else f"{file}: {place or 'the document'}"
