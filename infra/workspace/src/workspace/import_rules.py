"""The import rules: those of the shared libraries in `.importlinter`, and the same set for each service.

A service declares the order of its groups in its `pyproject.toml`:

    [tool.solidary]
    groups = ["registry", "desk", "sharing", "statistics"]

Each group may import those before it. `engines`, where a service has them, stand below all groups and import the
shared language and files only.
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from importlinter.cli import lint_imports
from jinja2 import Environment, StrictUndefined
from solidary.files.command_line import CommandError

from workspace.checkout import ROOT, SERVICES, TEMPLATES


def hold() -> bool:
    """Report on all rules and return whether they hold."""
    with tempfile.NamedTemporaryFile("w", suffix=".ini", encoding="utf-8") as file:
        file.write(configuration())
        file.flush()
        return lint_imports(config_filename=file.name) == 0


def configuration() -> str:
    """Return the configuration of import-linter for the shared libraries and every service in `services/`."""
    services = [
        _facts(folder) for folder in sorted(SERVICES.iterdir()) if (folder / "pyproject.toml").exists()
    ]
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, autoescape=False)
    template = environment.from_string((TEMPLATES / "import-rules.ini.jinja").read_text(encoding="utf-8"))
    shared = (ROOT / ".importlinter").read_text(encoding="utf-8")
    names = [service["name"] for service in services]
    return _with_roots(shared, names) + "\n" + template.render(services=services)


def _with_roots(shared: str, names: Sequence[str]) -> str:
    """Return the shared rules with the services among the root packages."""
    lines = "".join(f"    {name}\n" for name in names)
    return shared.replace("root_packages =\n", f"root_packages =\n{lines}", 1)


def _facts(folder: Path) -> dict[str, Any]:
    file = folder / "pyproject.toml"
    declared = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("solidary", {})
    if "groups" not in declared:
        raise CommandError(
            f"{file.relative_to(ROOT)} declares no groups. "
            'Add a section [tool.solidary] with groups = ["…"], each group after those it imports.'
        )
    package = folder / "src" / folder.name
    layers = ["service", "reactions", *reversed(declared["groups"])]
    has_engines = (package / "engines").is_dir()
    layers += ["engines"] if has_engines else []
    return {
        "name": folder.name,
        "layers": [name for name in layers if _exists(package / name)],
        "groups": declared["groups"],
        "has_engines": has_engines,
        "is_strict": declared.get("strict", False),
        "exceptions": declared.get("exceptions", []),
    }


def _exists(module: Path) -> bool:
    return module.is_dir() or module.with_suffix(".py").exists()
