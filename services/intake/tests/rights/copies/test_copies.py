"""A person's own copy, as JSON and as a page."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from solidary.platform.identity import Duty


@pytest.fixture
def worker(tokens):
    """The headers of UNHCR's case worker."""
    return tokens.of("unhcr", Duty.CASE_WORKER)


async def test_the_copy_has_everything_but_the_restricted_records(
    api, desk, worker, register, consent, tokens
):
    family = await register()
    await consent(family.mother, tokens.agency("chorrera"), needs=["LP-ND"])
    visit = {"centre": "norte", "reason": "advice", "note": "She asked about school."}
    await api.post(f"/people/{family.mother}/visits", json=visit, headers=desk)
    specialist = tokens.of("unhcr", Duty.PROTECTION_OFFICER)
    restricted = {"code": "LP-RR", "note": "in strict confidence"}
    stated = specialist | {"Solidary-Reason": "person_present"}
    recorded = await api.post(f"/people/{family.mother}/restricted-needs", json=restricted, headers=stated)
    assert recorded.status_code == 201, recorded.text

    copy = await api.get(f"/people/{family.mother}/copy", headers=worker)
    assert copy.status_code == 200
    assert copy.json()["person"]["identity"]["born"] == "1992-05-17"
    assert copy.json()["visits"][0]["note"] == visit["note"]
    assert copy.json()["consents"][0]["shared"]["given_name"] == "Yuleisy"
    assert [need["code"] for need in copy.json()["needs"]] == ["LP-ND"]
    for hidden in ('"LP-RR"', "in strict confidence", "restricted"):
        assert hidden not in copy.text
    again = (await api.get(f"/people/{family.mother}/copy", headers=worker)).json()
    assert "copy_made" in {access["action"] for access in again["accesses"]}


@pytest.mark.parametrize(
    ("language", "heading"),
    [("spa", "Copia de sus datos"), ("eng", "Copy of your data"), ("hat", "Copia de sus datos")],
)
async def test_the_page_is_in_the_persons_language_and_runs_nothing(
    api, desk, worker, family, language, heading
):
    body = family()
    body["members"] = [body["members"][0] | {"language": language, "note": "<script>alert(1)</script>"}]
    person = (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).json()["members"][0][
        "person_id"
    ]
    page = await api.get(f"/people/{person}/copy/page", headers=worker)
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert f"<h1>{heading}</h1>" in page.text
    assert "Yuleisy" in page.text
    assert not re.search(r"<script|<img|<link|href=|src=", page.text)
    assert "&lt;script&gt;" in page.text


async def test_the_page_shows_in_words_who_saw_the_data(api, desk, worker, register, consent, tokens):
    family = await register()
    await consent(family.mother, tokens.agency("chorrera"), needs=["LP-ND"])
    opened = await api.post(
        f"/people/{family.mother}/procedures", json={"pathway": "pa-asylum"}, headers=desk
    )
    assert opened.status_code == 201, opened.text
    page = await api.get(f"/people/{family.mother}/copy/page", headers=worker)
    assert "consentimiento dado" in page.text
    assert "consent_granted" not in page.text
    assert "· identificado" in page.text
    assert "necesidades elegidas" in page.text


async def test_other_duties_and_agencies_get_no_copy(api, desk, register, tokens):
    family = await register()
    for path in (f"/people/{family.mother}/copy", f"/people/{family.mother}/copy/page"):
        assert (await api.get(path, headers=desk)).status_code == 403
        stranger = tokens.of("iom", Duty.CASE_WORKER)
        assert (await api.get(path, headers=stranger)).status_code == 404
