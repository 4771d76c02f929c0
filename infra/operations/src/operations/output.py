"""The output of the commands: lines for people, or one JSON value for programs."""

from __future__ import annotations

import json as json_format
from collections.abc import Iterable
from typing import Annotated, TypeAlias

import typer

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of sentences.")]


def print_result(result: object, lines: Iterable[str], *, json: bool) -> None:
    """Print the result as JSON, or else as the lines."""
    if json:
        typer.echo(json_format.dumps(result, ensure_ascii=False, indent=1, default=str))
    else:
        for line in lines:
            typer.echo(line)
