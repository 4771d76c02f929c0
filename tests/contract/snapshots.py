"""The generated files that describe the platform from outside, and the check between them and the code.

From version 0.2.0 on, an event's schema may only grow by optional fields, and the snapshots of old versions stay. The
snapshots in the folder, in the last commit and at the last tag all count, so that nobody takes a published schema back
by editing a file. OpenAPI, AsyncAPI and the page of problems follow the code; `make contracts` writes them.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tarfile import TarInfo
from typing import Any

from solidary.language.events import catalogue
from solidary.language.events.asyncapi import document
from solidary.language.events.catalogue import PUBLISHERS
from solidary.language.events.schema import incompatibilities, schema_of
from solidary.platform.service import VERSION
from workspace.compose import compose_file

from tests.contract.problems import problems_page

ROOT = Path(__file__).parents[2]
FOLDER = "contracts/events"
FIRST_STABLE = (0, 2, 0)
"""The first version whose events later versions must keep readable."""


def wanted() -> Iterator[tuple[Path, str]]:
    """Yield every generated file with its text as the code gives it."""
    kinds = list(catalogue.published())
    for kind in kinds:
        yield ROOT / FOLDER / f"{kind.type}.json", as_text(schema_of(kind))
    yield ROOT / "contracts" / "asyncapi.json", as_text(document(kinds, VERSION))
    for name in PUBLISHERS:
        service = importlib.import_module(f"{name}.service").service
        yield ROOT / "services" / name / "openapi.json", as_text(service.application().openapi())
    yield ROOT / "docs" / "reference" / "problems.md", problems_page()
    yield ROOT / "docker-compose.yml", compose_file()


def as_text(snapshot: Any) -> str:
    return json.dumps(snapshot, indent=1, ensure_ascii=False) + "\n"


def broken_promises(root: Path = ROOT) -> list[str]:
    """What readers of a published event could fail on; a type that is gone counts too."""
    kinds = {f"{kind.type}.json": kind for kind in catalogue.published()}
    faults: dict[str, None] = {}
    for name, old in promised(root):
        if name not in kinds:
            faults[f"{name}: the type is gone; old versions stay readable"] = None
        else:
            faults |= {f"{name}: {fault}": None for fault in incompatibilities(old, schema_of(kinds[name]))}
    return list(faults)


def promised(root: Path) -> Iterator[tuple[str, Any]]:
    """Every snapshot of an event, by its file's name: as it stands here, and where git is there, as it stood."""
    for file in sorted((root / FOLDER).glob("*.json")):
        yield file.name, json.loads(file.read_text())
    tag = _git(root, "describe", "--tags", "--abbrev=0").decode().strip()
    for revision in ("HEAD", tag) if _is_stable(tag) else ():
        archive = _git(root, "archive", revision, FOLDER)
        if archive:
            with tarfile.open(fileobj=BytesIO(archive)) as files:
                for member in filter(TarInfo.isfile, files):
                    content = files.extractfile(member)
                    assert content is not None
                    yield Path(member.name).name, json.load(content)


def _is_stable(tag: str) -> bool:
    numbers = tag.removeprefix("v").split(".")
    return all(map(str.isdecimal, numbers)) and tuple(map(int, numbers)) >= FIRST_STABLE


def _git(root: Path, *command: str) -> bytes:
    """What git says; nothing where there is no git, no commit or no tag."""
    try:
        return subprocess.run(["git", *command], cwd=root, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return b""


def out_of_date() -> list[str]:
    """Snapshots that differ from what the code says."""
    return [
        f"{path.relative_to(ROOT)} is out of date: `make contracts`"
        for path, text in wanted()
        if not path.exists() or path.read_text() != text
    ]


def write() -> list[str]:
    """Writes what is out of date, unless a promise would break; returns the broken promises."""
    faults = broken_promises()
    if not faults:
        for path, text in wanted():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return faults
