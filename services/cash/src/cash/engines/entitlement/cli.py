"""`python -m cash entitle`: households in, amounts and reasons out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors


@cli_errors
def entitle(
    rule: Annotated[Path, typer.Argument(metavar="RULE.json", help="the entitlement rule")],
    households: Annotated[Path, typer.Argument(metavar="HOUSEHOLDS.csv", help="one line per household")],
    out: Annotated[Path, typer.Option(help="what to write: .csv, or .jsonl with every step")],
    language: Annotated[str, typer.Option(help="of the reasons: en or es")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="the summary as JSON")] = False,
) -> None:
    """What each household is entitled to under a rule, with the reason for every amount."""
    from cash.engines.entitlement import files

    if language not in ("en", "es"):
        raise CommandError(f"speaks en and es, not {language!r}")
    summary = files.entitle_file(files.read_rule(rule), households, out, "es" if language == "es" else "en")
    if as_json:
        shown = {
            "rule": summary.rule,
            "version": summary.version,
            "households": summary.households,
            "total": str(summary.total.major),
            "currency": summary.total.currency,
            "out": str(out),
        }
        typer.echo(json.dumps(shown, ensure_ascii=False))
    else:
        typer.echo(
            f"{summary.rule}, version {summary.version}: "
            f"{summary.households:,} households, {summary.total} together, in {out}"
        )
