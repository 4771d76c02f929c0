"""The command `python -m cash sample`."""

from __future__ import annotations

import json
import re
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
from solidary.language.problems import count_of
from solidary.language.text import fold

from cash.engines.sampling.rules import METHOD, draw, sample_size


@cli_errors
def sample(
    population: Annotated[int | None, typer.Option(help="The number of households after exclusions.")] = None,
    confidence: Annotated[float, typer.Option(help="The confidence, for example 0.95.")] = 0.95,
    margin: Annotated[float, typer.Option(help="The margin of error, for example 0.05.")] = 0.05,
    seed: Annotated[
        str | None, typer.Option(help="The seed of the draw. The same seed draws the same sample: keep it.")
    ] = None,
    ids: Annotated[
        Path | None, typer.Option("--list", help="The ids to draw from, one per line, or a .csv.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="The column of the .csv that has the ids. Default: the first.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file for the ids. Default: standard output.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the size and the sample as JSON.")] = False,
) -> None:
    """Compute the size of a verification sample and, from a list, draw a sample that can be drawn again."""
    if out is not None:
        require_writable(out)
    lines = None if ids is None else _read_ids(ids, column)
    if lines is not None and population not in (None, len(lines)):
        reason = f"The list has {count_of(len(lines), 'id')}, but --population is {population}."
        raise InvalidInput(reason, file=ids)
    population = population if lines is None else len(lines)
    if population is None:
        raise CommandError("The size of the population is missing. Use --population or --list.")
    if lines is None and out is not None:
        raise CommandError("Without --list there are no ids to write. Add --list or leave out --out.")
    try:
        size = sample_size(population, confidence, margin)
    except ValueError as error:
        raise InvalidInput(str(error)) from error
    result: dict[str, object] = {
        "population": population,
        "confidence": confidence,
        "margin": margin,
        "size": size,
    }
    drawn: list[str] = []
    if lines is not None:
        seed = secrets.token_hex(8) if seed is None else _require_utf8(seed)
        drawn = draw(lines, size, seed)
        result |= {"seed": seed, "method": METHOD, "sample": drawn}
        typer.echo(f"{size} of {population}, seed {seed}", err=True)
    typer.echo(json.dumps(result, ensure_ascii=False) if as_json else size)
    if lines is not None and (out is not None or not as_json):
        with output_file(out) as text:
            text.writelines(f"{id_}\n" for id_ in drawn)


def _require_utf8(seed: str) -> str:
    """Return the seed. Raises CommandError where it is not text: it is hashed as UTF-8, but a shell passes bytes."""
    try:
        seed.encode()
    except UnicodeEncodeError:
        raise CommandError("The value of --seed is not UTF-8.") from None
    return seed


def _read_ids(file: Path, column: str | None) -> dict[str, int]:
    """Return the ids of a list with the line of each. Raises InvalidInput where an id occurs twice."""
    lines: dict[str, int] = {}
    for line, id_ in _table_ids(file, column) if file.suffix.lower() == ".csv" else _line_ids(file):
        if id_ in lines:
            reason = f"The id {id_!r} occurs twice; it is already on line {lines[id_]}."
            raise InvalidInput(reason, file=file, place=f"line {line}")
        lines[id_] = line
        if len(lines) % 10_000 == 0:
            show_progress(len(lines), None, "ids")
    return lines


def _table_ids(file: Path, column: str | None) -> Iterator[tuple[int, str]]:
    for row in read_rows(file, [column] if column else []):
        header = column or next(iter(row.cells))
        id_ = row.text(header)
        if not column and _shape(id_) and _shape(header) == _shape(id_):
            reason = (
                f"The header {header!r} looks like an id. Add a line with the column's name above the ids."
            )
            raise InvalidInput(reason, file=file, place="line 1")
        yield row.line, id_


def _shape(text: str) -> str:
    """Return a text with each digit as 0 and each letter as a; two ids of one kind have the same."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "0", text)) if any(map(str.isdigit, text)) else ""


def _line_ids(file: Path) -> Iterator[tuple[int, str]]:
    try:
        with open(file, "rb") as binary:
            for number, line in enumerate(binary, 1):
                id_ = fold(line.decode("utf-8-sig" if number == 1 else "utf-8"))
                if id_:
                    yield number, id_
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=file) from error
    except UnicodeDecodeError as error:
        raise InvalidInput("The line is not UTF-8.", file=file, place=f"line {number}") from error
