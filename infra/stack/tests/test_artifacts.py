"""Downloads from a real HTTP server on this machine, set as a mirror the way a user does."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from stack import artifacts
from stack.artifacts import Artifact, fetch, locked_artifacts, make_once, require_disk_space
from stack.errors import ArtifactUnreachable, ChecksumMismatch, NotEnoughSpace, Stopped
from stack.steps import Steps

CONTENT = b"the content of a jar" * 1000
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()
JAR = Artifact("org.example", "thing", "jar", "1.0", CHECKSUM)
PATH = "/org/example/thing/1.0/thing-1.0.jar"


class Mirror(ThreadingHTTPServer):
    """A repository that serves `files` and interrupts the transfer of those in `truncated`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _RequestHandler)
        self.files: dict[str, bytes] = {}
        self.truncated: set[str] = set()
        self.requested: list[str] = []


class _RequestHandler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        self.server.requested.append(self.path)
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if self.path in self.server.truncated else content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A mirror that is set in the file that the error message names."""
    with Mirror() as mirror:
        home = tmp_path / "home"
        (home / ".config").mkdir(parents=True)
        address = f"http://127.0.0.1:{mirror.server_port}"
        (home / ".config" / "jgo.conf").write_text(f"[repositories]\ncentral = {address}\n")
        monkeypatch.setenv("HOME", str(home))
        threading.Thread(target=mirror.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield mirror
        mirror.shutdown()


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def test_every_locked_artifact_has_a_checksum_and_a_unique_file_name() -> None:
    artifacts_of_both = locked_artifacts("kafka") + locked_artifacts("keycloak")
    assert len(locked_artifacts("kafka")) == 46
    assert {len(artifact.sha256) for artifact in artifacts_of_both} == {64}
    assert len({artifact.filename for artifact in artifacts_of_both}) == len(artifacts_of_both)


def test_file_comes_from_the_mirror_that_the_user_set(mirror: Mirror, into: Path, steps: Steps) -> None:
    mirror.files[PATH] = CONTENT
    (file,) = fetch([JAR], into, "thing", steps)
    assert file == into / "thing-1.0.jar"
    assert file.read_bytes() == CONTENT


def test_wrong_checksum_is_reported_and_leaves_no_file(mirror: Mirror, into: Path, steps: Steps) -> None:
    mirror.files[PATH] = b"something else"
    with pytest.raises(ChecksumMismatch) as raised:
        fetch([JAR], into, "thing", steps)
    for part in ("org.example:thing:jar:1.0", CHECKSUM, hashlib.sha256(b"something else").hexdigest()):
        assert part in str(raised.value)
    assert list(into.iterdir()) == []


def test_interrupted_download_leaves_no_file(mirror: Mirror, into: Path, steps: Steps) -> None:
    mirror.files[PATH] = CONTENT
    mirror.truncated.add(PATH)
    with pytest.raises((ArtifactUnreachable, ChecksumMismatch)):
        fetch([JAR], into, "thing", steps)
    assert list(into.iterdir()) == []


def test_unreachable_artifact_is_reported_with_the_way_to_set_a_mirror(
    mirror: Mirror, into: Path, steps: Steps
) -> None:
    with pytest.raises(ArtifactUnreachable) as raised:
        fetch([JAR], into, "thing", steps)
    assert mirror.requested == [PATH]
    assert "org.example:thing:jar:1.0" in str(raised.value)
    assert "jgo.conf" in str(raised.value)


def test_stopping_does_not_wait_for_a_download(mirror: Mirror, into: Path, steps: Steps) -> None:
    mirror.files[PATH] = CONTENT
    steps.stop()
    with pytest.raises(Stopped):
        fetch([JAR], into, "thing", steps)
    assert list(into.iterdir()) == []


def test_full_disk_is_reported_before_the_download(
    into: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "DOWNLOAD_SPACE", 1 << 60)
    with pytest.raises(NotEnoughSpace, match="MiB are needed"):
        fetch([JAR], into, "thing", steps)


def test_sufficient_disk_space_is_accepted(into: Path) -> None:
    require_disk_space(into, 1)


def test_concurrent_programs_make_a_folder_once(into: Path, steps: Steps) -> None:
    made: list[Path] = []

    def make(part: Path) -> None:
        made.append(part)
        (part / "file").write_text("complete")

    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(lambda _: make_once(into / "tree", make, steps), range(8)))
    assert folders == {into / "tree"}
    assert len(made) == 1


def test_incomplete_folder_is_never_used(into: Path, steps: Steps) -> None:
    def fail(part: Path) -> None:
        (part / "file").write_text("incomplete")
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        make_once(into / "tree", fail, steps)
    assert not (into / "tree").exists()
    # The next program that makes the folder removes what a kill -9 left.
    (into / "tree.part.left").mkdir()
    make_once(into / "tree", lambda part: (part / "file").touch(), steps)
    assert {path.name for path in into.iterdir()} == {"tree", "tree.lock"}
