"""The coding of occupations: the rate at which the right ISCO-08 group is first, or among the first three.

There are three sets: our own labelled answers (those used for tuning, and those held out) and, as independent data, the
names of ESCO's occupations, which are coded without ESCO. The peer, rapidfuzz's WRatio, has the same labels.
"""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable
from pathlib import Path

from market.engines.skills import isco
from market.engines.skills.coding import Coder
from market.engines.skills.folding import without_accents
from rapidfuzz import fuzz, process
from solidary.files.tables import read_rows

from benchmarks import BenchmarkResult, Claim

ROOT = Path(__file__).resolve().parents[1]
ANSWERS = ROOT / "services" / "market" / "tests" / "engines" / "skills" / "answers.csv"
ESCO = Path(os.environ.get("SOLIDARY_SHARED", ROOT.parent / "shared")) / "data/esco-1.1.1/occupations.csv"

Labelled = list[tuple[str, set[str]]]
Codes = Callable[[str], list[str]]


def measure() -> BenchmarkResult:
    """Measure the rates and the milliseconds of each coding."""
    sets = {
        **{f"own answers, {part}": _answers(part) for part in ("tuning", "held-out")},
        "names of ESCO occupations": _esco(),
    }
    coder = Coder()

    def ours(text: str) -> list[str]:
        return [candidate.group.code for candidate in coder.candidates(text)]

    rows: list[dict[str, object]] = []
    rates: dict[tuple[str, str], float] = {}
    for name, labelled in sets.items():
        for contender, codes in (("ours", ours), ("rapidfuzz WRatio", _peer())):
            row = _row(name, contender, labelled, codes)
            rows.append(row)
            rates[name, contender] = float(str(row["top 3"]))
    held_out = "own answers, held-out"
    claims = [
        Claim("held-out answers: right group among three", rates[held_out, "ours"], 0.95),
        Claim(
            "held-out answers: misses of the peer per miss of ours",
            (1 - rates[held_out, "rapidfuzz WRatio"]) / (1 - rates[held_out, "ours"]),
            2,
        ),
    ]
    if sets["names of ESCO occupations"]:
        esco = rates["names of ESCO occupations", "ours"]
        claims.append(Claim("names of ESCO occupations: right group among three", esco, 0.5))
    return BenchmarkResult(
        rows,
        claims,
        "The rates of our own answers are an upper bound, because the author of the vocabulary wrote them.",
    )


def _answers(part: str) -> Labelled:
    table = csv.DictReader(ANSWERS.read_text(encoding="utf-8").splitlines())
    return [(row["answer"], set(row["codes"].split())) for row in table if row["part"] == part]


def _esco() -> Labelled:
    if not ESCO.exists():
        return []
    table = read_rows(ESCO, ["PREFERREDLABEL", "ISCOGROUPCODE"])
    return [(row["PREFERREDLABEL"], {row["ISCOGROUPCODE"]}) for row in table]


def _peer() -> Codes:
    labels = list(isco.labels())
    names = [without_accents(label.text) for label in labels]

    def codes(text: str) -> list[str]:
        found: list[str] = []
        for _, _, number in process.extract(without_accents(text), names, scorer=fuzz.WRatio, limit=20):
            if labels[number].code not in found:
                found.append(labels[number].code)
        return found[:3]

    return codes


def _row(name: str, contender: str, labelled: Labelled, codes: Codes) -> dict[str, object]:
    start = time.perf_counter()
    found = [(codes(text), right) for text, right in labelled]
    seconds = time.perf_counter() - start
    n = max(1, len(labelled))
    return {
        "set": name,
        "answers": len(labelled),
        "contender": contender,
        "top 1": sum(bool(right & set(first_three[:1])) for first_three, right in found) / n,
        "top 3": sum(bool(right & set(first_three)) for first_three, right in found) / n,
        "ms each": 1000 * seconds / n,
    }
