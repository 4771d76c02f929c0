"""The documents name files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]

LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)[^)]*\)")
"""`[words](place)`, from the page's own folder; not to another host."""

MENTION = re.compile(r"`((?:docs|libs|services|infra|tests|benchmarks|contracts)/[\w./-]+\w)`")
"""A path in backticks, from the root; one with a placeholder (`services/<name>/…`) is no path."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_points_at_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    places = [page.parent / link for link in LINK.findall(text)]
    places += [ROOT / mention for mention in MENTION.findall(text)]
    assert [str(place) for place in places if not place.exists()] == []
