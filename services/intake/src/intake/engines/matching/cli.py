"""`python -m intake match` and `python -m intake dedupe`: people in files, matched without the stack."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, atomic_file, cli_errors, require_writable, show_progress

from intake.engines.matching import linkage
from intake.engines.matching.linkage import Match
from intake.engines.matching.person_files import FIELDS, PersonFile, read_person_file

Out = Annotated[Path, typer.Option(help="The file of pairs to write: id_a, id_b, score, explanation.")]
Threshold = Annotated[
    float, typer.Option(min=0, max=1, help="Write pairs from this score on: the probability of one person.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column", help="A column with another name, as surname=apellidos. The option may be repeated."
    ),
]
Placeholders = Annotated[
    list[str] | None,
    typer.Option(
        "--placeholder", help="A further word for a missing number or name. The option may be repeated."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]


@cli_errors
def match(
    a: Annotated[Path, typer.Argument(help="A CSV file of people: the id, then the columns of FEBRL.")],
    b: Annotated[Path, typer.Argument(help="The other file.")],
    out: Out,
    threshold: Threshold = linkage.DEFAULT_THRESHOLD,
    column: Columns = None,
    placeholder: Placeholders = None,
    many: Annotated[
        bool, typer.Option("--many", help="A record may be in several pairs: for files with duplicates.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find the people of one file in another, and explain why each pair is one person."""
    start, column_names = time.monotonic(), _column_names(column)
    require_writable(out)
    left, right = (read_person_file(file, column_names, placeholder or ()) for file in (a, b))
    _show_notes((a, left), (b, right))
    pairs = linkage.match(
        left.records,
        right.records,
        threshold=threshold,
        one_to_one=not many,
        on_progress=_progress("matched"),
    )
    written = _write(out, left, right, pairs)
    _report(as_json, start, {"records_a": len(left.ids), "records_b": len(right.ids), "pairs": written})


@cli_errors
def dedupe(
    a: Annotated[Path, typer.Argument(help="A CSV file of people: the id, then the columns of FEBRL.")],
    out: Out,
    threshold: Threshold = linkage.DEFAULT_THRESHOLD,
    column: Columns = None,
    placeholder: Placeholders = None,
    as_json: AsJson = False,
) -> None:
    """Find the people that occur twice in one file, and explain why each pair is one person."""
    start, column_names = time.monotonic(), _column_names(column)
    require_writable(out)
    people = read_person_file(a, column_names, placeholder or ())
    _show_notes((a, people))
    pairs = linkage.dedupe(people.records, threshold=threshold, on_progress=_progress("compared"))
    written = _write(out, people, people, pairs)
    _report(as_json, start, {"records": len(people.ids), "pairs": written})


def _show_notes(*files: tuple[Path, PersonFile]) -> None:
    for path, people in files:
        for note in people.notes:
            typer.echo(f"note: {path}: {note}", err=True)


def _column_names(options: list[str] | None) -> dict[str, str]:
    names = {}
    for option in options or []:
        field, _, name = option.partition("=")
        if field not in FIELDS or not name:
            raise CommandError(
                f"--column {option} is not understood. Write FIELD=NAME, where FIELD is one of {', '.join(FIELDS)}."
            )
        names[field] = name
    return names


def _progress(verb: str) -> linkage.ProgressCallback:
    return lambda done, total: show_progress(done, total, verb)


def _write(out: Path, left: PersonFile, right: PersonFile, pairs: Iterable[Match]) -> int:
    written = 0
    with atomic_file(out) as text:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(("id_a", "id_b", "score", "explanation"))
        for pair in pairs:
            rows.writerow((left.ids[pair.a], right.ids[pair.b], f"{pair.score:.4f}", pair.explanation))
            written += 1
    return written


def _report(as_json: bool, start: float, summary: dict[str, object]) -> None:
    summary["seconds"] = round(time.monotonic() - start, 2)
    text = json.dumps(summary) if as_json else ", ".join(f"{name} {value}" for name, value in summary.items())
    typer.echo(text)
