"""Attacks by files of many rows: names left in the open, a full memory, people of others, ways around the desk."""

from __future__ import annotations

import asyncio
import io
import secrets
import zipfile
from typing import Any
from uuid import UUID

import httpx
import psutil
import psycopg
import pytest
from solidary.platform.identity import Duty
from solidary_testing import eventually
from solidary_testing.tokens import Tokens, subject_of

from tests.conftest import ScenarioRun

Headers = dict[str, str]
CSV, JSON_LINES = "text/csv", "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER = "household,person,relation,given_name,surname,sex,population_group,area,needs\n"
MB = 1024 * 1024


@pytest.fixture
def intake(scenario_run: ScenarioRun) -> str:
    return scenario_run.run.services["intake"]


def send(url: str, headers: Headers, content: bytes, media_type: str = CSV, **query: Any) -> httpx.Response:
    return httpx.post(
        f"{url}/imports/registrations",
        params={"system": "attack", **query},
        content=content,
        headers=headers | {"Content-Type": media_type},
        timeout=60,
    )


def finished(url: str, headers: Headers, answer: httpx.Response) -> dict[str, Any]:
    """Wait for the end of an import, and return its work."""
    path = f"{url}/work/{answer.raise_for_status().json()['id']}"

    async def ended() -> dict[str, Any]:
        async with httpx.AsyncClient(headers=headers) as client:
            work: dict[str, Any] = (await client.get(path)).raise_for_status().json()
        return work if work["finished"] else {}

    work = asyncio.run(eventually(ended, within=120, what="the end of the import"))
    assert work["failure"] is None, work
    return work


def one_row(name: str, key: str, needs: str = "") -> bytes:
    return f"{HEADER}{key},{key}-p,head,{name},Prueba,F,refugee,PA1104,{needs}\n".encode()


@pytest.mark.parametrize("duty", [Duty.PROVIDER, Duty.PROTECTION_OFFICER, Duty.INTEGRATOR, Duty.CASH_MAKER])
def test_file_is_refused_from_members_who_may_not_register_one_person(
    intake: str, tokens: Tokens, duty: Duty
) -> None:
    answer = send(intake, tokens.of("iom", duty), one_row("Ana", "duty"))
    assert answer.status_code == 403


def test_names_and_identifiers_are_nowhere_in_the_open(
    scenario_run: ScenarioRun, intake: str, tokens: Tokens
) -> None:
    desk, name = tokens.of("unhcr", Duty.FRONT_DESK), f"Canario{secrets.token_hex(6)}"
    finished(intake, desk, send(intake, desk, one_row(name, f"id-{name}")))
    finished(intake, desk, send(intake, desk, one_row(name, f"no-{name}"), dry_run=True))
    wanted = name.encode()
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as connection:
        tables = connection.execute(
            """SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
            WHERE schemaname IN ('data', 'keys', 'machinery', 'published')"""
        ).fetchall()
        for (table,) in tables:
            with connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as rows:
                content = b"".join(bytes(part) for part in rows)
            assert wanted not in content, table
            assert wanted.hex().encode() not in content, table
    for file in (scenario_run.run.folder / "telemetry").glob("*.jsonl*"):
        assert wanted not in file.read_bytes(), file


def test_report_of_another_agencys_import_is_not_found(intake: str, tokens: Tokens) -> None:
    desk, stranger = tokens.of("unhcr", Duty.FRONT_DESK), tokens.of("iom", Duty.FRONT_DESK)
    work = finished(intake, desk, send(intake, desk, one_row("Ana", f"report-{secrets.token_hex(4)}")))
    for path in (work["result"], f"{work['result']}/rows", f"/work/{work['id']}"):
        assert httpx.get(intake + path, headers=desk).status_code == 200
        assert httpx.get(intake + path, headers=stranger).status_code == 404
    listed = httpx.get(f"{intake}/imports", headers=stranger).json()["items"]
    assert work["result"].rpartition("/")[2] not in {each["id"] for each in listed}


def test_import_discloses_nothing_of_another_agencys_people(intake: str, tokens: Tokens) -> None:
    """Import the same people under the same identifiers twice: they are new to each agency."""
    content = one_row(f"Ana{secrets.token_hex(4)}", f"both-{secrets.token_hex(4)}")
    for agency in ("unhcr", "iom"):
        desk = tokens.of(agency, Duty.FRONT_DESK)
        work = finished(intake, desk, send(intake, desk, content))
        assert httpx.get(intake + work["result"], headers=desk).json()["states"] == {"added": 1}


