"""Centres: one of an agency's for each code, public at once, and changed by their agency only."""

from __future__ import annotations

import psycopg
import pytest
from solidary.platform.identity import Duty

CENTRE = {
    "code": "pao_prueba",
    "kind": "attention_point",
    "name": "PAO de prueba",
    "area": "PA130701",
    "address": "Calle 1",
    "hours": [{"days": ["MO"], "opens": "08:00", "closes": "16:00"}],
    "languages": ["spa"],
    "services": ["orientation"],
}


@pytest.fixture
def editor(tokens):
    return tokens.of("unhcr", Duty.DIRECTORY_EDITOR)


async def test_centre_is_public_as_its_agency_has_it(api, editor, desk, tokens):
    made = await api.post("/centres", json=CENTRE, headers=editor)
    assert made.status_code == 201, made.text
    centre = made.json()["centre_id"]
    assert (await api.get(made.headers["location"], headers=desk)).json()["code"] == "pao_prueba"
    shown = await api.get(f"/public/centres/{centre}")
    assert shown.headers["cache-control"] == "public, max-age=60"
    assert shown.json() == {name: value for name, value in made.json().items() if name != "code"}
    assert centre in [
        each["centre_id"] for each in (await api.get("/public/centres?area=PA13")).json()["items"]
    ]
    assert (await api.get("/public/centres?area=PA99")).json()["items"] == []
    again = await api.post("/centres", json=CENTRE, headers=editor)
    assert (again.status_code, again.json()["type"]) == (409, "urn:solidary:problem:centre-code-taken")
    body = CENTRE | {"is_open": False, "note": "Cerrado hasta enero"}
    stranger = tokens.of("iom", Duty.DIRECTORY_EDITOR)
    assert (await api.put(f"/centres/{centre}", json=body, headers=stranger)).status_code == 404
    assert (await api.put(f"/centres/{centre}", json=body, headers=desk)).status_code == 403
    assert (await api.put(f"/centres/{centre}", json=body, headers=editor)).status_code == 200
    closed = (await api.get(f"/public/centres/{centre}")).json()
    assert (closed["is_open"], closed["open_now"], closed["note"]) == (False, False, "Cerrado hasta enero")
    assert (await api.get("/centres?is_open=false", headers=desk)).json()["items"][0]["centre_id"] == centre


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": [{"days": ["MO"], "opens": "16:00", "closes": "08:00"}]},
        {"hours": [{"days": [], "opens": "08:00", "closes": "16:00"}]},
        {"hours": [{"days": ["MO"], "opens": "08:00Z", "closes": "16:00Z"}]},
        {"latitude": 9.0},
        {"telephone": "123"},
        {"services": ["magic"]},
    ],
)
async def test_centre_that_cannot_be_is_refused(api, editor, wrong):
    assert (await api.post("/centres", json=CENTRE | wrong, headers=editor)).status_code == 422


async def test_service_cannot_write_the_public_copy_itself(test_database):
    with (
        psycopg.connect(test_database.roles["app"]) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute("UPDATE published.centre SET agency = gen_random_uuid()")
