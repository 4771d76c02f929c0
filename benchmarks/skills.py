"""Matching of 10,000 people with 2,000 openings, beside plain Python sets and a sparse matrix product."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from pathlib import Path

import numpy as np
from market.engines.skills.matching import Match, Opening, OpeningMatcher, match
from scipy import sparse

from benchmarks import BenchmarkResult, Claim
from benchmarks._commands import measure_command

PEOPLE, OPENINGS, SKILLS, TOP = 10_000, 2_000, 3_000, 10
PLAIN_PEOPLE = 50
SECONDS = 5


def measure() -> BenchmarkResult:
    """Measure the seconds of the command and of its peers."""
    people, openings = _world()
    start = time.perf_counter()
    deque(OpeningMatcher(openings).best(people, TOP), maxlen=0)
    ours = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        files = _files(Path(folder), people, openings)
        command, memory = measure_command(
            "market", "match-skills", *files, "--top", TOP, "--out", f"{folder}/out.csv"
        )

    start = time.perf_counter()
    for own in people[:PLAIN_PEOPLE]:
        sorted((match(own, opening) for opening in openings), key=_order)[:TOP]
    plain = (time.perf_counter() - start) * PEOPLE / PLAIN_PEOPLE

    product = _sparse_product(people, openings)
    rows: list[dict[str, object]] = [
        _row("our command: files read, ten best openings explained and written", PEOPLE, command),
        _row("our matcher: ten best openings explained, in memory", PEOPLE, ours),
        _row(f"plain sets, extrapolated from {PLAIN_PEOPLE} people", PEOPLE, plain),
        _row("scipy sparse product: counts only", PEOPLE, product),
    ]
    claims = [
        Claim("seconds of the command, 10,000 people × 2,000 openings", command, SECONDS, at_least=False),
        Claim("times the speed of plain Python sets", plain / ours, 20),
    ]
    return BenchmarkResult(rows, claims, f"peak memory of the command: {memory:.0f} MB")


def _world() -> tuple[list[frozenset[str]], list[Opening]]:
    """Generate people and openings, whose skills are as frequent as words and 10 to 59 per opening, as in ESCO."""
    random = np.random.default_rng(1)
    common = np.arange(1, SKILLS + 1) ** -0.6
    common /= common.sum()
    names = np.array([f"skill {number}" for number in range(SKILLS)])

    def some(least: int, most: int) -> list[str]:
        return list(random.choice(names, int(random.integers(least, most)), replace=False, p=common))

    openings = []
    for number in range(OPENINGS):
        required = some(10, 60)
        half = len(required) // 2
        openings.append(Opening(str(number), frozenset(required[:half]), frozenset(required[half:])))
    return [frozenset(some(5, 40)) for _ in range(PEOPLE)], openings


def _files(folder: Path, people: list[frozenset[str]], openings: list[Opening]) -> tuple[Path, Path]:
    people_file, openings_file = folder / "people.csv", folder / "openings.csv"
    lines = (f"p{number},{'|'.join(sorted(own))}\n" for number, own in enumerate(people))
    people_file.write_text("person,skills\n" + "".join(lines))
    lines = (
        f"{each.id},{'|'.join(sorted(each.essential))},{'|'.join(sorted(each.optional))}\n"
        for each in openings
    )
    openings_file.write_text("opening,essential,optional\n" + "".join(lines))
    return people_file, openings_file


def _order(found: Match) -> tuple[float, int, int]:
    return -(found.share or 0), -len(found.have), -len(found.have_optional)


def _sparse_product(people: list[frozenset[str]], openings: list[Opening]) -> float:
    start = time.perf_counter()
    columns: dict[str, int] = {}
    have = _matrix(people, columns)
    (have @ _matrix([opening.essential for opening in openings], columns).T).toarray()
    (have @ _matrix([opening.optional for opening in openings], columns).T).toarray()
    return time.perf_counter() - start


def _matrix(sets: list[frozenset[str]], columns: dict[str, int]) -> sparse.csr_array:
    cells = [(row, columns.setdefault(skill, len(columns))) for row, own in enumerate(sets) for skill in own]
    row, column = zip(*cells, strict=True)
    return sparse.csr_array((np.ones(len(cells), np.float32), (row, column)), shape=(len(sets), SKILLS))


def _row(contender: str, people: int, seconds: float) -> dict[str, object]:
    return {"contender": contender, "people": people, "openings": OPENINGS, "seconds": seconds}
