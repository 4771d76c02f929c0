"""`python -m market import-esco | search | code-occupation(s) | match-skills | skill-gaps`: occupations and skills."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import tee
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer
from solidary.files.command_line import (
    InvalidInput,
    atomic_file,
    cli_errors,
    output_file,
    show_progress,
    write_json_array,
)
from solidary.files.tables import Row, read_rows
from solidary.language.problems import count_of

from market.engines.skills import esco
from market.engines.skills.folding import Language

if TYPE_CHECKING:
    from market.engines.skills.coding import Candidate, CodedAnswer, Coder
    from market.engines.skills.labels import Hit
    from market.engines.skills.matching import Match
    from market.engines.skills.profiles import SkillNames

ADDED_COLUMNS = ("isco_1", "score_1", "isco_2", "score_2", "isco_3", "score_3")
SITUATION_COLUMNS = ("work_situation", "labour_force_status")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Esco = Annotated[Path | None, typer.Option("--esco", help="A catalogue that import-esco has written.")]
Limit = Annotated[int, typer.Option(min=1, help="The number of results.")]
People = Annotated[Path, typer.Argument(help="CSV file with the columns person and skills (separated by |).")]
Openings = Annotated[
    Path,
    typer.Argument(
        help="CSV file with the columns opening, essential and optional, and if needed occupation and posts."
    ),
]


@cli_errors
def import_esco(
    folder: Annotated[Path, typer.Argument(help="The folder with the CSV files of ESCO.")],
    out: Annotated[Path, typer.Option(help="The catalogue file to write (JSON Lines).")],
    language: Annotated[Language, typer.Option(help="The language of the labels.")] = "en",
    as_json: Json = False,
) -> None:
    """Import ESCO into one catalogue file, and check every reference."""
    with atomic_file(out) as text:
        counts = esco.write_catalogue(esco.read_folder(folder), text, language)
    if as_json:
        typer.echo(json.dumps({"catalogue": str(out), **counts}))
    else:
        typer.echo(f"{out}: " + ", ".join(count_of(count, kind) for kind, count in counts.items()))


@cli_errors
def search(text: str, catalogue: Esco = None, limit: Limit = 10, as_json: Json = False) -> None:
    """Find ISCO-08 groups, and ESCO's occupations and skills, by words in Spanish or English."""
    from market.engines.skills import isco
    from market.engines.skills.coding import occupation_labels, skill_labels
    from market.engines.skills.labels import Index

    known = esco.read_catalogue(catalogue) if catalogue else esco.Catalogue()
    names = {
        **{code: ("group", f"{group.es} / {group.en}") for code, group in isco.groups().items()},
        **{occupation.code: ("occupation", occupation.label) for occupation in known.occupations.values()},
        **{skill.id: ("skill", skill.label) for skill in known.skills.values()},
    }
    index = Index([*isco.labels(), *occupation_labels(known), *skill_labels(known)])
    found = [(*names[hit.code], hit) for hit in index.search(text, limit)]
    if as_json:
        typer.echo(_json([{"kind": k, "code": hit.code, "name": n, **_reason(hit)} for k, n, hit in found]))
        return
    for kind, name, hit in found:
        typer.echo(f"{hit.score:.2f}  {kind:<10}  {hit.code:<10}  {name}  ({hit.label})")


@cli_errors
def code_occupation(
    text: Annotated[str, typer.Argument(help="The person's own words, in Spanish or English.")],
    catalogue: Esco = None,
    limit: Limit = 3,
    as_json: Json = False,
) -> None:
    """Code a free answer to ISCO-08, and to ESCO with a catalogue, with scores and reasons; or tell its situation."""
    coded = _coder(catalogue).code(text, limit)
    if as_json:
        typer.echo(_json({"text": text, **_coded(coded)}))
        return
    if situation := coded.situation:
        wording = situation.status.wording
        typer.echo(f"----  {situation.code}  {wording.es} / {wording.en}")
    for each in coded.candidates:
        reason = f"{each.reason.label}: {', '.join(each.reason.words)}"
        typer.echo(f"{each.score:.2f}  {each.group.code}  {each.group.es} / {each.group.en}  ({reason})")
        for label, hit in each.esco:
            typer.echo(f"      {hit.score:.2f}  ESCO {hit.code}  {label}")
    if not (coded.candidates or coded.situation):
        typer.echo("There is no candidate, because no word of the answer is known.", err=True)


@cli_errors
def code_occupations(
    file: Annotated[Path, typer.Argument(help="CSV file with a column of answers. Other columns are kept.")],
    out: Annotated[
        Path,
        typer.Option(
            help="The file to write: the same table with isco_1, score_1 to score_3 and the situation."
        ),
    ],
    column: Annotated[str, typer.Option(help="The column of answers.")] = "answer",
    catalogue: Esco = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of CSV.")] = False,
) -> None:
    """Code a column of free answers, with three candidates for each, from which a person chooses.

    Situations (at home, studying, retired, looking for work) are counted apart.
    """
    coder, counts = _coder(catalogue), Counter[str]()
    coded = _counted(((row, coder.code(row[column])) for row in _answers(file, column)), counts)
    with atomic_file(out) as text:
        if as_json:
            entries = ({**row.cells, **_coded(found)} for row, found in coded)
            write_json_array(entries, text)
        else:
            _write_coded(coded, text)
    if counts:
        listed = ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
        typer.echo(f"Situations, not coded to a trade: {listed}.", err=True)


