"""Complaints: from a page, at the desk and by code; the sensitive ones for the circle only."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from intake.complaints.cases.jobs import keep_complaints
from psycopg import sql
from solidary.platform.identity import Duty

TEXT = "Me pidieron un favor a cambio de la cita, junto a la ventanilla tres."
ANY_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
File = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def centre(api, tokens):
    """A new centre of UNHCR."""
    body = {
        "code": f"pao_{uuid4().hex[:8]}",
        "kind": "attention_point",
        "name": "PAO de prueba",
        "area": "PA130701",
        "address": "Calle 1",
    }
    made = await api.post("/centres", json=body, headers=tokens.of("unhcr", Duty.DIRECTORY_EDITOR))
    assert made.status_code == 201, made.text
    return made.json()["centre_id"]


@pytest.fixture
def file(api, centre) -> File:
    """A function that files a complaint without a login and returns its receipt."""

    async def send(kind: str = "attention", **changes: Any) -> dict[str, Any]:
        body = {"reference": str(uuid4()), "centre_id": centre, "kind": kind, "text": TEXT} | changes
        answer = await api.post("/public/complaints", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return send


@pytest.fixture
def worker(tokens):
    return tokens.of("unhcr", Duty.CASE_WORKER)


@pytest.fixture
def officer(tokens):
    return tokens.of("unhcr", Duty.PROTECTION_OFFICER)


@pytest.fixture
def second_officer(tokens):
    return tokens.of("unhcr", Duty.DATA_PROTECTION_OFFICER, number=2)


async def newest(api, headers, path="/complaints"):
    return (await api.get(path, headers=headers)).json()["items"][0]["complaint_id"]


async def status(api, receipt):
    return (await api.post("/public/complaints/status", json={"code": receipt["code"]})).json()


async def test_person_follows_a_complaint_by_its_code_to_the_end(api, tokens, file, worker, centre):
    receipt = await file(contact="+507 6000-0000")
    assert (await status(api, receipt))["state"] == "received"
    path = f"/complaints/{await newest(api, worker)}"
    shown = (await api.get(path, headers=worker)).json()
    assert (shown["centre_id"], shown["channel"], shown["kind"]) == (centre, "page", "attention")
    assert [(each["step"], each["text"], each["contact"]) for each in shown["history"]] == [
        ("filed", TEXT, "+507 6000-0000")
    ]
    assert (await api.post(f"{path}/take", headers=worker)).json()["state"] == "in_hand"
    assert (await api.post(f"{path}/take", headers=worker)).status_code == 409
    answered = await api.post(f"{path}/answer", json={"text": "Ya hay más personal."}, headers=worker)
    assert answered.json()["state"] == "answered"
    seen = await status(api, receipt)
    assert (seen["answer"], seen["may_appeal"], seen["answer_by"]) == ("Ya hay más personal.", True, None)
    appeal = {"code": receipt["code"].lower(), "text": "Nadie me llamó."}
    appealed = await api.post("/public/complaints/appeal", json=appeal)
    assert (appealed.status_code, appealed.json()["state"]) == (200, "appealed")
    assert (await api.post("/public/complaints/appeal", json=appeal)).status_code == 409
    own = await api.post(f"{path}/answer", json={"text": "Insisto."}, headers=worker)
    assert (own.status_code, own.json()["type"]) == (409, "urn:solidary:problem:appeal-of-own-answer")
    colleague = tokens.of("unhcr", Duty.CASE_WORKER, number=2)
    decided = await api.post(f"{path}/answer", json={"text": "Tiene razón."}, headers=colleague)
    assert decided.json()["state"] == "closed"
    assert [each["step"] for each in decided.json()["history"]] == [
        *("filed", "taken", "answered", "appealed", "decided")
    ]
    seen = await status(api, receipt)
    assert (seen["state"], seen["decision"], seen["may_appeal"]) == ("closed", "Tiene razón.", False)
    assert set(seen) == {
        *("state", "filed_on", "answer_by", "answer", "answered_on", "decision", "decided_on", "may_appeal")
    }


async def test_form_that_is_sent_twice_files_one_complaint(api, centre, worker, test_database):
    body = {"reference": str(uuid4()), "centre_id": centre, "kind": "attention", "text": "Gracias."}
    first, second = [await api.post("/public/complaints", json=body) for _ in range(2)]
    assert first.json() == second.json()
    listed = (await api.get(f"/complaints?centre_id={centre}", headers=worker)).json()["items"]
    assert len(listed) == 1
    for changed in ({"text": "Otra cosa."}, {"kind": "fraud"}):
        refused = await api.post("/public/complaints", json=body | changed)
        assert refused.json()["type"] == "urn:solidary:problem:complaint-reference-reused"
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("UPDATE data.complaint SET created = created - interval '25 hours'")
    assert (await api.post("/public/complaints", json=body)).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nothing_known"},
        {"centre_id": str(uuid4())},
        {"text": ""},
        {"text": "a" * 4001},
        {"contact": "a" * 201},
        {"reference": "1"},
        {"agency": str(uuid4())},
    ],
)
async def test_complaint_that_cannot_be_is_refused(api, centre, wrong):
    body = {"reference": str(uuid4()), "centre_id": centre, "kind": "attention", "text": TEXT} | wrong
    assert (await api.post("/public/complaints", json=body)).status_code == 422


async def test_desk_files_for_its_own_centres_and_reads_nothing(api, desk, other_desk, centre):
    body = {"reference": str(uuid4()), "centre_id": centre, "kind": "information", "text": TEXT}
    filed = await api.post("/complaints", json=body, headers=desk)
    assert filed.status_code == 201
    assert set(filed.json()) == {"code", "answer_by"}
    assert (await api.get("/complaints", headers=desk)).status_code == 403
    elsewhere = await api.post("/complaints", json=body | {"reference": str(uuid4())}, headers=other_desk)
    assert elsewhere.status_code == 422


@pytest.mark.parametrize("kind", ["exploitation_and_abuse", "fraud", "staff_conduct"])
async def test_sensitive_complaint_is_for_the_circle_only(api, file, worker, officer, tokens, kind):
    receipt = await file(kind)
    found = await newest(api, officer, "/restricted-complaints")
    others = (worker, tokens.of("unhcr", Duty.FRONT_DESK), tokens.of("unhcr", Duty.AUDITOR, Duty.OPERATOR))
    for headers in others:
        assert (await api.get("/restricted-complaints", headers=headers)).status_code == 403
        assert (await api.get(f"/restricted-complaints/{found}", headers=headers)).status_code == 403
    for headers in (worker, officer):
        assert found not in (await api.get("/complaints", headers=headers)).text
        hidden, missing = [await api.get(f"/complaints/{each}", headers=headers) for each in (found, uuid4())]
        assert hidden.status_code == missing.status_code == 404
        assert ANY_ID.sub("", hidden.text) == ANY_ID.sub("", missing.text)
        for step in ("take", "answer", "close", "restriction"):
            body = {"text": "Bien.", "kind": "fraud"}
            answer = await api.post(
                f"/complaints/{found}/{step}",
                json={
                    name: body[name] for name in {"answer": ["text"], "restriction": ["kind"]}.get(step, [])
                },
                headers=headers,
            )
            assert answer.status_code == 404, step
    stranger = tokens.of("iom", Duty.PROTECTION_OFFICER)
    assert (await api.get(f"/restricted-complaints/{found}", headers=stranger)).status_code == 404
    read = (await api.get(f"/restricted-complaints/{found}", headers=officer)).json()
    assert [each["step"] for each in read["history"]] == ["filed", "read"]
    answered = await api.post(f"/restricted-complaints/{found}/answer", json={"text": "Ya."}, headers=officer)
    assert answered.json()["state"] == "answered"
    assert (await status(api, receipt))["answer"] == "Ya."


async def test_appeal_of_a_sensitive_complaint_is_decided_by_another_of_the_circle(
    api, file, officer, second_officer
):
    receipt = await file("staff_conduct")
    path = f"/restricted-complaints/{await newest(api, officer, '/restricted-complaints')}"
    await api.post(f"{path}/answer", json={"text": "No hay nada."}, headers=officer)
    appeal = {"code": receipt["code"], "text": "Hay testigos."}
    assert (await api.post("/public/complaints/appeal", json=appeal)).status_code == 200
    own = await api.post(f"{path}/answer", json={"text": "No."}, headers=officer)
    assert own.json()["type"] == "urn:solidary:problem:appeal-of-own-answer"
    decided = await api.post(f"{path}/answer", json={"text": "Se investiga."}, headers=second_officer)
    assert decided.json()["state"] == "closed"


async def test_handler_hands_a_complaint_to_the_circle_and_sees_it_no_more(api, file, worker, officer):
    receipt = await file("other")
    found = await newest(api, worker)
    wrong = await api.post(f"/complaints/{found}/restriction", json={"kind": "attention"}, headers=worker)
    assert wrong.status_code == 422
    done = await api.post(f"/complaints/{found}/restriction", json={"kind": "fraud"}, headers=worker)
    assert done.status_code == 204
    assert (await api.get(f"/complaints/{found}", headers=worker)).status_code == 404
    shown = (await api.get(f"/restricted-complaints/{found}", headers=officer)).json()
    assert shown["kind"] == "fraud"
    assert [each["step"] for each in shown["history"]] == ["filed", "restricted", "read"]
    assert shown["history"][0]["text"] == TEXT
    assert (await status(api, receipt))["state"] == "received"


async def test_database_shows_a_sensitive_complaint_to_nobody_without_the_duty(test_database, file, tokens):
    await file("fraud")
    await file("attention")
    seen = {}
    for duties in ("", "case_worker,front_desk,auditor", "protection_officer"):
        with psycopg.connect(test_database.roles["app"]) as app:
            for name, value in (
                ("agency", tokens.agency("unhcr")),
                ("subject", uuid4()),
                ("duties", duties),
            ):
                app.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", str(value)])
            seen[duties] = {
                table: app.execute(
                    sql.SQL("SELECT count(*) FROM data.{} WHERE is_sensitive").format(sql.Identifier(table))
                ).fetchone()[0]
                for table in ("complaint", "complaint_entry")
            }
            changed = app.execute("UPDATE data.complaint SET answer_by = answer_by WHERE is_sensitive")
            assert bool(changed.rowcount) == (duties == "protection_officer")
            for statement in (
                "DELETE FROM data.complaint",
                "DELETE FROM data.complaint_entry",
                "UPDATE data.complaint SET is_sensitive = false",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                    app.execute(statement)
    assert seen[""] == seen["case_worker,front_desk,auditor"] == {"complaint": 0, "complaint_entry": 0}
    assert min(seen["protection_officer"].values()) > 0


async def test_stored_complaint_has_neither_its_words_nor_its_code(test_database, file):
    receipt = await file(text="palabraunica", contact="contactounico")
    plain = receipt["code"].replace("-", "")
    with psycopg.connect(test_database.admin) as admin:
        rows = [
            admin.execute(f"SELECT to_jsonb(t)::text FROM data.{table} t".encode()).fetchall()
            for table in ("complaint", "complaint_entry")
        ]
    text = str(rows)
    for word in ("palabraunica", "contactounico", plain, receipt["code"]):
        assert word not in text
        assert word.encode().hex() not in text


async def test_answered_complaint_is_closed_and_later_deleted_with_its_key(
    api, file, officer, worker, database, test_database
):
    receipt = await file("fraud")
    found = await newest(api, officer, "/restricted-complaints")
    await api.post(f"/restricted-complaints/{found}/answer", json={"text": "Ya."}, headers=officer)
    open_one = await file("attention")

    async def age(interval: str) -> None:
        with psycopg.connect(test_database.admin) as admin:
            for table in ("complaint", "complaint_entry"):
                admin.execute(
                    f"UPDATE data.{table} SET created = created - %s::interval".encode(), [interval]
                )
        await keep_complaints(database)

    await age("31 days")
    assert (await status(api, receipt))["state"] == "closed"
    assert (await api.get("/restricted-complaints?state=closed", headers=officer)).json()["items"]
    await age("25 months")
    gone = await api.post("/public/complaints/status", json={"code": receipt["code"]})
    assert gone.status_code == 404
    assert (await status(api, open_one))["state"] == "received", "nobody has answered it yet"
    with psycopg.connect(test_database.admin) as admin:
        keys = admin.execute("SELECT count(*) FROM keys.subject_key WHERE id = %s", [found]).fetchone()
    assert keys == (0,)


async def test_month_of_reports_is_counted_once_without_small_or_sensitive_figures(
    api, file, worker, test_database, centre
):
    for kind in [*["xenophobia"] * 11, *["discrimination"] * 2, *["fraud"] * 12]:
        await file(kind)
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("UPDATE data.complaint SET created = '2026-09-15' WHERE centre_id = %s", [centre])
    made = await api.post("/complaint-reports", json={"period": "2026-09"}, headers=worker)
    assert made.status_code == 201, made.text
    report = made.json()
    assert {(each["area"], each["kind"]): each["count"] for each in report["cells"]}[None, None] == 13
    assert all(each["count"] >= report["k"] for each in report["cells"])
    assert {each["kind"] for each in report["cells"]} <= {None, "xenophobia", "discrimination"}
    assert report["withheld"]
    assert (await api.get(made.headers["location"], headers=worker)).json() == report
    again = await api.post("/complaint-reports", json={"period": "2026-09"}, headers=worker)
    assert again.json()["type"] == "urn:solidary:problem:complaint-report-exists"
