"""References between the documents, the decision records and the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
RECORDS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))

LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
"""`[words](place#heading)`, relative to the page's own folder; not to another host."""

MENTION = re.compile(r"`((?:docs|libs|services|infra|tests|benchmarks|contracts)/[\w./-]+\w)`")
"""A path in backticks, from the root; one with a placeholder (`services/<name>/…`) is not a path."""

EXAMPLE = "shelters"
"""The name of the service that the pages on extending make; tests/extending follows them."""

CODE = re.compile(r"`([\w./*-]+/[\w*.-]+\.(?:py|toml|csv)|\w[\w/]*/)`")
"""A file or folder of code in backticks, from any folder on: `intake/desk/needs/rules.py`, `engines/hsds/`."""

DECISION = re.compile(r"\bdecisions? (\d{4})(?:(?:, | and )(\d{4}))*|docs/decisions/(\d{4})", re.IGNORECASE)
"""A decision record named in prose, in a comment or in a docstring."""

PAGE = re.compile(r"\bdocs/[\w/.-]+\.md\b")
"""A page of the documentation named anywhere."""

TEXTS = {
    ".md",
    ".py",
    ".toml",
    ".yml",
    ".yaml",
    ".json",
    ".jinja",
    ".j2",
    ".sql",
    ".ini",
    ".html",
    ".css",
    ".js",
    ".sh",
}
FOLDERS = ("benchmarks", "contracts", "docs", "infra", "libs", "services", "tests")


def texts() -> Iterator[tuple[Path, str]]:
    """Yield every text file of the repository with its content."""
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*")]
    for file in [*ROOT.glob("*"), *files]:
        if file.is_file() and (
            file.suffix in TEXTS or file.name in ("Makefile", "Dockerfile", ".importlinter")
        ):
            yield file, file.read_text(encoding="utf-8")


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub writes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_and_headings_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [(page.parent / place if place else page, heading) for place, heading in LINK.findall(text)]
    places = [place for place, _ in links] + [ROOT / mention for mention in MENTION.findall(text)]
    assert [str(place) for place in places if EXAMPLE not in str(place) and not place.exists()] == []
    assert [
        f"{place}#{heading}" for place, heading in links if heading and heading not in headings(place)
    ] == []


def test_code_that_a_page_names_exists() -> None:
    paths = [f"/{file.relative_to(ROOT)}" for file, _ in texts()]
    paths += [f"/{file.relative_to(ROOT)}" for folder in FOLDERS for file in (ROOT / folder).rglob("*.csv")]
    missing = []
    for page in PAGES:
        for name in CODE.findall(page.read_text(encoding="utf-8")):
            if EXAMPLE in name:
                continue
            pattern = re.escape(f"/{name}").replace(r"\*", "[^/]+") + ("" if name.endswith("/") else "$")
            if not any(re.search(pattern, path) for path in paths):
                missing.append(f"{page.relative_to(ROOT)}: {name}")
    assert missing == []


def test_decisions_and_pages_named_anywhere_exist() -> None:
    numbers = {record.name[:4] for record in RECORDS}
    missing = []
    for file, text in texts():
        named = {number for match in DECISION.finditer(text) for number in re.findall(r"\d{4}", match[0])}
        missing += [f"{file.relative_to(ROOT)}: decision {number}" for number in sorted(named - numbers)]
        pages = set(PAGE.findall(text))
        missing += [
            f"{file.relative_to(ROOT)}: {page}" for page in sorted(pages) if not (ROOT / page).exists()
        ]
    assert missing == []


def test_index_lists_every_decision_with_its_title_status_and_dates() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| \[(.+)\]\((.+)\) \| (.+?) \| (.+?) \| (.*?) ?\|$", index, re.MULTILINE)
    rows = {name: (title, dates) for title, name, *dates in lines}
    expected = {}
    for record in RECORDS:
        title, _, header = record.read_text(encoding="utf-8").splitlines()[:3]
        match = re.fullmatch(r"Status: (.+?) · Decided: (\S+)(?: · Revised: (\S+))?", header)
        assert match, f"{record.name}: the third line must be «Status: … · Decided: … · Revised: …»"
        expected[record.name] = (title.removeprefix("# "), [match[1], match[2], match[3] or ""])
    assert rows == expected


def test_decision_has_a_number_of_its_own_and_the_three_sections() -> None:
    assert [record.name[:4] for record in RECORDS] == [
        f"{number:04d}" for number in range(1, len(RECORDS) + 1)
    ]
    for record in RECORDS:
        text = record.read_text(encoding="utf-8")
        assert text.startswith(f"# {record.name[:4]} "), record.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], (
            record.name
        )
