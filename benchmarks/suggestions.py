"""Suggestions among 2,000 services, and the results of a rule beside two other implementations of CEL."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import cel
import celpy
from celpy.adapter import json_to_cel
from referrals.engines.eligibility.check import check_eligibility
from referrals.engines.eligibility.profile import read_profile
from referrals.engines.eligibility.rule import parse_rule
from referrals.engines.eligibility.vocabulary import load_vocabulary
from referrals.engines.hsds.schedules import Schedule
from referrals.engines.suggestion import Capacity, CodedQuery, Point, ServiceFacts, suggest

from benchmarks import BenchmarkResult, Claim

SERVICES, CHECKS = 2_000, 2_000
RULE = 'age >= 18 && (children > 0 || "passport" in documents) && area.startsWith("PA13")'
PERSON: dict[str, Any] = {
    "age": 30,
    "children": 2,
    "area": "PA1301",
    "documents": ["cedula"],
    "languages": ["spa"],
}
PANAMA = ZoneInfo("America/Panama")
NOW = datetime(2026, 1, 30, 18, tzinfo=PANAMA)


def measure() -> BenchmarkResult:
    """Measure the seconds of evaluations and of suggestions."""
    vocabulary = load_vocabulary()
    rule, person = parse_rule(RULE, vocabulary), read_profile(PERSON, vocabulary)
    ours = _seconds(lambda: check_eligibility(rule, person, vocabulary))
    interpreter = celpy.Environment().program(celpy.Environment().compile(RULE))
    interpreted = _seconds(lambda: interpreter.evaluate({n: json_to_cel(v) for n, v in PERSON.items()}))
    rust = cel.compile(RULE)
    compiled = _seconds(lambda: rust.execute(PERSON))
    services = [_service(number) for number in range(SERVICES)]
    start = time.perf_counter()
    found = suggest(CodedQuery("shelter", person, near=Point(8.88, -79.78)), services, NOW)
    suggesting = time.perf_counter() - start
    rows = [
        _row(f"{CHECKS:,} checks", "ours, with reasons", ours),
        _row(f"{CHECKS:,} checks", "cel-python, without reasons", interpreted),
        _row(f"{CHECKS:,} checks", "cel-rust, without reasons", compiled),
        _row(f"{len(found):,} suggestions", "ours", suggesting),
    ]
    claims = [
        Claim("times the speed of cel-python's interpreter", interpreted / ours, 2),
        Claim("seconds for 2,000 suggestions", suggesting, 5, at_least=False),
    ]
    return BenchmarkResult(rows, claims)


def _row(task: str, contender: str, seconds: float) -> dict[str, object]:
    return {"task": task, "contender": contender, "seconds": seconds}


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    for _ in range(CHECKS):
        work()
    return time.perf_counter() - start


def _service(number: int) -> ServiceFacts:
    schedule = Schedule(
        id=f"48102e86-bb50-41c4-8f1e-{number:012d}",
        byday="MO,TU,WE,TH,FR",
        opens_at=f"{7 + number % 4:02d}:00",
        closes_at="16:00",
    )
    return ServiceFacts(
        id=f"{number:05d}",
        needs=frozenset({"shelter"}),
        rule=parse_rule(f"age >= {number % 40} || children > {number % 3}", load_vocabulary()),
        schedules=(schedule,),
        zone=PANAMA,
        at=Point(8.88 + number / 1e4, -79.78),
        capacity=Capacity(number % 5, NOW - timedelta(days=number % 30)),
        languages=frozenset({"spa"}),
        response_time=timedelta(hours=number % 100),
    )
