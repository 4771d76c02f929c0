"""A new service from templates: one concept, an event, a reaction, a projection, routes, a migration and tests."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from solidary.files.command_line import CommandError
from solidary.platform.registry import service_names
from solidary.platform.service import VERSION

from workspace.checkout import EVENTS, SERVICES, TEMPLATES

NAME = re.compile(r"[a-z]{3,30}")
"""Lower-case letters only: the name is also that of a Python package, a topic, a database and its roles."""


def write_service(name: str) -> list[Path]:
    """Write the files of a new service and return their paths.

    Raises CommandError for a name that cannot be used, before anything is written.
    """
    _check_name(name)
    files = dict(_render(name))
    existing = [path for path in files if path.exists()]
    if existing:
        raise CommandError(f"{existing[0]} exists already. Delete it, or choose another name.")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise CommandError(
            f"«{name}» cannot name a service: use 3 to 30 lower-case letters, such as «shelters»."
        )
    if name in service_names():
        raise CommandError(f"There is a service «{name}» already. Choose another name.")
    if keyword.iskeyword(name) or name in sys.stdlib_module_names or find_spec(name) is not None:
        raise CommandError(f"«{name}» is the name of a Python module already. Choose another name.")


def _render(name: str) -> Iterator[tuple[Path, str]]:
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
    values = {"name": name, "title": name.capitalize(), "version": VERSION}
    for folder, target in ((TEMPLATES / "service", SERVICES / name), (TEMPLATES / "events", EVENTS)):
        for template in sorted(folder.rglob("*.jinja")):
            place = str(template.relative_to(folder).with_suffix("")).replace("__name__", name)
            yield target / place, environment.from_string(template.read_text(encoding="utf-8")).render(values)
