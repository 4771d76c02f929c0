"""Equal shares with add1: two real elections compared with pabutools, and a city of 100,000 ballots alone."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from pabutools.election import Cost_Sat, parse_pabulib
from pabutools.rules import exhaustion_by_budget_increase, method_of_equal_shares
from pabutools.tiebreaking import TieBreakingRule
from planning.engines.allocation import Completion, Rule, allocate, pabulib

from benchmarks import BenchmarkResult, Claim
from benchmarks._commands import peak_mib

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SOLIDARY_SHARED", ROOT.parent / "shared")) / "data" / "pabulib"
REAL = {"Assen 2024": "Netherlands_Assen_2024.pb", "Świecie 2023": "Poland_Swiecie_2023.pb"}
VOTERS, DISTINCT, APPROVALS, PROJECTS, BUDGET = 100_000, 20_000, 5, 300, 5_000_000
ROUNDS = 100


def measure() -> BenchmarkResult:
    rows: list[dict[str, object]] = []
    claims: list[Claim] = []
    for name, file in REAL.items():
        path = SHARED / file
        if not path.exists():
            return BenchmarkResult([], notes=f"no shared data at {SHARED}")
        ours, winners = _timed(partial(_solidary, path))
        theirs, expected = _timed(partial(_pabutools, path))
        rows += [_row(name, "solidary", ours, len(winners)), _row(name, "pabutools", theirs, len(expected))]
        claims.append(Claim(f"{name}: times the speed of pabutools", theirs / ours, 10))
        claims.append(Claim(f"{name}: the same winners (1 = yes)", float(winners == expected), 1))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
        seconds, megabytes, funded = child.submit(_measure_city).result()
    rows.append(_row(f"{VOTERS:,} ballots, {ROUNDS} rounds", "solidary", seconds, funded, megabytes))
    claims.append(Claim("the city: seconds, including reading the file", seconds, 30, at_least=False))
    claims.append(Claim("the city: megabytes at the peak", megabytes, 1000, at_least=False))
    return BenchmarkResult(rows, claims)


def _row(
    case: str, program: str, seconds: float, funded: int, megabytes: float | str = ""
) -> dict[str, object]:
    return {"case": case, "program": program, "seconds": seconds, "funded": funded, "peak MB": megabytes}


def _timed(function: Callable[[], frozenset[str]]) -> tuple[float, frozenset[str]]:
    started = time.perf_counter()
    outcome = function()
    return time.perf_counter() - started, outcome


def _solidary(path: Path) -> frozenset[str]:
    election = pabulib.read(path)
    outcome = allocate(election.projects, election.ballots, election.budget, Rule.EQUAL_SHARES)
    return frozenset(outcome.selected)


def _pabutools(path: Path) -> frozenset[str]:
    instance, profile = parse_pabulib(str(path))
    votes = {project: sum(project in ballot for ballot in profile) for project in instance}
    ties = TieBreakingRule(lambda _i, _p, project: (-votes[project], project.cost, project.name))
    outcome = exhaustion_by_budget_increase(
        instance,
        profile,
        method_of_equal_shares,
        {"sat_class": Cost_Sat, "tie_breaking": ties},
        exhaustive_stop=False,
        budget_step=profile.num_ballots(),
    )
    return frozenset(project.name for project in outcome)


class _AllRoundsMeasured(Exception):
    """The rounds to be measured are over."""


def _measure_city() -> tuple[float, float, int]:
    """Return the seconds from the file to the end of the last round, peak megabytes, projects funded without add1."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "city.pb"
        path.write_text(_city_file(), encoding="utf-8")
        started = time.perf_counter()
        election = pabulib.read(path)

        def stop(rounds: int) -> None:
            if rounds >= ROUNDS:
                raise _AllRoundsMeasured

        try:
            allocate(
                election.projects,
                election.ballots,
                election.budget,
                Rule.EQUAL_SHARES,
                increment=Fraction(1, 100),
                on_progress=stop,
            )
        except _AllRoundsMeasured:
            seconds = time.perf_counter() - started
        else:
            raise AssertionError(f"The run of add1 ended before {ROUNDS} rounds.")
    peak = peak_mib()
    plain = allocate(election.projects, election.ballots, election.budget, completion=Completion.NONE)
    return seconds, peak, len(plain.selected)


def _city_file() -> str:
    """Return a `.pb` file in which popularity falls as in real votes: project k is approved with weight k^-½."""
    generator = random.Random(2023)
    weights = [(1 + rank) ** -0.5 for rank in range(PROJECTS)]
    approval_sets: set[tuple[int, ...]] = set()
    while len(approval_sets) < DISTINCT:
        approved = set(generator.choices(range(PROJECTS), weights, k=APPROVALS))
        if len(approved) == APPROVALS:
            approval_sets.add(tuple(sorted(approved)))
    lines = ["META", "key;value", f"budget;{BUDGET}", "vote_type;approval"]
    lines += ["PROJECTS", "project_id;cost"]
    lines += [f"{project};{generator.randint(5_000, 200_000)}" for project in range(PROJECTS)]
    lines += ["VOTES", "voter_id;vote"]
    ordered = sorted(approval_sets)
    lines += [f"{voter};{','.join(map(str, ordered[voter % DISTINCT]))}" for voter in range(VOTERS)]
    return "\n".join(lines) + "\n"
