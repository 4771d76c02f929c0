"""`python -m cash sample`: how many to visit, and whom."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import (
    CommandError,
    InvalidInput,
    cli_errors,
    output_file,
    require_writable,
    show_progress,
)
from solidary.files.tables import read_rows

from cash.engines.sampling.rules import METHOD, draw, sample_size


@cli_errors
def sample(
    population: Annotated[int | None, typer.Option(help="how many there are, after exclusions")] = None,
    confidence: Annotated[float, typer.Option(help="as in 0.95")] = 0.95,
    margin: Annotated[float, typer.Option(help="as in 0.05")] = 0.05,
    seed: Annotated[str | None, typer.Option(help="the same seed draws the same sample; keep it")] = None,
    ids: Annotated[Path | None, typer.Option("--list", help="ids, one a line, or a .csv")] = None,
    column: Annotated[str | None, typer.Option(help="which column of the .csv; else its first")] = None,
    out: Annotated[Path | None, typer.Option(help="where to write the ids; else standard output")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the size and the sample as JSON")] = False,
) -> None:
    """The size of a sample for verification and, from a list, a sample that can be drawn again."""
    if out is not None:
        require_writable(out)
    names = None if ids is None else _names(ids, column)
    if names is not None and population not in (None, len(names)):
        raise InvalidInput(f"{len(names)} ids, but --population says {population}", file=ids)
    population = population if names is None else len(names)
    if population is None:
        raise CommandError("say how many there are (--population) or who (--list)")
    if names is None and out is not None:
        raise CommandError("to write a sample it needs a --list to draw from")
    try:
        size = sample_size(population, confidence, margin)
    except ValueError as error:
        raise InvalidInput(str(error)) from error
    answer: dict[str, object] = {
        "population": population,
        "confidence": confidence,
        "margin": margin,
        "size": size,
    }
    chosen: list[str] = []
    if names is not None:
        seed = secrets.token_hex(8) if seed is None else _utf8(seed)
        chosen = draw(names, size, seed)
        answer |= {"seed": seed, "method": METHOD, "sample": chosen}
        typer.echo(f"{size} of {population}, seed {seed}", err=True)
    typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else size)
    if names is not None and (out is not None or not as_json):
        with output_file(out) as text:
            text.writelines(f"{name}\n" for name in chosen)


def _utf8(seed: str) -> str:
    """What a shell hands over need not be text, and a seed is hashed as UTF-8."""
    try:
        seed.encode()
    except UnicodeEncodeError:
        raise CommandError("--seed: is not UTF-8") from None
    return seed


def _names(file: Path, column: str | None) -> dict[str, int]:
    """The ids of a list with the line of each; raises InvalidInput where one stands twice."""
    names: dict[str, int] = {}
    for line, name in _table(file, column) if file.suffix.lower() == ".csv" else _lines(file):
        if name in names:
            reason = f"{name!r} stands twice, first on line {names[name]}"
            raise InvalidInput(reason, file=file, place=f"line {line}")
        names[name] = line
        if len(names) % 10_000 == 0:
            show_progress(len(names), None, "ids")
    return names


def _table(file: Path, column: str | None) -> Iterator[tuple[int, str]]:
    for row in read_rows(file, [column] if column else []):
        yield row.line, row.text(column or next(iter(row.cells)))


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    try:
        with open(file, "rb") as binary:
            for number, line in enumerate(binary, 1):
                name = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                if name:
                    yield number, name
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=file) from error
    except UnicodeDecodeError as error:
        raise InvalidInput("not UTF-8", file=file, place=f"line {number}") from error
