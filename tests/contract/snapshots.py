"""The generated files that describe the platform from outside, and the check between them and the code.

From version 0.2.0 on, an event's schema may only grow by optional fields, and the snapshots of old versions stay. The
snapshots in the folder, in the last commit and at the last tag all count, so that nobody takes a published schema back
by editing a file. OpenAPI, AsyncAPI and the page of problems follow the code; `make contracts` writes them.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tarfile import TarInfo
from typing import Any

from solidary.language.events.asyncapi import document
from solidary.language.events.catalogue import published_types
from solidary.language.events.schema import incompatibilities, schema_of
from solidary.platform.registry import load_service, service_names
from solidary.platform.service import VERSION
from workspace.chart import chart_services
from workspace.compose import compose_file

from tests.contract.duties import duties_page
from tests.contract.events import events_page
from tests.contract.problems import problems_page

ROOT = Path(__file__).parents[2]
FOLDER = "contracts/events"
FIRST_STABLE = (0, 2, 0)
"""The first version whose events later versions must keep readable."""


def wanted() -> Iterator[tuple[Path, str]]:
    """Yield every generated file with its text as the code gives it."""
    kinds = published_types()
    for kind in kinds:
        yield ROOT / FOLDER / f"{kind.type}.json", as_text(schema_of(kind))
    yield ROOT / "contracts" / "asyncapi.json", as_text(document(kinds, VERSION))
    for name in service_names():
        openapi = load_service(name).application().openapi()
        yield ROOT / "services" / name / "openapi.json", as_text(openapi)
    yield ROOT / "docs" / "reference" / "problems.md", problems_page()
    yield ROOT / "docs" / "reference" / "duties.md", duties_page()
    yield ROOT / "docs" / "reference" / "events.md", events_page()
    yield ROOT / "docker-compose.yml", compose_file()
    yield ROOT / "compose.production.yml", compose_file(production=True)
    yield ROOT / "infra" / "helm" / "solidary" / "services.yaml", chart_services()


def as_text(snapshot: Any) -> str:
    """Return a snapshot as its file has it."""
    return json.dumps(snapshot, indent=1, ensure_ascii=False) + "\n"


def broken_promises(root: Path = ROOT) -> list[str]:
    """List the changes on which readers of published events could fail, with the types that were removed."""
    kinds = {f"{kind.type}.json": kind for kind in published_types()}
    faults: dict[str, None] = {}
    for name, old in promised(root):
        if name not in kinds:
            faults[
                f"{name}: the event type was removed. Old versions must stay readable; before version "
                f"{'.'.join(map(str, FIRST_STABLE))}, delete the file."
            ] = None
        else:
            faults |= {f"{name}: {fault}": None for fault in incompatibilities(old, schema_of(kinds[name]))}
    return list(faults)


def promised(root: Path) -> Iterator[tuple[str, Any]]:
    """Yield every snapshot of an event by its file's name: the present one, and with git the earlier ones."""
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
    """Return a git command's output, or nothing without git, a commit or a tag."""
    try:
        return subprocess.run(["git", *command], cwd=root, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return b""


def out_of_date() -> list[str]:
    """List the generated files that differ from the code."""
    return [
        f"{path.relative_to(ROOT)} is out of date. Run `make contracts`."
        for path, text in wanted()
        if not path.exists() or path.read_text() != text
    ]


def write() -> list[str]:
    """Write every generated file, unless a promise would break. Return the broken promises."""
    faults = broken_promises()
    if not faults:
        for path, text in wanted():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return faults
