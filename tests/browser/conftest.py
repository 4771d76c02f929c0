"""The browser of the tests: Debian's Chromium, driven by Playwright, with axe-core to check each page."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from stack.page_assets import AXE, fetched_assets
from stack.steps import Steps

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Return the path of Chromium, which is installed where it is missing. Fails where that is not possible."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=True)
        found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert found, "The tests of the pages need Chromium. Install the package «chromium» of your system."
    return found


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, from the locked packages of the pages."""
    return (fetched_assets(Steps(quiet=True)) / AXE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module."""
    with sync_playwright() as playwright:
        # The sandbox cannot start in most containers, and all pages are our own.
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def pictures() -> Path | None:
    """The folder for pictures of each page, SOLIDARY_PICTURES, if somebody asks for them."""
    chosen = os.environ.get("SOLIDARY_PICTURES")
    return Path(chosen) if chosen else None
