"""Files of families, and their import."""

from __future__ import annotations

import csv
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO, StringIO
from typing import Any

import httpx
import pytest
from openpyxl import Workbook

CSV, JSON_LINES = "text/csv", "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    *("household", "person", "relation", "given_name", "surname", "born", "sex", "population_group"),
    *("document_kind", "document_number", "phone", "phone_safe", "needs", "area", "own_income"),
)


def surname_of(person: str) -> str:
    """Return an invented surname, another one for each person: nobody looks like somebody of another test."""
    digest = sha256(person.encode()).digest()
    return "".join("bdfgklmnprst"[byte % 12] + "aeiou"[byte % 5] for byte in digest[:5]).capitalize()


def phone_of(person: str) -> str:
    """Return a telephone, another one for each person."""
    return f"+5076{int(sha256(person.encode()).hexdigest(), 16) % 10**7:07}"


def row(household: str, person: str, /, **cells: str) -> dict[str, str]:
    """Return the row of the head of a household, with changed cells."""
    plain = {
        "household": household,
        "person": person,
        "relation": "head",
        "given_name": "Nayeli",
        "surname": surname_of(person),
        "born": "1991-04-12",
        "sex": "F",
        "population_group": "refugee",
        "area": "PA110403",
    }
    return {**dict.fromkeys(COLUMNS, ""), **plain, **cells}


def two_families(key: str) -> list[dict[str, str]]:
    """Return a mother with a child, and a man alone. `key` begins their identifiers."""
    document = {"document_kind": "passport", "document_number": f"{key}-77"}
    return [
        row(
            f"{key}-A",
            f"{key}-1",
            phone=phone_of(f"{key}-1"),
            phone_safe="sí",
            needs="LP-ND CR-NE",
            own_income="180",
        ),
        row(f"{key}-B", f"{key}-3", given_name="Amadou", sex="M", **document),
        row(f"{key}-A", f"{key}-2", relation="child", given_name="Iker", born="2017-03-09", sex="M", area=""),
    ]


def csv_of(rows: list[dict[str, str]]) -> bytes:
    """Return rows as a CSV file."""
    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def xlsx_of(rows: list[dict[str, str]]) -> bytes:
    """Return rows as a workbook."""
    book, file = Workbook(), BytesIO()
    book.active.append(list(rows[0]))
    for each in rows:
        book.active.append(list(each.values()))
    book.save(file)
    return file.getvalue()


def json_lines_of(*documents: object) -> bytes:
    """Return documents as JSON lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in documents)


@dataclass(frozen=True)
class Imported:
    """A finished import, and what became of its rows by line."""

    id: str
    states: dict[str, int]
    rows: dict[int, dict[str, Any]]

    @property
    def by_line(self) -> dict[int, str]:
        """The state of each row."""
        return {line: each["state"] for line, each in self.rows.items()}

    def faults(self, line: int) -> list[str]:
        """Return the places of a row's faults."""
        return [fault["place"] for fault in self.rows[line]["faults"]]


Import = Callable[..., Awaitable[Imported]]


@pytest.fixture
def send(api: httpx.AsyncClient, desk: dict[str, str]) -> Callable[..., Awaitable[httpx.Response]]:
    """Send a file to be imported."""

    async def post(content: bytes, headers: dict[str, str] | None = None, **changes: Any) -> httpx.Response:
        query = {"system": "roster", **{name: changes[name] for name in changes if name != "format"}}
        media_type = {"Content-Type": changes.get("format", CSV)}
        return await api.post(
            "/imports/registrations",
            params=query,
            content=content,
            headers={**(headers or desk), **media_type},
        )

    return post


@pytest.fixture
def report(api: httpx.AsyncClient, desk: dict[str, str]) -> Import:
    """Read the report of finished work, page by page."""

    async def read(work: dict[str, Any], headers: dict[str, str] | None = None) -> Imported:
        headers = headers or desk
        ended = (await api.get(f"/work/{work['id']}", headers=headers)).json()
        assert (ended["state"], ended["failure"]) == ("done", None), ended
        assert ended["done"] == ended["total"]
        found = (await api.get(ended["result"], headers=headers)).json()
        rows: dict[int, dict[str, Any]] = {}
        after: dict[str, str] = {}
        while True:
            page = (
                await api.get(f"{ended['result']}/rows", params={"limit": 2, **after}, headers=headers)
            ).json()
            rows |= {each["line"]: each for each in page["items"]}
            if page["next"] is None:
                return Imported(found["id"], found["states"], rows)
            after = {"after": page["next"]}

    return read


@pytest.fixture
def import_file(send: Any, report: Import, run_jobs: Callable[[], Awaitable[None]]) -> Import:
    """Import a file and return its report."""

    async def run(content: bytes, headers: dict[str, str] | None = None, **changes: Any) -> Imported:
        answer = await send(content, headers, **changes)
        assert answer.status_code == 202, answer.text
        await run_jobs()
        return await report(answer.json(), headers)

    return run
