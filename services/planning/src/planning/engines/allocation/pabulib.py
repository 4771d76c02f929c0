"""A reader of Pabulib `.pb` files (Faliszewski et al. 2023, the format of pabulib.org).

A file holds three tables (META, PROJECTS, VOTES) with cells separated by semicolons and quoted as in CSV. The reader
accepts every variant that occurs in the library: with or without a BOM, spaces around cells, quoted cells, blank lines,
padding semicolons, decimal commas or points, blank votes, sections in any order.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from solidary.files.command_line import CommandError, InvalidInput
from solidary.language.numbers import AmbiguousNumber, DecimalMark, parse_number
from solidary.language.text import fold, unreadable_in

from planning.engines.allocation.ballots import Ballot, Project

SECTIONS = ("meta", "projects", "votes")
# Pabulib marks a withdrawn project, which ballots may still name, by this cost.
WITHDRAWN_COST = 999_999_999
MAX_DIGITS = 30
"""The most digits of an amount of money or points before its decimals, and of its decimals."""
LARGEST_NUMBER = 10**MAX_DIGITS
VOTE_TYPES = ("approval", "choose-1", "ordinal", "cumulative", "scoring")


@dataclass(frozen=True)
class Election:
    """The content of one file. `selected` is the official outcome, None where the file does not give it.

    `notes` are irregularities that change no outcome but that a reader should know about.
    """

    meta: Mapping[str, str]
    projects: tuple[Project, ...]
    ballots: tuple[Ballot, ...]
    budget: Fraction
    threshold: Fraction | None
    selected: frozenset[str] | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        return self.cells.get(column, "")


def read(path: Path, community: str | None = None, decimal: DecimalMark | None = None) -> Election:
    """Read a `.pb` file; `community` is the name of the VOTES column with the voters' communities.

    Without it the column `community` is used if there is one (Pabulib defines none). `decimal` is the mark before
    decimals. Raises InvalidInput with the line, and CommandError for a vote type or a scoring function that is not
    supported.
    """
    return _Reader(path, community, decimal).read()


class _Reader:
    def __init__(self, path: Path, community: str | None, decimal: DecimalMark | None):
        self.path, self.community, self.decimal = path, community, decimal
        self.meta: dict[str, str] = {}
        self.lines: dict[str, int] = {}
        self.project_rows: list[_Row] = []
        self.votes: dict[tuple[str, str, str], list[int]] = {}
        self.voters: set[str] = set()
        self.repeated_voters = 0
        self.repeated_names = 0

    def read(self) -> Election:
        for section, row in self._rows():
            if section == "meta":
                self._add_meta(row)
            elif section == "projects":
                self.project_rows.append(row)
            else:
                self._add_vote(row)
        projects = self._projects()
        budget = self._meta_amount("budget")
        if budget is None:
            raise self._error(self.lines["meta"], "META has no budget.")
        if not self.votes:
            raise self._error(self.lines["votes"], "VOTES has no ballots.")
        known = frozenset(row.get("project_id") for row in self.project_rows)
        candidates = frozenset(project.id for project in projects)
        ballots = tuple(self._ballots(known, candidates))
        return Election(
            meta=self.meta,
            projects=projects,
            ballots=ballots,
            budget=budget,
            threshold=self._meta_amount("min_project_score_threshold"),
            selected=self._selected(),
            notes=tuple(self._notes()),
        )

    def _error(self, line: int | None, reason: str) -> InvalidInput:
        return InvalidInput(reason, file=self.path, place=f"line {line}" if line else None)

    def _decoded_lines(self) -> Iterator[str]:
        try:
            with self.path.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    try:
                        yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                    except UnicodeDecodeError as error:
                        raise self._error(number, "This line is not UTF-8 text.") from error
        except OSError as error:
            raise self._error(None, f"The file cannot be read: {error.strerror or error}.") from error

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row's cells with the line on which the row begins. An unclosed quote is an error."""
        end = "\N{SYMBOL FOR END OF TEXT}"
        reader = csv.reader(_with_end(self._decoded_lines(), end), delimiter=";", skipinitialspace=True)
        first_line = 1
        try:
            for row in reader:
                if row == [end]:
                    return
                if row and row[-1].endswith(end):
                    raise self._error(first_line, "A quote is opened here and never closed.")
                for cell in row:
                    if reason := unreadable_in(cell):
                        raise self._error(first_line, reason)
                yield first_line, [fold(cell) for cell in row]
                first_line = reader.line_num + 1
        except csv.Error as error:
            raise self._error(first_line, f"This line cannot be read as cells: {error}.") from error

    def _rows(self) -> Iterator[tuple[str, _Row]]:
        section, header = "", None
        for line, cells in self._cells():
            if not any(cells):
                continue
            if cells[0].lower() in SECTIONS and not any(cells[1:]):
                if cells[0].lower() in self.lines:
                    raise self._error(line, f"This is a second section {cells[0].upper()}; a file has one.")
                section, header = cells[0].lower(), None
                self.lines[section] = line
            elif not section:
                raise self._error(line, "The file must begin with META.")
            elif header is None:
                header = self._header(line, section, cells)
            else:
                if any(cells[len(header) :]) and section != "meta":
                    raise self._error(
                        line, f"This row has {len(cells)} cells, but the header has {len(header)} columns."
                    )
                values = ("" if cell.lower() == "none" else cell for cell in cells)
                yield section, _Row(line, dict(zip(header, values, strict=False)))
        if missing := [name.upper() for name in SECTIONS if name not in self.lines]:
            raise self._error(None, f"The file has no section {', '.join(missing)}.")

    def _header(self, line: int, section: str, cells: list[str]) -> list[str]:
        header = [cell.lower() for cell in cells]
        required = {
            "meta": ("key", "value"),
            "projects": ("project_id", "cost"),
            "votes": ("voter_id", "vote"),
        }
        for column in required[section]:
            if column not in header:
                raise self._error(line, f"The header of {section.upper()} has no column {column}.")
        if self.community and section == "votes" and self.community.lower() not in header:
            raise CommandError(f"{self.path}: VOTES has no column {self.community}.")
        while not header[-1]:
            header.pop()
        for number, column in enumerate(header, 1):
            if (first := header.index(column) + 1) != number:
                places = f"as its columns {first} and {number}"
                raise self._error(line, f"The header of {section.upper()} has {column} twice, {places}.")
        return header

    def _add_meta(self, row: _Row) -> None:
        key = row.get("key").lower()
        if key in self.meta:
            raise self._error(
                row.line, f"META has {key} twice; it is already on line {self.lines[f'meta/{key}']}."
            )
        self.meta[key] = row.get("value")
        self.lines[f"meta/{key}"] = row.line

    def _add_vote(self, row: _Row) -> None:
        key = (row.get("vote"), row.get("points"), row.get((self.community or "community").lower()))
        self.votes.setdefault(key, [0, row.line])[0] += 1
        self.repeated_voters += row.get("voter_id") in self.voters
        self.voters.add(row.get("voter_id"))

    def _number(self, text: str, line: int | None, name: str) -> Fraction:
        try:
            number = parse_number(text, self.decimal)
        except AmbiguousNumber as error:
            reason = f"{name}: {error} Or state the mark before decimals with --decimal."
            raise self._error(line, reason) from error
        except ValueError as error:
            raise self._error(line, f"{name}: {error}") from error
        if abs(number) >= LARGEST_NUMBER or number.denominator > LARGEST_NUMBER:
            raise self._error(line, f"{name} is out of range: {text!r}.")
        return number

    def _meta_amount(self, key: str) -> Fraction | None:
        if not self.meta.get(key):
            return None
        line = self.lines[f"meta/{key}"]
        amount = self._number(self.meta[key], line, f"The value of {key}")
        if amount < 0:
            raise self._error(line, f"The value of {key} is negative.")
        return amount

    def _projects(self) -> tuple[Project, ...]:
        seen: set[str] = set()
        projects = []
        for row in self.project_rows:
            name = row.get("project_id")
            if not name:
                raise self._error(row.line, "This project has no project_id.")
            if name in seen:
                raise self._error(row.line, f"This is a second project with the project_id {name}.")
            seen.add(name)
            cost = self._number(row.get("cost"), row.line, f"The cost of project {name}")
            if cost < 0:
                raise self._error(row.line, f"The cost of project {name} is negative.")
            if cost != WITHDRAWN_COST:
                projects.append(Project(name, cost, row.get("name")))
        return tuple(projects)

    def _ballots(self, known: frozenset[str], candidates: frozenset[str]) -> Iterator[Ballot]:
        kind = self.meta.get("vote_type", "").lower()
        if not kind:
            raise self._error(self.lines["meta"], "META has no vote_type.")
        if kind not in VOTE_TYPES:
            raise CommandError(
                f"{self.path}: The vote_type {kind} is not supported. Supported are {', '.join(VOTE_TYPES)}."
            )
        scoring = self.meta.get("scoring_fn", "")
        if kind == "ordinal" and scoring.lower() not in ("", "borda"):
            raise CommandError(f"{self.path}: The scoring_fn {scoring} is not supported. Only Borda is.")
        default = Fraction(0)
        if kind == "scoring" and self.meta.get("default_score"):
            default = self._number(
                self.meta["default_score"], self.lines["meta/default_score"], "The value of default_score"
            )
        for (vote, points, community), (count, line) in self.votes.items():
            listed = [name.strip() for name in vote.split(",") if name.strip()]
            if len(set(listed)) < len(listed):
                self.repeated_names += count
            for name in listed:
                if name not in known:
                    raise self._error(line, f"This vote names project {name}, which PROJECTS does not list.")
            points_of = self._points(kind, listed, points, line)
            if default:
                points_of = dict.fromkeys(candidates, default) | points_of
            kept = {name: value for name, value in points_of.items() if name in candidates}
            yield Ballot(kept, community, count)

    def _points(self, kind: str, listed: list[str], points: str, line: int) -> dict[str, Fraction]:
        """Return the points per project: 1 for an approval, k, k − 1, … 1 for a ranking of k (as Pabulib counts)."""
        if kind == "choose-1" and len(set(listed)) > 1:
            raise self._error(line, f"This ballot chooses {len(set(listed))} projects; choose-1 allows one.")
        if kind in ("approval", "choose-1"):
            return dict.fromkeys(listed, Fraction(1))
        if len(set(listed)) < len(listed):
            raise self._error(line, "This ballot names a project twice.")
        if kind == "ordinal":
            return {name: Fraction(len(listed) - place) for place, name in enumerate(listed)}
        amounts = [amount for amount in points.split(",") if amount.strip()]
        if len(amounts) != len(listed):
            raise self._error(
                line, f"The number of points ({len(amounts)}) is not the number of projects ({len(listed)})."
            )
        points_of = {
            name: self._number(amount, line, f"The number of points for project {name}")
            for name, amount in zip(listed, amounts, strict=True)
        }
        if kind == "cumulative" and any(value < 0 for value in points_of.values()):
            raise self._error(line, "A cumulative ballot has no negative points.")
        return points_of

    def _selected(self) -> frozenset[str] | None:
        """Return the projects marked 1, which the rule chose; Pabulib marks other outcomes 2 and 3."""
        if not any(row.get("selected") for row in self.project_rows):
            return None
        return frozenset(row.get("project_id") for row in self.project_rows if row.get("selected") == "1")

    def _notes(self) -> Iterator[str]:
        counted = {
            "num_projects": len(self.project_rows),
            "num_votes": sum(count for count, _ in self.votes.values()),
        }
        for key, number in counted.items():
            if self.meta.get(key, str(number)) != str(number):
                yield f"The {key} in META is {self.meta[key]}, but the file holds {number}."
        if self.repeated_voters:
            rows = "1 row repeats" if self.repeated_voters == 1 else f"{self.repeated_voters} rows repeat"
            yield f"{rows} a voter_id. Every row was counted."
        if self.repeated_names:
            ballots = "1 ballot names" if self.repeated_names == 1 else f"{self.repeated_names} ballots name"
            yield f"{ballots} a project twice. It was counted once."


def _with_end(lines: Iterator[str], end: str) -> Iterator[str]:
    last = "\n"
    for last in lines:
        yield last
    if not last.endswith("\n"):
        yield "\n"
    yield end
