"""The reading of request bodies: folded texts, members that stand once and strict types, beside plain pydantic."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from time import process_time
from typing import Any
from uuid import UUID

from intake.desk.registrations.schemas import EXAMPLE, RegistrationIn
from pydantic import BaseModel
from solidary.platform.web.json_text import read_body

from benchmarks import BenchmarkResult, Claim

ROUNDS = 5
BODIES = 400
MEMBERS = (1, 5, 30)


class PlainNeed(BaseModel):
    """A need without checks of its own."""

    code: str
    severity: str


class PlainPhone(BaseModel):
    """A telephone without checks of its own."""

    number: str
    safe: bool = False


class PlainMember(BaseModel):
    """A member of a household without checks of its own."""

    given_name: str
    surname: str | None = None
    second_surname: str | None = None
    born: date | None = None
    entered_on: date | None = None
    nationality: str | None = None
    relation: str
    sex: str
    population_group: str
    language: str
    phones: list[PlainPhone] = []
    needs: list[PlainNeed] = []


class PlainRegistration(BaseModel):
    """A registration without checks of its own."""

    household: dict[str, str]
    members: list[PlainMember]
    search_id: UUID | None = None


def measure() -> BenchmarkResult:
    """Measure the microseconds of CPU time for a body, by the members of its household."""
    rows = [_row(members) for members in MEMBERS]
    ratios = [float(str(row["checked / plain"])) for row in rows]
    return BenchmarkResult(
        rows,
        [
            Claim("checked / plain, one member", ratios[0], 16, at_least=False),
            Claim("checked / plain, 30 members over one member", ratios[-1] / ratios[0], 1.5, at_least=False),
        ],
        notes=(
            "Names have accents, so texts are folded. Plain: json.loads and a pydantic model without any check. About "
            "half of the difference is the reading of texts, the other half the checks of each field."
        ),
    )


def _row(members: int) -> dict[str, object]:
    body = _body(members)
    plain, checked = _microseconds(_read_plain, body), _microseconds(_read_checked, body)
    return {
        "members": members,
        "bytes": len(body),
        "plain µs": round(plain),
        "checked µs": round(checked),
        "checked / plain": round(checked / plain, 2),
    }


def _body(members: int) -> bytes:
    example: Any = json.loads(json.dumps(EXAMPLE))
    head = example["members"][0] | {"given_name": "José Ángel", "surname": "Muñoz"}
    others = [head | {"given_name": f"Inés {number}", "relation": "child"} for number in range(1, members)]
    return json.dumps(example | {"members": [head, *others]}, ensure_ascii=False).encode()


def _read_plain(body: bytes) -> None:
    PlainRegistration.model_validate(json.loads(body))


def _read_checked(body: bytes) -> None:
    folded, faults = read_body(body)
    assert not faults
    RegistrationIn.model_validate(json.loads(folded))


def _microseconds(read: Callable[[bytes], None], body: bytes) -> float:
    """Return the least CPU time of some rounds, for one body."""
    count = max(BODIES // (body.count(b"given_name")), 20)
    times = []
    for _ in range(ROUNDS):
        start = process_time()
        for _ in range(count):
            read(body)
        times.append((process_time() - start) / count)
    return min(times) * 1e6
