"""Attacks with what a client of the API holds: versions, and the addresses and answers that it follows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest
from solidary.platform.identity import Duty

from tests.conftest import ScenarioRun

WRITERS = 8


@pytest.fixture(scope="module")
def directory(scenario_run: ScenarioRun) -> str:
    """The address of the entries of agencies."""
    return scenario_run.run.services["referrals"] + "/directory/services"


@pytest.fixture
def editor(tokens: Any) -> dict[str, str]:
    """The headers of an editor of UNHCR's entries."""
    headers: dict[str, str] = tokens.of("unhcr", Duty.DIRECTORY_EDITOR)
    return headers


@pytest.fixture
def entry() -> dict[str, Any]:
    """A complete entry."""
    return {
        "name": f"Clases {uuid4().hex}",
        "organization": "Escuela de prueba",
        "description": "Clases de español.",
        "category": "education",
        "needs": ["CR-NE"],
        "eligibility": None,
        "status": "active",
        "confidential": False,
        "area": "PA1104",
    }


def test_no_writer_overwrites_what_another_wrote_since_the_read(directory, editor, entry):
    path = httpx.post(directory, json=entry, headers=editor).raise_for_status().headers["location"]
    where = directory + path.removeprefix("/directory/services")

    def write(number: int) -> int:
        """Add a line to the description, on what was read, until it is accepted; return the number of tries."""
        for tries in range(1, 10 * WRITERS):
            shown = httpx.get(where, headers=editor)
            text = f"{shown.json()['description']} {number}"
            body = entry | {"description": text}
            answer = httpx.put(
                where, json=body, headers=editor | {"If-Match": shown.headers["etag"]}, timeout=30
            )
            if answer.status_code == 200:
                return tries
            assert answer.status_code == 412, answer.text
        raise AssertionError("never accepted")

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(write, range(WRITERS)))
    words = httpx.get(where, headers=editor).json()["description"].split()
    assert sorted(words[3:]) == [str(number) for number in range(WRITERS)]


def test_version_shows_nothing_and_opens_nothing(directory, editor, entry, tokens):
    made = httpx.post(directory, json=entry, headers=editor).raise_for_status()
    where = directory + made.headers["location"].removeprefix("/directory/services")
    tag = httpx.get(where, headers=editor).headers["etag"]
    assert len(tag) == 26  # 18 bytes of an HMAC, whatever the row holds
    stranger = tokens.of("iom", Duty.DIRECTORY_EDITOR)
    nothing = f"{directory}/{uuid4()}"
    for stated in ({}, {"If-Match": tag}, {"If-Match": "*"}, {"If-Match": '"x"'}):
        answers = [httpx.put(url, json=entry, headers=stranger | stated) for url in (where, nothing)]
        assert {(each.status_code, "etag" in each.headers) for each in answers} == {(404, False)}, stated
    forged = (f"W/{tag}", tag.strip('"'), tag.upper(), f'"{tag[1:-2]}"', '"' + "x" * 2_000 + '"')
    for header in forged:
        answer = httpx.put(where, json=entry | {"name": "taken"}, headers=editor | {"If-Match": header})
        assert answer.status_code in (412, 422), header[:40]
    assert httpx.get(where, headers=editor).json()["name"] == entry["name"]
