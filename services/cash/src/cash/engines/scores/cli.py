"""`python -m cash score`: a survey in, its scores beside each household."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated

import typer
from solidary.files.command_line import InvalidInput, cli_errors, output_file, show_progress, write_json_array

from cash.engines.scores import rules
from cash.engines.scores.surveys import Scored, score_file


class Kind(StrEnum):
    """What to compute."""

    FCS = "fcs"
    RCSI = "rcsi"
    MEB = "meb"


@cli_errors
def score(
    file: Annotated[Path, typer.Argument(help="a survey (CSV) with WFP's variable names")],
    kind: Annotated[Kind, typer.Option(help="food consumption, reduced coping, or MEB and CARI classes")],
    sugar_and_oil: Annotated[
        bool, typer.Option("--sugar-and-oil", help="CARI by the thresholds 28/42 instead of 21/35")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="where to write; else standard output")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of CSV")] = False,
) -> None:
    """Vulnerability scores of the World Food Programme, beside each surveyed household."""
    thresholds = rules.SUGAR_AND_OIL if sugar_and_oil else rules.USUAL
    counts: dict[str, Counter[object]] = {}
    scored = _watched(score_file(file, kind.value, thresholds), counts, file)
    with output_file(out) as text:
        if as_json:
            write_json_array(({**each.row.cells, **each.scores} for each in scored), text)
        else:
            _write_table(scored, text)
    for name, classes in counts.items():
        shares = ", ".join(f"{value}: {count}" for value, count in sorted(classes.items(), key=_by_class))
        typer.echo(f"{name}  {shares}", err=True)


def _by_class(counted: tuple[object, int]) -> str:
    return str(counted[0])


def _watched(scored: Iterable[Scored], counts: dict[str, Counter[object]], file: Path) -> Iterator[Scored]:
    number = 0
    for number, each in enumerate(scored, 1):
        for name, value in each.scores.items():
            if name not in ("FCS", "rCSI"):
                counts.setdefault(name, Counter())["missing" if value is None else value] += 1
        for difference in each.differs:
            typer.echo(f"note: {each.row.file}: line {each.row.line}: {difference}", err=True)
        show_progress(number, None, "households")
        yield each
    if not number:
        raise InvalidInput("no household stands under the header", file=file)


def _write_table(scored: Iterable[Scored], text: IO[str]) -> None:
    table = csv.writer(text, lineterminator="\n")
    for number, each in enumerate(scored):
        cells = {**each.row.cells, **each.scores}
        if not number:
            table.writerow(cells)
        table.writerow(cells.values())