def _counted(
    coded: Iterable[tuple[Row, CodedAnswer]], counts: Counter[str]
) -> Iterator[tuple[Row, CodedAnswer]]:
    for row, found in coded:
        if found.situation:
            counts[found.situation.code] += 1
        yield row, found


def _answers(file: Path, column: str) -> Iterator[Row]:
    number = 0
    for number, row in enumerate(read_rows(file, [column]), 1):
        if taken := row.cells.keys() & {*ADDED_COLUMNS, *SITUATION_COLUMNS, "candidates"}:
            reason = f"The file already has the column {', '.join(sorted(taken))}. Was it coded before?"
            raise InvalidInput(reason, file=file, place="line 1")
        yield row
        show_progress(number, None, "coded")
    if not number:
        raise InvalidInput("The file has no answers.", file=file)


def _write_coded(coded: Iterable[tuple[Row, CodedAnswer]], text: IO[str]) -> None:
    table = csv.writer(text, lineterminator="\n")
    for number, (row, answer) in enumerate(coded):
        if not number:
            table.writerow([*row.cells, *ADDED_COLUMNS, *SITUATION_COLUMNS])
        found = [cell for each in answer.candidates for cell in (each.group.code, each.score)]
        situation = answer.situation
        of_situation = [situation.code, situation.status] if situation else ["", ""]
        missing = [""] * (len(ADDED_COLUMNS) - len(found))
        table.writerow([*row.cells.values(), *found, *missing, *of_situation])


@cli_errors
def match_skills(
    people: People,
    openings: Openings,
    catalogue: Esco = None,
    top: Annotated[int, typer.Option(min=1, help="The number of openings for each person.")] = 10,
    out: Annotated[Path | None, typer.Option(help="The file to write; by default, standard output.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of CSV.")] = False,
) -> None:
    """Match people with openings, and list the required skills that they have and lack."""
    from market.engines.skills.matching import OpeningMatcher
    from market.engines.skills.profiles import SEPARATOR

    names = _names(catalogue)
    matcher = OpeningMatcher([opening for opening, _ in names.openings(openings)])
    first, second = tee(names.people(people))
    matches = matcher.best((skills for _, skills in second), top)
    found = _each(matches, first)
    with output_file(out) as text:
        if as_json:
            write_json_array(({"person": person, **_match(match)} for match, person in found), text)
            return
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["person", "opening", "share", "have", "lack", "have_optional", "lack_optional"])
        for match, person in found:
            skills = (match.have, match.lack, match.have_optional, match.lack_optional)
            table.writerow((person, match.opening, _share(match), *map(SEPARATOR.join, skills)))


@cli_errors
def skill_gaps(people: People, openings: Openings, catalogue: Esco = None, as_json: Json = False) -> None:
    """Print, for each required skill, the posts that require it (half if optional) less the people who have it."""
    from market.engines.skills import matching

    names = _names(catalogue)
    required = list(names.openings(openings))
    supply = Counter(skill for _, skills in names.people(people) for skill in skills)
    gaps = matching.skill_gaps(required, supply)
    if as_json:
        typer.echo(_json([{"skill": skill, "gap": gap} for skill, gap in gaps.items()]))
    for skill, gap in {} if as_json else gaps.items():
        typer.echo(f"{gap:+10.1f}  {skill}")


def _coder(catalogue: Path | None) -> Coder:
    from market.engines.skills.coding import Coder

    return Coder(esco.read_catalogue(catalogue) if catalogue else None)


def _names(catalogue: Path | None) -> SkillNames:
    from market.engines.skills.profiles import SkillNames

    return SkillNames(esco.read_catalogue(catalogue) if catalogue else None)


def _coded(answer: CodedAnswer) -> dict[str, object]:
    situation = answer.situation
    return {
        "work_situation": {"code": situation.code, "labour_force_status": situation.status}
        if situation
        else None,
        "candidates": [_candidate(each) for each in answer.candidates],
    }


def _candidate(each: Candidate) -> dict[str, object]:
    group = {"isco": each.group.code, "es": each.group.es, "en": each.group.en}
    found = [{"code": hit.code, "label": label, "score": round(hit.score, 4)} for label, hit in each.esco]
    return {**group, **_reason(each.reason), "esco": found}


def _reason(hit: Hit) -> dict[str, object]:
    return {
        "score": round(hit.score, 4),
        "label": hit.label,
        "language": hit.language,
        "words": list(hit.words),
    }


def _each(
    matches: Iterable[list[Match]], people: Iterable[tuple[str, frozenset[str]]]
) -> Iterator[tuple[Match, str]]:
    for number, (best, (person, _)) in enumerate(zip(matches, people, strict=True), 1):
        yield from ((match, person) for match in best)
        show_progress(number, None, "matched")


def _match(match: Match) -> dict[str, object]:
    return {
        "opening": match.opening,
        "share": _share(match),
        "have": match.have,
        "lack": match.lack,
        "have_optional": match.have_optional,
        "lack_optional": match.lack_optional,
    }


def _share(match: Match) -> float | None:
    return None if match.share is None else round(match.share, 4)


def _json(entry: object) -> str:
    return json.dumps(entry, ensure_ascii=False)
