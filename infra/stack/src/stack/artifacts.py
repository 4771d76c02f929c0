"""Fetches what `artifacts.lock` names, verifies it, and keeps it in a cache that checkouts share.

jgo knows where Maven artifacts live (and which mirror you set), so no host name stands here. A file takes its
name in the cache only after its SHA-256 was found right: a half-download never passes for a whole one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import platformdirs
import requests
from jgo.config import GlobalSettings
from jgo.maven import MavenContext, PythonResolver

from stack.errors import ArtifactUnreachable, ChecksumWrong, NotEnoughRoom
from stack.steps import Download, Steps

ROOM_FOR_DOWNLOADS = 700 << 20


@dataclass(frozen=True)
class Artifact:
    """One file of a Maven repository and the SHA-256 it must have."""

    group: str
    name: str
    packaging: str
    version: str
    sha256: str

    @property
    def coordinates(self) -> str:
        return f"{self.group}:{self.name}:{self.packaging}:{self.version}"

    @property
    def filename(self) -> str:
        return f"{self.name}-{self.version}.{self.packaging}"


def locked(component: str) -> tuple[Artifact, ...]:
    """The artifacts of `kafka` or `keycloak`, as the project's lock file names them."""
    return read_lock(files("stack").joinpath("artifacts.lock").read_text(encoding="utf-8"), component)


def read_lock(lock: str, component: str) -> tuple[Artifact, ...]:
    """The artifacts of one component in a lock file's text."""
    lines = lock.splitlines()
    return tuple(_read(*line.split()[1:]) for line in lines if line.startswith(f"{component} "))


def _read(coordinates: str, sha256: str) -> Artifact:
    group, name, packaging, version = coordinates.split(":")
    return Artifact(group, name, packaging, version, sha256)


def cache_folder() -> Path:
    """Where downloads live: SOLIDARY_CACHE, else the user's cache folder."""
    chosen = os.environ.get("SOLIDARY_CACHE")
    folder = Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("solidary")
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def made_once(folder: Path, make: Callable[[Path], None], steps: Steps) -> Path:
    """`folder`, made by `make` in a temporary place if it is not there yet; two at once make it once."""
    if folder.is_dir():
        return folder
    with steps.alone(Path(f"{folder}.lock"), f"{folder.name} is being made by another program; waiting"):
        if not folder.is_dir():
            with _beside(folder) as part:
                make(part)
                part.rename(folder)
    return folder


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    for left in folder.parent.glob(f"{folder.name}.part.*"):
        shutil.rmtree(left, ignore_errors=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}.part."))
    part.chmod(0o755)
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def require_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NotEnoughRoom(f"disk of {folder}", needed=needed, free=free)


def fetch(artifacts: Sequence[Artifact], into: Path, what: str, steps: Steps) -> list[Path]:
    """Every artifact as a verified file in the folder `into`.

    Raises ArtifactUnreachable, ChecksumWrong or NotEnoughRoom.
    """
    require_room(into, ROOM_FOR_DOWNLOADS)
    with steps.download(what) as download, ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda artifact: _fetch_one(artifact, into, download), artifacts))


def _fetch_one(artifact: Artifact, into: Path, download: Download) -> Path:
    with tempfile.TemporaryDirectory(dir=into, prefix=".fetch.") as repository:
        arrived = _resolve(artifact, Path(repository), download)
        found = sha256_of(arrived)
        if found != artifact.sha256:
            raise ChecksumWrong(artifact.coordinates, expected=artifact.sha256, found=found)
        return arrived.rename(into / artifact.filename)


def _resolve(artifact: Artifact, repository: Path, download: Download) -> Path:
    @contextmanager
    def watch(_: str, size: int) -> Iterator[Callable[[int], None]]:
        download.expect(size)
        yield download.received

    repositories = MavenContext().remote_repos | GlobalSettings.load().repositories
    context = MavenContext(
        PythonResolver(progress_callback=watch), repo_cache=repository, remote_repos=repositories, timeout=60
    )
    component = context.project(artifact.group, artifact.name).at_version(artifact.version)
    try:
        return component.artifact(packaging=artifact.packaging).resolve()
    except (requests.RequestException, RuntimeError, OSError) as error:
        raise ArtifactUnreachable(artifact.coordinates, str(error)) from error


def sha256_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