def test_confidential_service_of_a_file_is_shown_to_its_agency_only(
    scenario_run: ScenarioRun, tokens: Tokens
) -> None:
    url, name = scenario_run.run.services["referrals"], f"Refugio{secrets.token_hex(6)}"
    editor = tokens.of("casa-abierta", Duty.DIRECTORY_EDITOR)
    header = "id,name,organization,description,category,confidential,area\n"
    content = f"{header}{name},{name},Casa,{name},shelter,yes,PA1104\n".encode()
    path = f"{url}/imports/services?system=attack"
    work = finished(url, editor, httpx.post(path, content=content, headers=editor | {"Content-Type": CSV}))
    assert httpx.get(url + work["result"], headers=editor).json()["states"] == {"added": 1}
    assert name in httpx.get(f"{url}/directory/services", headers=editor).text
    stranger = tokens.of("iom", Duty.DIRECTORY_EDITOR)
    shown = [httpx.get(f"{url}/directory/services", headers=stranger).text]
    shown += [httpx.get(f"{url}/services", params={"search": name}).text]
    shown += [httpx.get(url + work["result"], headers=stranger).text]
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="referrals") as connection:
        shown += [str(connection.execute("SELECT * FROM published.service").fetchall())]
        shown += [str(connection.execute("SELECT * FROM machinery.outbox").fetchall())]
    assert not any(name in each for each in shown)


def test_restricted_need_comes_in_by_no_file(intake: str, tokens: Tokens) -> None:
    desk = tokens.of("unhcr", Duty.FRONT_DESK)
    work = finished(intake, desk, send(intake, desk, one_row("Ana", f"sv-{secrets.token_hex(4)}", "SV-VO")))
    rows = httpx.get(f"{intake}{work['result']}/rows", headers=desk).json()["items"]
    assert [row["state"] for row in rows] == ["refused"]
    assert "SV" not in str(rows), "the report names no code"


def test_importer_is_the_author_and_the_log_names_them(
    scenario_run: ScenarioRun, intake: str, tokens: Tokens
) -> None:
    desk, key = tokens.of("unhcr", Duty.CASE_WORKER), f"author-{secrets.token_hex(4)}"
    finished(intake, desk, send(intake, desk, one_row("Ana", key)))
    query = {"external_ids": [{"system": "attack", "value": f"{key}-p"}]}
    found = httpx.post(f"{intake}/external-ids/find", json=query, headers=desk).json()["items"]
    person, importer = UUID(found[0]["id"]), subject_of(desk)
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as connection:
        authors = connection.execute(
            "SELECT author FROM data.authorship WHERE root = %s", [person]
        ).fetchall()
        logged = connection.execute(
            "SELECT recorded_by, on_behalf_of FROM data.access_entry WHERE root = %s AND action = 'person_registered'",
            [person],
        ).fetchall()
    assert {str(author) for (author,) in authors} == {str(importer)}
    assert [(str(by), str(behalf)) for by, behalf in logged] == [(str(importer), str(importer))]


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def memory(scenario_run: ScenarioRun) -> int:
    process = scenario_run.platform.stack.processes.find("intake")
    assert isinstance(process, psutil.Process)
    return process.memory_info().rss


BOMBS = {
    "one large part": (lambda: zipped({"xl/worksheets/sheet1.xml": bytes(200 * MB)}), XLSX),
    "many parts": (lambda: zipped({f"part{number}.xml": b"x" for number in range(2000)}), XLSX),
    "a line without an end": (lambda: b'{"a": "' + b"x" * (31 * MB), JSON_LINES),
    "many lines": (lambda: b"{}\n" * 1_000_000, JSON_LINES),
    "many rows": (lambda: HEADER.encode() + b",,,,,,,,\n1,2,3,4,5,6,7,8,9\n" * 500_000, CSV),
    "a cell without an end": (lambda: HEADER.encode() + b'"' + b"x" * (31 * MB), CSV),
}
"""Files that are small on the way and large in memory, with their media types."""


@pytest.mark.parametrize("bomb", BOMBS)
def test_file_that_would_fill_the_memory_is_refused_and_does_not(
    scenario_run: ScenarioRun, intake: str, tokens: Tokens, bomb: str
) -> None:
    make, media_type = BOMBS[bomb]
    content = make()
    assert len(content) < 32 * MB
    before = memory(scenario_run)
    answer = send(intake, tokens.of("unhcr", Duty.FRONT_DESK), content, media_type)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:solidary:problem:invalid")
    assert len(answer.content) < 20_000
    assert memory(scenario_run) - before < 250 * MB
