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

from intake.engines.matching import linkage, records
from intake.engines.matching.linkage import Match
from intake.engines.matching.records import FIELDS, Records

Out = Annotated[Path, typer.Option(help="The file of pairs to write: id_a, id_b, score, explanation.")]
Threshold = Annotated[
    float, typer.Option(min=0, max=1, help="Write pairs from this score on: the probability of one person.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="A column under another name: surname=apellidos. May be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")]


@cli_errors
def match(
    a: Annotated[Path, typer.Argument(help="A CSV file of people: first the id, then columns as FEBRL.")],
    b: Annotated[Path, typer.Argument(help="The other file.")],
    out: Out,
    threshold: Threshold = linkage.THRESHOLD,
    column: Columns = None,
    many: Annotated[
        bool, typer.Option("--many", help="A record may be in several pairs: for files with duplicates.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find the people of one file in another, and say why each pair is one person."""
    start, named = time.monotonic(), _named(column)
    require_writable(out)
    left, right = records.read(a, named), records.read(b, named)
    pairs = linkage.match(
        left.persons, right.persons, threshold=threshold, one_to_one=not many, tell=_tell("matched")
    )
    written = _write(out, left, right, pairs)
    _report(as_json, start, {"records_a": len(left.ids), "records_b": len(right.ids), "pairs": written})


@cli_errors
def dedupe(
    a: Annotated[Path, typer.Argument(help="A CSV file of people: first the id, then columns as FEBRL.")],
    out: Out,
    threshold: Threshold = linkage.THRESHOLD,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Find the people that stand twice in one file, and say why each pair is one person."""
    start, named = time.monotonic(), _named(column)
    require_writable(out)
    people = records.read(a, named)
    written = _write(
        out, people, people, linkage.dedupe(people.persons, threshold=threshold, tell=_tell("compared"))
    )
    _report(as_json, start, {"records": len(people.ids), "pairs": written})


def _named(columns: list[str] | None) -> dict[str, str]:
    named = {}
    for text in columns or []:
        field, _, name = text.partition("=")
        if field not in FIELDS or not name:
            raise CommandError(f"--column {text}: FIELD=NAME, where FIELD is one of {', '.join(FIELDS)}")
        named[field] = name
    return named


def _tell(what: str) -> linkage.Tell:
    return lambda done, of: show_progress(done, of, what)


def _write(out: Path, left: Records, right: Records, pairs: Iterable[Match]) -> int:
    written = 0
    with atomic_file(out) as text:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(("id_a", "id_b", "score", "explanation"))
        for pair in pairs:
            rows.writerow((left.ids[pair.a], right.ids[pair.b], f"{pair.score:.4f}", pair.explanation))
            written += 1
    return written


def _report(as_json: bool, start: float, done: dict[str, object]) -> None:
    done["seconds"] = round(time.monotonic() - start, 2)
    text = json.dumps(done) if as_json else ", ".join(f"{name} {value}" for name, value in done.items())
    typer.echo(text)
