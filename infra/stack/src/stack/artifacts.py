"""Downloads of the files in `artifacts.lock`, verified and kept in a cache that checkouts share.

jgo holds the addresses of Maven repositories and of the mirror that a user sets, so no host name stands here. A
file gets its name in the cache only after its SHA-256 was compared: an incomplete download is never used.
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

from stack.errors import ArtifactUnreachable, ChecksumMismatch, NotEnoughSpace
from stack.steps import Download, Steps

DOWNLOAD_SPACE = 700 << 20


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


def locked_artifacts(component: str) -> tuple[Artifact, ...]:
    """Return the artifacts of `kafka` or `keycloak` in the project's lock file."""
    return read_lock(files("stack").joinpath("artifacts.lock").read_text(encoding="utf-8"), component)


def read_lock(lock: str, component: str) -> tuple[Artifact, ...]:
    """Return the artifacts of one component in a lock file's text."""
    lines = lock.splitlines()
    return tuple(_parse(*line.split()[1:]) for line in lines if line.startswith(f"{component} "))


def _parse(coordinates: str, sha256: str) -> Artifact:
    group, name, packaging, version = coordinates.split(":")
    return Artifact(group, name, packaging, version, sha256)


def cache_folder() -> Path:
    """Return the folder of downloads, SOLIDARY_CACHE or the user's cache folder; make it where it is missing."""
    chosen = os.environ.get("SOLIDARY_CACHE")
    folder = Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("solidary")
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def make_once(folder: Path, make: Callable[[Path], None], steps: Steps) -> Path:
    """Return `folder`, filled by `make` in a temporary folder and then renamed where it does not exist yet.

    Where two programs ask for it at the same time, one makes it and the other waits.
    """
    if folder.is_dir():
        return folder
    message = f"Another program is making {folder.name}. Waiting for it."
    with steps.exclusive(Path(f"{folder}.lock"), message):
        if not folder.is_dir():
            with _temporary_sibling(folder) as part:
                make(part)
                part.rename(folder)
    return folder


@contextmanager
def _temporary_sibling(folder: Path) -> Iterator[Path]:
    """Yield a new folder beside this one; remove those that killed programs left."""
    for left in folder.parent.glob(f"{folder.name}.part.*"):
        shutil.rmtree(left, ignore_errors=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}.part."))
    part.chmod(0o755)
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def require_disk_space(folder: Path, needed: int) -> None:
    """Raise NotEnoughSpace unless the folder's disk has so many free bytes."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NotEnoughSpace(resource=f"space on the disk of {folder}", needed=needed, free=free)


def fetch(artifacts: Sequence[Artifact], into: Path, title: str, steps: Steps) -> list[Path]:
    """Download the artifacts into a folder and return them as verified files.

    Raises ArtifactUnreachable, ChecksumMismatch or NotEnoughSpace.
    """
    require_disk_space(into, DOWNLOAD_SPACE)
    with steps.download(title) as download, ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda artifact: _fetch_one(artifact, into, download), artifacts))


def _fetch_one(artifact: Artifact, into: Path, download: Download) -> Path:
    with tempfile.TemporaryDirectory(dir=into, prefix=".fetch.") as repository:
        file = _resolve(artifact, Path(repository), download)
        found = sha256_of(file)
        if found != artifact.sha256:
            raise ChecksumMismatch(artifact.coordinates, expected=artifact.sha256, found=found)
        return file.rename(into / artifact.filename)


def _resolve(artifact: Artifact, repository: Path, download: Download) -> Path:
    @contextmanager
    def watch(_: str, size: int) -> Iterator[Callable[[int], None]]:
        download.add_size(size)
        yield download.advance

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
    """Return the SHA-256 of a file in hexadecimal digits."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
