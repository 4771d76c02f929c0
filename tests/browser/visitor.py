"""A person at a browser: with a mouse, or with the keyboard only; each page that they open is checked by axe-core."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page
from stack.run_file import DemonstrationUser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MOST_TABS = 150


@dataclass
class PageVisitor:
    """A person at one browser. `has_mouse` is false for somebody who uses the keyboard only."""

    page: Page
    address: str
    axe: str
    pictures: Path | None = None
    has_mouse: bool = True
    visited: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open an address."""
        self.page.goto(self.address + path)

    def log_in(self, user: DemonstrationUser, button: str) -> None:
        """Log in from the welcome page; Keycloak asks for the name and the password on its own pages."""
        self.open("/")
        self.press("link", button, role="button")
        self.page.locator("#username").fill(user.username)
        if not self.page.locator("#password").is_visible():
            self.page.keyboard.press("Enter")
        self.page.locator("#password").fill(user.password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(self.address + "/")
        self.check("start")

    def press(self, kind: str, name: str, *, role: str | None = None, exact: bool = False) -> None:
        """Press a button or a link by its name."""
        wanted: Any = role or kind
        target = self.page.get_by_role(wanted, name=name, exact=exact).first
        if not self.has_mouse:
            self._reach(target)
        with self.page.expect_navigation():
            if self.has_mouse:
                target.click()
            else:
                self.page.keyboard.press("Enter")

    def write(self, label: str, text: str, *, within: str = "") -> None:
        """Write into an entry."""
        place = self.page.get_by_role("group", name=re.compile(re.escape(within))) if within else self.page
        target = place.get_by_label(label).first
        if self.has_mouse:
            target.fill(text)
        else:
            self._reach(target)
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text)

    def write_day(self, label: str, words: tuple[str, str, str], parts: tuple[str, str, str]) -> None:
        """Write a day into its three entries."""
        for word, part in zip(words, parts, strict=True):
            self.write(word, part, within=label)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        target = self.page.get_by_role("combobox", name=label)
        if self.has_mouse:
            target.select_option(label=option)
        else:
            self._reach(target)
            self.page.keyboard.type(option)
        assert target.locator("option:checked").inner_text() == option

    def tick(self, kind: str, name: str) -> None:
        """Tick a box or a radio button."""
        wanted: Any = kind
        target = self.page.get_by_role(wanted, name=name, exact=True)
        if self.has_mouse:
            target.check()
        elif kind == "radio":
            self._reach_radio(target)
        else:
            self._reach(target)
            if not target.is_checked():
                self.page.keyboard.press("Space")
        assert target.is_checked()

    def sees(self, text: str) -> None:
        """Wait until the page shows a text."""
        self.page.get_by_text(text).first.wait_for()

    def check(self, name: str) -> None:
        """Check the page with axe-core, its width on a telephone, and that it shows no code; take pictures if asked."""
        self.visited.append(name)
        self.page.evaluate(self.axe)
        found = self.page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        faults = [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found["violations"]]
        assert not faults, f"{name}: {faults}"
        usual = self.page.viewport_size
        assert usual is not None
        for width in (1280, 360):
            self.page.set_viewport_size({"width": width, "height": 800})
            # Letters of another font are wider.
            self.page.evaluate("document.fonts.ready")
            overflow = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 0, f"{name} is {overflow} pixels too wide at {width}"
            if self.pictures is not None:
                self.pictures.mkdir(parents=True, exist_ok=True)
                self.page.screenshot(path=self.pictures / f"{name}-{width}.png", full_page=True)
        self.page.set_viewport_size(usual)

    def _reach(self, target: Locator) -> None:
        """Press the tabulator until an element has the focus. Fails where the keyboard does not reach it."""
        target.wait_for()
        for _ in range(MOST_TABS):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"The keyboard does not reach {target}.")

    def _reach_radio(self, target: Locator) -> None:
        name = target.get_attribute("name")
        for _ in range(MOST_TABS):
            if self.page.evaluate("document.activeElement.name") == name:
                break
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Space")
        for _ in range(MOST_TABS):
            if target.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"The keyboard does not reach {target}.")
