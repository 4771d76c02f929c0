"""The command `python -m cash score`."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated

import typer
from solidary.files.command_line import InvalidInput, cli_errors, output_file, show_progress, write_json_array
from solidary.files.tables import DecimalOption

from cash.engines.scores import rules
from cash.engines.scores.surveys import ScoredHousehold, score_file

CONTINUOUS_SCORES = ("FCS", "rCSI")
"""Scores that have no classes to count."""


class ScoreKind(StrEnum):
    """A kind of score."""

    FCS = "fcs"
    RCSI = "rcsi"
    MEB = "meb"


@cli_errors
def score(
    file: Annotated[Path, typer.Argument(help="A survey (CSV) with WFP's variable names.")],
    kind: Annotated[
        ScoreKind, typer.Option(help="Food consumption, reduced coping, or MEB and CARI classes.")
    ],
    sugar_and_oil: Annotated[
        bool, typer.Option("--sugar-and-oil", help="Use the thresholds 28 and 42 for CARI, not 21 and 35.")
    ] = False,
    decimal: DecimalOption = None,
    out: Annotated[Path | None, typer.Option(help="The file to write. Default: standard output.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of CSV.")] = False,
) -> None:
    """Compute the World Food Programme's vulnerability scores of each surveyed household."""
    thresholds = rules.SUGAR_AND_OIL_THRESHOLDS if sugar_and_oil else rules.STANDARD_THRESHOLDS
    counts: dict[str, Counter[object]] = {}
    households = _counted(score_file(file, kind.value, thresholds, decimal), counts, file)
    with output_file(out) as text:
        if as_json:
            write_json_array(({**each.row.cells, **each.scores} for each in households), text)
        else:
            _write_table(households, text)
    for name, classes in counts.items():
        shares = ", ".join(f"{value}: {count}" for value, count in sorted(classes.items(), key=_class_name))
        typer.echo(f"{name}  {shares}", err=True)


def _class_name(counted: tuple[object, int]) -> str:
    return str(counted[0])


def _counted(
    households: Iterable[ScoredHousehold], counts: dict[str, Counter[object]], file: Path
) -> Iterator[ScoredHousehold]:
    """Yield the households; count their classes in `counts` and report differences and progress."""
    number = 0
    for number, each in enumerate(households, 1):
        for name, value in each.scores.items():
            if name not in CONTINUOUS_SCORES:
                counts.setdefault(name, Counter())["missing" if value is None else value] += 1
        for difference in each.differences:
            typer.echo(f"note: {each.row.file}: line {each.row.line}: {difference}", err=True)
        show_progress(number, None, "households")
        yield each
    if not number:
        raise InvalidInput("The file has a header, but no household.", file=file)


def _write_table(households: Iterable[ScoredHousehold], text: IO[str]) -> None:
    table = csv.writer(text, lineterminator="\n")
    for number, each in enumerate(households):
        cells = {**each.row.cells, **each.scores}
        if not number:
            table.writerow(cells)
        table.writerow(cells.values())
