"""The snapshots in `contracts/`, and the gate between them and the code.

An event's schema may only grow by optional fields; the snapshots of old versions stay. What was promised is what stands
in the folder, in the last commit and at the last tag: who edits a snapshot takes no promise back. OpenAPI and AsyncAPI
follow the code and must be written anew (`make contracts`) with the change that alters them.
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

ROOT = Path(__file__).parents[2]
FOLDER = "contracts/events"


def wanted() -> Iterator[tuple[Path, Any]]:
    """Every snapshot as the code would write it."""
    kinds = list(catalogue.published())
    for kind in kinds:
        yield ROOT / FOLDER / f"{kind.type}.json", schema_of(kind)
    yield ROOT / "contracts" / "asyncapi.json", document(kinds, VERSION)
    for name in PUBLISHERS:
        service = importlib.import_module(f"{name}.service").service
        yield ROOT / "services" / name / "openapi.json", service.application().openapi()


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
    for revision in filter(None, ("HEAD", tag)):
        archive = _git(root, "archive", revision, FOLDER)
        if archive:
            with tarfile.open(fileobj=BytesIO(archive)) as files:
                for member in filter(TarInfo.isfile, files):
                    content = files.extractfile(member)
                    assert content is not None
                    yield Path(member.name).name, json.load(content)


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
        for path, snapshot in wanted()
        if not path.exists() or path.read_text() != as_text(snapshot)
    ]


def write() -> list[str]:
    """Writes what is out of date, unless a promise would break; returns the broken promises."""
    faults = broken_promises()
    if not faults:
        for path, snapshot in wanted():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(as_text(snapshot))
    return faults
