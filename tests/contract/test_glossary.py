"""The glossary is complete in both languages, and has every duty and every state."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from solidary.platform.identity import Duty

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/glossary.md"
CONTRACTS = sorted(ROOT.glob("services/*/openapi.json"))


def test_term_stands_once_and_has_both_languages() -> None:
    rows = [
        line.strip("| ").split(" | ")
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| ")
    ]
    terms = [row for row in rows if row != ["English", "español", "meaning", "significado"] and len(row) > 2]
    assert [row for row in terms if len(row) != 4 or not all(row)] == []
    english = [row[0] for row in terms]
    assert sorted({term for term in english if english.count(term) > 1}) == []


def test_duty_has_a_spanish_name() -> None:
    text = PAGE.read_text("utf-8")
    assert [duty for duty in Duty if not re.search(rf"^\| `{duty}` \| \w", text, re.MULTILINE)] == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.parent.name)
def test_state_of_a_service_in_the_glossary_has_a_spanish_name(contract: Path) -> None:
    # A service without a section is new, or makes no promise to its readers yet.
    _, _, states = PAGE.read_text("utf-8").partition("\n## States")
    sections = dict(re.findall(r"\n### (.+)\n((?:.(?!\n### ))*.)", states, re.DOTALL))
    if contract.parent.name not in sections:
        return
    explained = set(re.findall(r"`(\w+)`: \w", sections[contract.parent.name] + sections["every service"]))
    schemas = json.loads(contract.read_text("utf-8"))["components"]["schemas"]
    machines = {name: body for name, body in schemas.items() if re.search(r"(State|Status)(-\w+)?$", name)}
    missing = {name: sorted(set(body.get("enum", [])) - explained) for name, body in machines.items()}
    assert {name: codes for name, codes in missing.items() if codes} == {}, f"add them to {PAGE.name}"
