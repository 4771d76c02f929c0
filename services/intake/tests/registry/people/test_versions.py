"""Changes of what a desk has read: of two desks that read the same version, one is refused."""

from __future__ import annotations

import asyncio

import pytest
from solidary.platform.identity import Duty

CHANGED = "urn:solidary:problem:version-changed"


async def read(api, path, headers):
    answer = await api.get(path, headers=headers)
    return answer.json(), {"If-Match": answer.headers["etag"]}


@pytest.fixture
def desks(tokens):
    """Two people of one front desk."""
    reason = {"Solidary-Reason": "person_present"}
    return tokens.of("unhcr", Duty.FRONT_DESK) | reason, tokens.of("unhcr", Duty.CASE_WORKER) | reason


async def test_second_of_two_desks_that_change_one_version_at_once_is_refused(api, desks, register):
    family = await register()
    identity, person = f"/people/{family.mother}/identity", f"/people/{family.mother}"
    for path, shown, bodies in (
        (identity, person, [{"given_name": name, "surname": "Zambrano"} for name in ("Ana", "Eva")]),
        (
            f"{person}/statements",
            person,
            [
                {"sex": "female", "population_group": group, "language": "spa"}
                for group in ("migrant", "refugee")
            ],
        ),
        (f"/households/{family.household}",) * 2 + ([{"area": area} for area in ("PA110404", "PA110402")],),
        (f"{person}/external-ids", person, [{"external_ids": [{"system": s, "value": "7"}]} for s in "ab"]),
    ):
        _, version = await read(api, shown, desks[0])
        answers = await asyncio.gather(
            *(api.put(path, json=bodies[i], headers=desks[i] | version) for i in (0, 1))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412], path
        refused = next(answer for answer in answers if answer.status_code == 412)
        assert refused.json()["type"] == CHANGED
        assert "Read it again" in refused.json()["detail"]
        assert "etag" not in refused.headers
        accepted = next(answer for answer in answers if answer.status_code == 200)
        again, current = await read(api, shown, desks[0])
        assert accepted.json() == again
        assert accepted.headers["etag"] == current["If-Match"] != version["If-Match"]


async def test_a_change_by_any_route_makes_the_version_another(api, desk, register):
    family = await register()
    path = f"/people/{family.mother}"
    seen = [(await read(api, path, desk))[1]["If-Match"]]
    await api.post(f"{path}/state", json={"to": "verified"}, headers=desk)
    seen.append((await read(api, path, desk))[1]["If-Match"])
    await api.put(f"{path}/payout", json={"kind": "collection", "reference": "Agencia 1"}, headers=desk)
    seen.append((await read(api, path, desk))[1]["If-Match"])
    await api.put(f"{path}/external-ids", json={"external_ids": []}, headers=desk)
    assert len(set(seen)) == 3
    assert seen[-1] == (await read(api, path, desk))[1]["If-Match"]  # no identifiers before, none now


async def test_request_that_states_no_version_is_accepted_as_before(api, desk, register):
    family = await register()
    path = f"/households/{family.household}"
    for stated in ({}, {"If-Match": "*"}):
        assert (await api.put(path, json={"area": "PA110404"}, headers=desk | stated)).status_code == 200


async def test_version_that_cannot_be_compared_is_refused(api, desk, other_desk, register):
    family = await register()
    path, body = f"/households/{family.household}", {"area": "PA110404"}
    _, version = await read(api, f"/people/{family.mother}", desk)
    assert (await api.put(path, json=body, headers=desk | version)).status_code == 412  # of another thing
    refused = await api.put(path, json=body, headers=desk | {"If-Match": "7"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "header: if-match")
    state = await api.post(
        f"/people/{family.mother}/state", json={"to": "verified"}, headers=desk | {"If-Match": "*"}
    )
    assert (state.status_code, state.json()["errors"][0]["pointer"]) == (422, "header: if-match")
    # Another agency learns neither that there is something nor its version.
    for stated in (version, {"If-Match": "*"}, {}):
        answer = await api.put(path, json=body, headers=other_desk | stated)
        assert (answer.status_code, "etag" in answer.headers) == (404, False)
