"""The folders of this checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[4]
SERVICES = ROOT / "services"
EVENTS = ROOT / "libs/common/src/solidary/language/events"
TEMPLATES = Path(__file__).with_name("templates")
