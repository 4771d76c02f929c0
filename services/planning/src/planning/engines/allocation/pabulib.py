"""Reading Pabulib `.pb` files (Faliszewski et al. 2023, the format of pabulib.org).

Three tables (META, PROJECTS, VOTES) in one text file, cells parted by semicolons and quoted as in CSV.
Read as the library's files are in fact written: with or without BOM, spaces round cells, quoted cells,
blank lines, padding semicolons, comma or point decimals, blank votes, sections in any order.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from solidary.files.command_line import CommandError, InvalidInput

from planning.engines.allocation.ballots import Ballot, Project

SECTIONS = ("meta", "projects", "votes")
# Pabulib marks a withdrawn project, still named on ballots, by this cost.
WITHDRAWN = 999_999_999
# No money or points have more digits; 1e999999999 would fill the memory.
MOST_DIGITS = 30
VOTE_TYPES = ("approval", "choose-1", "ordinal", "cumulative", "scoring")


@dataclass(frozen=True)
class Election:
    """What one file holds. `selected` is the official outcome, None where the file does not tell it.

    `notes` are oddities that change no outcome but that a reader should know.
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


def read(path: Path, community: str | None = None) -> Election:
    """Reads a `.pb` file; `community` names the VOTES column that tells a voter's community.

    Without it the column `community` is taken if there is one (Pabulib defines none). Raises InvalidInput
    with the line, CommandError for a vote type or a scoring function that is not served.
    """
    return _Reader(path, community).read()


