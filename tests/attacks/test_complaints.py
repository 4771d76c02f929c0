"""Attacks on complaints: learn who complained, guess a code, choose another agency, plant a script, fill the forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from solidary.platform.identity import Duty

from tests.attacks.test_pages import SCRIPT, PageBrowser
from tests.conftest import ScenarioRun
from tests.isolation.operations import OPERATIONS

CIRCLE = {Duty.PROTECTION_OFFICER, Duty.DATA_PROTECTION_OFFICER}
PUBLIC = ("/help", "/help/guidance", "/help/guidance/pa-asylum", "/help/centres", "/help/privacy")


@pytest.fixture(scope="module")
def door(scenario_run: ScenarioRun) -> Iterator[httpx.Client]:
    """A client at the front door of intake, without a login."""
    with httpx.Client(base_url=scenario_run.run.apis["intake"], timeout=30) as opened:
        yield opened


@pytest.fixture
def centre(door: httpx.Client) -> str:
    """The centre of UNHCR."""
    listed = door.get("/public/centres").json()["items"]
    return next(each["centre_id"] for each in listed if "unhcr" in each["name"])


@pytest.fixture
def file(door: httpx.Client, centre: str) -> Callable[..., dict[str, Any]]:
    """A function that files a complaint without a login."""

    def send(kind: str, **changes: Any) -> dict[str, Any]:
        body = {"reference": str(uuid4()), "centre_id": centre, "kind": kind, "text": "Así pasó."} | changes
        answer = door.post("/public/complaints", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return send


@pytest.fixture
def browser(scenario_run: ScenarioRun) -> Iterator[PageBrowser]:
    opened = PageBrowser(scenario_run.run)
    yield opened
    opened.http.close()


def test_nobody_learns_of_a_sensitive_complaint(scenario_run, tokens, door, file):
    others = tokens.of("unhcr", *(duty for duty in Duty if duty not in CIRCLE)), tokens.of("iom", *Duty)
    lists = (
        "/complaints?limit=200",
        "/complaint-reports",
        "/access-log?limit=200",
        "/work",
        "/demand-reports",
    )

    def seen() -> list[tuple[int, str]]:
        answers = [door.get(path, headers=headers) for headers in others for path in lists]
        # The requests of this test itself may be in the access log.
        return [(each.status_code, each.text if each.is_success else "") for each in answers]

    def outbox() -> Any:
        with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as admin:
            return admin.execute(
                "SELECT count(*), count(*) FILTER (WHERE aggregateid = ANY (SELECT id::text FROM data.complaint)) "
                "FROM machinery.aggregate_sequence"
            ).fetchone()

    before = seen()
    file("exploitation_and_abuse")
    assert seen() == before
    assert outbox()[1] == 0, "no event is about a complaint"
    officer = tokens.of("unhcr", Duty.PROTECTION_OFFICER)
    (found, *_) = door.get("/restricted-complaints", headers=officer).json()["items"]
    for headers in others:
        for path in ("/restricted-complaints", f"/restricted-complaints/{found['complaint_id']}"):
            answer = door.get(path, headers=headers)
            assert answer.status_code in (403, 404) or found["complaint_id"] not in answer.text


def test_circle_needs_a_second_factor():
    restricted = [each for each in OPERATIONS if each.route.path.startswith("/restricted-complaints")]
    assert len(restricted) == 5
    assert all(each.declaration.second_factor for each in restricted)
    assert not any(each.declaration.for_software for each in restricted)


def test_guessed_codes_have_one_answer(door, file):
    code = file("attention")["code"]
    plain = code.replace("-", "")
    near = [plain[:place] + ("0" if plain[place] != "0" else "1") + plain[place + 1 :] for place in range(20)]
    wrong = [*near, "", plain[:-1], plain * 2, "' OR true --", "%", "U" * 20, "\u2800", str(uuid4())]
    answers = {
        (answer.status_code, re.sub(r'"request_id":"[^"]*"', "", answer.text))
        for answer in (door.post("/public/complaints/status", json={"code": each}) for each in wrong)
        if answer.status_code != 422
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    for path in (f"/public/complaints/{code}", f"/public/complaints/status?code={code}"):
        assert not door.get(path).is_success
    assert door.post("/public/complaints/status", json={"code": code}).json()["state"] == "received"
    appeal = door.post("/public/complaints/appeal", json={"code": code, "text": "Pero no."})
    assert appeal.status_code == 409, "there is no answer yet"


def test_code_is_in_no_log_and_no_address(scenario_run, browser, file):
    code = file("attention")["code"]
    shown = browser.http.post("/help/status", data={"code": code})
    assert shown.status_code == 200
    assert not re.search(rf'(?:href|action)="[^"]*{code}', shown.text)
    assert shown.headers["cache-control"] == "no-store"
    folder = scenario_run.platform.stack.folder
    for file_ in [*(folder / "logs").glob("*.log"), *(folder / "telemetry").glob("*.jsonl*")]:
        content = file_.read_text(errors="replace")
        assert code not in content
        assert code.replace("-", "") not in content


def test_visitor_chooses_neither_agency_nor_state(door, tokens, centre):
    body = {"reference": str(uuid4()), "centre_id": centre, "kind": "attention", "text": "Así pasó."}
    for name, value in {
        "agency": str(tokens.agency("iom")),
        "state": "closed",
        "is_sensitive": False,
        "answer_by": "2030-01-01",
        "code": "0" * 20,
        "recorded_by": str(uuid4()),
    }.items():
        assert door.post("/public/complaints", json=body | {name: value}).status_code == 422, name
    # A token of another agency changes nothing about whose complaint it is.
    stranger = tokens.of("iom", *Duty)
    assert door.post("/public/complaints", json=body, headers=stranger).status_code == 201
    worker = tokens.of("unhcr", Duty.CASE_WORKER)
    newest = door.get("/complaints", headers=worker).json()["items"][0]
    shown = door.get(f"/complaints/{newest['complaint_id']}", headers=worker).json()
    assert (shown["centre_id"], shown["history"][0]["text"]) == (centre, "Así pasó.")
    assert door.get(f"/complaints/{newest['complaint_id']}", headers=stranger).status_code == 404


def test_public_pages_set_no_cookie_and_are_kept_by_their_tag(browser):
    for path in PUBLIC:
        page = browser.http.get(path)
        assert page.status_code == 200, path
        assert "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "public, max-age=300"
        again = browser.http.get(path, headers={"If-None-Match": page.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert len(page.content) < 40_000
    for path in ("/help/complaint", "/help/status"):
        page = browser.http.get(path)
        assert page.headers["cache-control"] == "no-store"
        assert "set-cookie" not in page.headers
    assert browser.http.get("/help/guidance/no-such-pathway").status_code == 404


def test_form_of_another_site_files_nothing(browser, centre):
    form = {"centre_id": centre, "kind": "attention", "text": "Así pasó.", "key": str(uuid4())}
    forged = browser.http.post("/help/complaint", data=form, headers={"Origin": "https://evil.example"})
    assert forged.status_code == 403
    sent = [browser.http.post("/help/complaint", data=form) for _ in range(2)]
    codes = [re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}", each.text) for each in sent]
    assert codes[0] == codes[1] != []
    assert all(each.headers["cache-control"] == "no-store" for each in sent)


def test_script_in_a_complaint_is_shown_as_text(scenario_run, browser, centre):
    form = {"centre_id": centre, "kind": "other", "text": SCRIPT, "contact": SCRIPT, "key": str(uuid4())}
    assert browser.http.post("/help/complaint", data=form | {"text": ""}).status_code == 422
    assert browser.http.post("/help/complaint", data=form).status_code == 200
    assert browser.log_in("unhcr.case_worker").status_code == 303
    listed = browser.get("/complaints").text
    path = re.search(r"/complaints/[0-9a-f-]{36}", listed)
    assert path
    page = browser.get(path[0])
    answered = browser.post(f"{path[0]}/answer", {"text": SCRIPT}, page=path[0])
    assert answered.status_code == 303, answered.text
    for shown in (page, browser.get(path[0])):
        assert "&lt;script&gt;alert(1)" in shown.text
        assert "<script>alert" not in shown.text
        assert "<img src=x" not in shown.text


def test_queue_of_another_agency_looks_like_none(scenario_run, tokens, door, centre):
    desk, stranger = tokens.of("unhcr", Duty.FRONT_DESK), tokens.of("iom", *Duty)
    ticket = door.post(f"/centres/{centre}/queue", json={}, headers=desk).json()["ticket_id"]
    for method, path, body in (
        ("GET", "/centres/{}/queue", None),
        ("GET", "/centres/{}/queue-days", None),
        ("POST", "/centres/{}/queue", {}),
        ("POST", "/centres/{}/queue/next", None),
        ("GET", "/queue-tickets/{}", None),
        ("POST", "/queue-tickets/{}/state", {"to": "left"}),
    ):
        own = ticket if "tickets" in path else centre
        answers = [
            door.request(method, path.format(each), json=body, headers=stranger) for each in (own, uuid4())
        ]
        assert [each.status_code for each in answers] == [404, 404], path
    assert door.get(f"/queue-tickets/{ticket}", headers=desk).json()["state"] == "waiting"
    assert door.get(f"/centres/{centre}/queue", headers=tokens.of("unhcr", Duty.AUDITOR)).status_code == 403


def test_page_of_the_queue_acts_once_for_two_clicks(scenario_run, browser, door, tokens, centre):
    assert browser.log_in("unhcr.front_desk").status_code == 303
    desk = tokens.of("unhcr", Duty.FRONT_DESK)

    def arrived() -> int:
        return int(door.get(f"/centres/{centre}/queue", headers=desk).json()["arrived"])

    before, hidden = arrived(), browser.hidden(f"/queue/{centre}")
    sent = [browser.http.post(f"/queue/{centre}/arrive", data=hidden) for _ in range(2)]
    assert sent[0].headers["location"] == sent[1].headers["location"]
    assert arrived() == before + 1
    assert browser.http.post(f"/queue/{centre}/arrive", data={"csrf": "0" * 64}).status_code == 403
    assert browser.get(f"/queue/{uuid4()}").status_code == 404


def test_pages_of_centres_are_for_directory_editors_of_the_agency(browser, centre):
    assert browser.log_in("unhcr.front_desk").status_code == 303
    for path in ("/centres", "/centres/new", f"/centres/{centre}"):
        assert browser.get(path).status_code == 403
    browser.http.cookies.clear()
    assert browser.log_in("iom.directory_editor").status_code == 303
    assert (
        browser.get(f"/centres/{centre}").status_code == browser.get(f"/centres/{uuid4()}").status_code == 404
    )
    form = {"name": "Robado", "code": "robado", "kind": "attention_point", "address": "x", "area": "PA130701"}
    sent = browser.post(f"/centres/{centre}", form, page="/centres/new")
    assert sent.status_code in (404, 422)
    assert "Robado" not in browser.http.get("/help/centres").text
