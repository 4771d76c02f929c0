"""Part 8: a centre that everybody finds, and complaints that people follow by a code, without a login."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import uuid4

from demonstration.scenario import Scenario, User

HOURS = [{"days": ["MO", "TU", "WE", "TH", "FR"], "opens": "08:00", "closes": "16:00"}]


async def play(scenario: Scenario) -> None:
    """Play the part: centres of UNHCR and IOM, a complaint from its filing to its answer, and two sensitive ones."""
    centre = await _open_centre(scenario, "unhcr.directory_editor")
    other = await _open_centre(scenario, "iom.directory_editor")
    await _serve_the_queue(scenario, centre)
    await _complain_and_answer(scenario, centre)
    await _complain_in_confidence(scenario, "unhcr", centre, "staff_conduct")
    await _complain_in_confidence(scenario, "iom", other, "fraud")


async def _open_centre(scenario: Scenario, username: str) -> str:
    editor = await scenario.user(username)
    listed = await editor.get("intake", "/centres?limit=200")
    found = [each["centre_id"] for each in listed["items"] if each["code"] == "pao"]
    if not found:
        body = {
            "code": "pao",
            "kind": "attention_point",
            "name": f"PAO {scenario.place.city.city} ({editor.agency})",
            "area": scenario.place.home,
            "address": "Calle de la demostración 12",
            "hours": HOURS,
            "languages": [str(scenario.place.language)],
            "services": ["orientation", "registration", "referral"],
        }
        found = [(await editor.post("intake", "/centres", body))["centre_id"]]
    public = await _public(scenario, "GET", "/public/centres")
    scenario.check(found[0] in [each["centre_id"] for each in public["items"]], "everybody finds the centre")
    scenario.report(
        editor, "lists a Point of Attention and Orientation, which everybody finds with its hours"
    )
    centre: str = found[0]
    return centre


async def _serve_the_queue(scenario: Scenario, centre: str) -> None:
    desk = await scenario.user("unhcr.front_desk")
    path = f"/centres/{centre}/queue"
    numbers = [(await desk.post("intake", path, {}))["number"] for _ in range(3)]
    scenario.check(numbers == list(range(numbers[0], numbers[0] + 3)), "each person has the next number")
    called = await desk.post("intake", f"{path}/next")
    await desk.post("intake", f"/queue-tickets/{called['ticket_id']}/state", {"to": "served"})
    queue = await desk.get("intake", path)
    scenario.check(queue["served"] and queue["waiting"] >= 2, "one person is served and two wait")
    scenario.report(desk, "gives numbers to three people who arrive, calls the first and serves them")


async def _complain_and_answer(scenario: Scenario, centre: str) -> None:
    receipt = await _file(scenario, centre, "attention")
    worker = await scenario.user("unhcr.case_worker")
    listed = await worker.get("intake", "/complaints?state=received")
    path = f"/complaints/{listed['items'][0]['complaint_id']}"
    await worker.post("intake", f"{path}/take")
    await worker.post("intake", f"{path}/answer", {"text": "Gracias. Desde hoy hay otra ventanilla."})
    status = await _public(scenario, "POST", "/public/complaints/status", {"code": receipt["code"]})
    scenario.check(status["state"] == "answered" and status["may_appeal"], "the code shows the answer")
    scenario.report(
        "A visitor", "complains without a login, and reads the answer by a code that nobody can look up"
    )


async def _complain_in_confidence(scenario: Scenario, agency: str, centre: str, kind: str) -> None:
    receipt = await _file(scenario, centre, kind)
    worker = await scenario.user(f"{agency}.case_worker")
    await worker.get("intake", "/restricted-complaints", expect=403)
    officer = await scenario.user(f"{agency}.protection_officer")
    found = (await officer.get("intake", "/restricted-complaints"))["items"][0]["complaint_id"]
    ordinary = await worker.get("intake", "/complaints?limit=200")
    scenario.check(
        found not in [each["complaint_id"] for each in ordinary["items"]], "no list of the agency has it"
    )
    await worker.get("intake", f"/complaints/{found}", expect=404)
    read = await officer.get("intake", f"/restricted-complaints/{found}")
    scenario.check(read["history"][-1]["step"] == "read", "who reads it is recorded")
    scenario.check(receipt["answer_by"], "it has a day by which it is answered")
    scenario.report(
        officer, "alone with the data protection officer sees a complaint about the agency's own people"
    )


async def _file(scenario: Scenario, centre: str, kind: str) -> dict[str, Any]:
    canary = f"Palabra{secrets.token_hex(6)}"
    scenario.identities.add(canary)
    body = {
        "reference": str(uuid4()),
        "centre_id": centre,
        "kind": kind,
        "text": f"Así pasó: {canary}.",
        "language": str(scenario.place.language),
    }
    receipt = await _public(scenario, "POST", "/public/complaints", body)
    again = await _public(scenario, "POST", "/public/complaints", body)
    scenario.check(receipt == again, "the same form again files nothing twice")
    scenario.identities.add(receipt["code"])
    return receipt


async def _public(scenario: Scenario, method: str, path: str, json: object = None) -> dict[str, Any]:
    """Call a route as somebody without a login."""
    visitor = User("A visitor", "", scenario, "")
    answer: dict[str, Any] = await visitor.call(method, "intake", path, json=json)
    return answer
