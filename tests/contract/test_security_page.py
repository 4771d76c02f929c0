"""The page of promises names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "operating" / "security.md"
FOLDERS = ("tests", "services", "libs", "infra")


def test_every_test_that_the_security_page_names_exists():
    named = set(re.findall(r"`([^`\s]+)`", PAGE.read_text()))
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("test_*.py")]
    functions = {name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text())}
    known = functions | {file.name for file in files}
    missing = {name for name in named if re.fullmatch(r"test_\w+(\.py)?", name) and name not in known}
    missing |= {name for name in named if name.startswith(tuple(f"{each}/" for each in FOLDERS))} - {
        name for name in named if (ROOT / name).exists()
    }
    assert len(named & known) > 20, "this search finds names"
    assert not missing
