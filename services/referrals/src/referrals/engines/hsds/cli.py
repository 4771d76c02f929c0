"""The command `python -m referrals directory validate FILE`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors
from solidary.language.problems import count_of

from referrals.engines.hsds.kinds import BY_NAME, Kind
from referrals.engines.hsds.validation import ValidationReport
from referrals.engines.hsds.validation import validate as validate_file

app = typer.Typer(no_args_is_help=True)


@app.callback()
def directory() -> None:
    """Work with files of a service directory (HSDS 3.1)."""


@app.command()
@cli_errors
def validate(
    file: Annotated[
        Path, typer.Argument(help="A JSON file with one object or one page, or a folder of CSV tables.")
    ],
    kind: Annotated[str, typer.Option("--as", help="The kind of the objects (service, …).")] = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="Treat warnings, which the official schema accepts, as errors.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Validate a file against HSDS 3.1, and print every fault with its place."""
    report = validate_file(file, _kind(kind))
    report.strict = strict
    typer.echo(_as_json(report) if as_json else f"{file}: {_summary(report)}")
    for finding in report.findings if not as_json else []:
        level = "warning" if finding.is_warning and not strict else "error"
        typer.echo(f"{level}: {_place(file, finding.place)}: {finding.reason}", err=True)
    if not report.is_valid:
        raise typer.Exit(1)


def _kind(name: str) -> Kind | None:
    if name and name not in BY_NAME:
        raise CommandError(f"--as {name}: HSDS has no such kind of object. Use one of {', '.join(BY_NAME)}.")
    return BY_NAME[name] if name else None


def _as_json(report: ValidationReport) -> str:
    return json.dumps(
        {
            "valid": report.is_valid,
            "kind": report.kind,
            "objects": report.objects,
            "faults": report.faults,
            "warnings": report.warnings,
            "findings": [asdict(finding) for finding in report.findings],
        },
        ensure_ascii=False,
        indent=2,
    )


def _summary(report: ValidationReport) -> str:
    checked = f"{report.kind}, {count_of(report.objects, 'object')}"
    warned = f", {count_of(report.warnings, 'warning')}" if report.warnings else ""
    if report.is_valid:
        return f"valid HSDS 3.1 ({checked}{warned})"
    listed = len(report.findings)
    cut = f", the first {listed:,} listed" if listed < report.faults + report.warnings else ""
    return f"not valid HSDS 3.1: {count_of(report.faults, 'fault')}{warned} ({checked}{cut})"


def _place(file: Path, place: str) -> str:
    """Return a table's path in a folder, or a JSON file's name with the pointer."""
    return str(file / place) if file.is_dir() else f"{file}: {place or 'the document'}"