class _Reader:
    def __init__(self, path: Path, community: str | None):
        self.path, self.community = path, community
        self.meta: dict[str, str] = {}
        self.places: dict[str, int] = {}
        self.rows: list[_Row] = []
        self.votes: dict[tuple[str, str, str], list[int]] = {}
        self.voters: set[str] = set()
        self.twice = 0

    def read(self) -> Election:
        for section, row in self._rows():
            if section == "meta":
                self._meta(row)
            elif section == "projects":
                self.rows.append(row)
            else:
                self._vote(row)
        projects = self._projects()
        budget = self._amount("budget")
        if budget is None:
            raise self._broken(self.places["meta"], "META does not tell the budget")
        if not self.votes:
            raise self._broken(self.places["votes"], "VOTES holds no ballots")
        known = frozenset(row.get("project_id") for row in self.rows)
        candidates = frozenset(project.id for project in projects)
        return Election(
            meta=self.meta,
            projects=projects,
            ballots=tuple(self._ballots(known, candidates)),
            budget=budget,
            threshold=self._amount("min_project_score_threshold"),
            selected=self._selected(),
            notes=tuple(self._notes()),
        )

    def _broken(self, line: int | None, reason: str) -> InvalidInput:
        return InvalidInput(reason, file=self.path, place=f"line {line}" if line else None)

    def _lines(self) -> Iterator[str]:
        try:
            with self.path.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    try:
                        yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                    except UnicodeDecodeError as error:
                        raise self._broken(number, "is not UTF-8 text") from error
        except OSError as error:
            raise self._broken(None, error.strerror or "cannot be read") from error

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        """Each row's cells with the line it begins on. A quote that is never closed is an error."""
        end = "\N{SYMBOL FOR END OF TEXT}"
        reader = csv.reader(_with_end(self._lines(), end), delimiter=";", skipinitialspace=True)
        begins = 1
        try:
            for row in reader:
                if row == [end]:
                    return
                if row and row[-1].endswith(end):
                    raise self._broken(begins, "a quote is opened that no quote closes")
                yield begins, [cell.strip() for cell in row]
                begins = reader.line_num + 1
        except csv.Error as error:
            raise self._broken(begins, f"cannot be read as cells: {error}") from error

    def _rows(self) -> Iterator[tuple[str, _Row]]:
        section, header = "", None
        for line, cells in self._cells():
            if not any(cells):
                continue
            if cells[0].lower() in SECTIONS and not any(cells[1:]):
                if cells[0].lower() in self.places:
                    raise self._broken(line, f"a second section {cells[0].upper()}")
                section, header = cells[0].lower(), None
                self.places[section] = line
            elif not section:
                raise self._broken(line, "the file must begin with META")
            elif header is None:
                header = self._header(line, section, cells)
            else:
                if any(cells[len(header) :]) and section != "meta":
                    raise self._broken(line, f"{len(cells)} cells under {len(header)} columns")
                values = ("" if cell.lower() == "none" else cell for cell in cells)
                yield section, _Row(line, dict(zip(header, values, strict=False)))
        if missing := [name.upper() for name in SECTIONS if name not in self.places]:
            raise self._broken(None, f"no section {', '.join(missing)}")

    def _header(self, line: int, section: str, cells: list[str]) -> list[str]:
        header = [cell.lower() for cell in cells]
        needed = {"meta": ("key", "value"), "projects": ("project_id", "cost"), "votes": ("voter_id", "vote")}
        for column in needed[section]:
            if column not in header:
                raise self._broken(line, f"the header of {section.upper()} has no column {column}")
        if self.community and section == "votes" and self.community.lower() not in header:
            raise CommandError(f"{self.path}: VOTES has no column {self.community}")
        while not header[-1]:
            header.pop()
        return header

    def _meta(self, row: _Row) -> None:
        self.meta[row.get("key").lower()] = row.get("value")
        self.places[f"meta/{row.get('key').lower()}"] = row.line

    def _vote(self, row: _Row) -> None:
        key = (row.get("vote"), row.get("points"), row.get((self.community or "community").lower()))
        self.votes.setdefault(key, [0, row.line])[0] += 1
        self.twice += row.get("voter_id") in self.voters
        self.voters.add(row.get("voter_id"))

    def _number(self, text: str, line: int | None, what: str) -> Fraction:
        plain = text.replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace(",", ".")
        try:
            number = Decimal(plain)
        except InvalidOperation as error:
            raise self._broken(line, f"{what} is not a number: {text!r}") from error
        if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
            raise self._broken(line, f"{what} is not a number of any use: {text!r}")
        return Fraction(number)

    def _amount(self, key: str) -> Fraction | None:
        if not self.meta.get(key):
            return None
        line = self.places[f"meta/{key}"]
        amount = self._number(self.meta[key], line, key)
        if amount < 0:
            raise self._broken(line, f"the {key} is negative")
        return amount

    def _projects(self) -> tuple[Project, ...]:
        seen: set[str] = set()
        projects = []
        for row in self.rows:
            name = row.get("project_id")
            if not name:
                raise self._broken(row.line, "a project without project_id")
            if name in seen:
                raise self._broken(row.line, f"a second project {name}")
            seen.add(name)
            cost = self._number(row.get("cost"), row.line, f"the cost of project {name}")
            if cost < 0:
                raise self._broken(row.line, f"the cost of project {name} is negative")
            if cost != WITHDRAWN:
                projects.append(Project(name, cost, row.get("name")))
        return tuple(projects)

    def _ballots(self, known: frozenset[str], candidates: frozenset[str]) -> Iterator[Ballot]:
        kind = self.meta.get("vote_type", "").lower()
        if not kind:
            raise self._broken(self.places["meta"], "META does not tell the vote_type")
        if kind not in VOTE_TYPES:
            raise CommandError(f"{self.path}: vote_type {kind} is not served, only {', '.join(VOTE_TYPES)}")
        scoring = self.meta.get("scoring_fn", "")
        if kind == "ordinal" and scoring.lower() not in ("", "borda"):
            raise CommandError(f"{self.path}: scoring_fn {scoring} is not served, only Borda")
        default = Fraction(0)
        if kind == "scoring" and self.meta.get("default_score"):
            default = self._number(
                self.meta["default_score"], self.places["meta/default_score"], "default_score"
            )
        for (vote, points, community), (count, line) in self.votes.items():
            listed = [name.strip() for name in vote.split(",") if name.strip()]
            for name in listed:
                if name not in known:
                    raise self._broken(line, f"a vote for the unknown project {name}")
            given = self._points(kind, listed, points, line)
            if default:
                given = dict.fromkeys(candidates, default) | given
            kept = {name: value for name, value in given.items() if name in candidates}
            yield Ballot(kept, community, count)

    def _points(self, kind: str, listed: list[str], points: str, line: int) -> dict[str, Fraction]:
        """Approvals count 1; a ranking of k projects gives k, k − 1, … 1 (as Pabulib counts scores)."""
        if kind in ("approval", "choose-1"):
            return dict.fromkeys(listed, Fraction(1))
        if len(set(listed)) < len(listed):
            raise self._broken(line, "a project stands twice on one ballot")
        if kind == "ordinal":
            return {name: Fraction(len(listed) - place) for place, name in enumerate(listed)}
        amounts = [amount for amount in points.split(",") if amount.strip()]
        if len(amounts) != len(listed):
            raise self._broken(line, f"{len(listed)} projects but {len(amounts)} points")
        given = {
            name: self._number(amount, line, f"the points for {name}")
            for name, amount in zip(listed, amounts, strict=True)
        }
        if kind == "cumulative" and any(value < 0 for value in given.values()):
            raise self._broken(line, "negative points on a cumulative ballot")
        return given

    def _selected(self) -> frozenset[str] | None:
        """Pabulib writes 1 for what the rule chose; 2 and 3 for what came about otherwise."""
        if not any(row.get("selected") for row in self.rows):
            return None
        return frozenset(row.get("project_id") for row in self.rows if row.get("selected") == "1")

    def _notes(self) -> Iterator[str]:
        counted = {
            "num_projects": len(self.rows),
            "num_votes": sum(count for count, _ in self.votes.values()),
        }
        for key, number in counted.items():
            if self.meta.get(key, str(number)) != str(number):
                yield f"META says {key} {self.meta[key]}, the file holds {number}"
        if self.twice:
            yield f"{self.twice} voter_id stand more than once; each row was counted"


def _with_end(lines: Iterator[str], end: str) -> Iterator[str]:
    last = "\n"
    for last in lines:
        yield last
    if not last.endswith("\n"):
        yield "\n"
    yield end
