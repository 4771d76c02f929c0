"""The command `python -m cash entitle`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors
from solidary.files.tables import DecimalOption
from solidary.language.problems import count_of


@cli_errors
def entitle(
    rule: Annotated[Path, typer.Argument(metavar="RULE.json", help="The entitlement rule.")],
    households: Annotated[
        Path, typer.Argument(metavar="HOUSEHOLDS.csv", help="The households, one per line.")
    ],
    out: Annotated[
        Path, typer.Option(help="The file to write: .csv, or .jsonl, in which the steps are separate.")
    ],
    decimal: DecimalOption = None,
    language: Annotated[str, typer.Option(help="The language of the calculation: en or es.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Calculate the entitlement of each household under a rule, and explain every amount."""
    from cash.engines.entitlement import files

    if language not in ("en", "es"):
        raise CommandError(f"The language must be en or es, not {language!r}.")
    summary = files.entitle_file(
        files.read_rule(rule), households, out, "es" if language == "es" else "en", decimal
    )
    if as_json:
        fields = {
            "rule": summary.rule,
            "version": summary.version,
            "households": summary.households,
            "total": str(summary.total.major),
            "currency": summary.total.currency,
            "out": str(out),
        }
        typer.echo(json.dumps(fields, ensure_ascii=False))
    else:
        count = count_of(summary.households, "household")
        typer.echo(
            f"{summary.rule}, version {summary.version}: {count}, {summary.total} in total, written to {out}"
        )
