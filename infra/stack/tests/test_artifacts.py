"""Downloads from a real HTTP server on this machine, which is a mirror as a user would set one."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from stack import artifacts
from stack.artifacts import Artifact, fetch, locked, made_once, require_room
from stack.errors import ArtifactUnreachable, ChecksumWrong, NotEnoughRoom, Stopped
from stack.steps import Steps

CONTENT = b"a jar, as far as anybody here can tell" * 1000
PROMISED = hashlib.sha256(CONTENT).hexdigest()
JAR = Artifact("org.example", "thing", "jar", "1.0", PROMISED)
PATH = "/org/example/thing/1.0/thing-1.0.jar"


class Mirror(ThreadingHTTPServer):
    """Serves `files`; a file in `cut_short` breaks off in the middle."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files: dict[str, bytes] = {}
        self.cut_short: set[str] = set()
        self.asked: list[str] = []


class _Answer(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if self.path in self.server.cut_short else content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A mirror that this user has named where the error message says to name one."""
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


def test_every_locked_artifact_has_a_whole_checksum_and_a_name_of_its_own() -> None:
    everything = locked("kafka") + locked("keycloak")
    assert len(locked("kafka")) == 46
    assert {len(artifact.sha256) for artifact in everything} == {64}
    assert len({artifact.filename for artifact in everything}) == len(everything)


def test_a_verified_file_comes_from_the_mirror_that_the_user_named(
    mirror: Mirror, into: Path, steps: Steps
) -> None:
    mirror.files[PATH] = CONTENT
    (file,) = fetch([JAR], into, "thing", steps)
    assert file == into / "thing-1.0.jar"
    assert file.read_bytes() == CONTENT


def test_a_wrong_checksum_says_expected_and_found_and_leaves_no_file(
    mirror: Mirror, into: Path, steps: Steps
) -> None:
    mirror.files[PATH] = b"something else"
    with pytest.raises(ChecksumWrong) as refused:
        fetch([JAR], into, "thing", steps)
    for part in ("org.example:thing:jar:1.0", PROMISED, hashlib.sha256(b"something else").hexdigest()):
        assert part in str(refused.value)
    assert list(into.iterdir()) == []


def test_a_download_that_breaks_off_leaves_no_file(mirror: Mirror, into: Path, steps: Steps) -> None:
    mirror.files[PATH] = CONTENT
    mirror.cut_short.add(PATH)
    with pytest.raises((ArtifactUnreachable, ChecksumWrong)):
        fetch([JAR], into, "thing", steps)
    assert list(into.iterdir()) == []


def test_an_unreachable_artifact_is_named_with_the_way_to_set_a_mirror(
    mirror: Mirror, into: Path, steps: Steps
) -> None:
    with pytest.raises(ArtifactUnreachable) as refused:
        fetch([JAR], into, "thing", steps)
    assert mirror.asked == [PATH]
    assert "org.example:thing:jar:1.0" in str(refused.value)
    assert "jgo.conf" in str(refused.value)


def test_somebody_who_stops_does_not_wait_for_a_download(mirror: Mirror, into: Path, steps: Steps) -> None:
    mirror.files[PATH] = CONTENT
    steps.stop()
    with pytest.raises(Stopped):
        fetch([JAR], into, "thing", steps)
    assert list(into.iterdir()) == []


def test_a_full_disk_is_said_before_the_download(
    into: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "ROOM_FOR_DOWNLOADS", 1 << 60)
    with pytest.raises(NotEnoughRoom, match="MiB needed"):
        fetch([JAR], into, "thing", steps)


def test_room_is_enough_when_it_is_enough(into: Path) -> None:
    require_room(into, 1)


def test_two_at_once_make_a_folder_once(into: Path, steps: Steps) -> None:
    made: list[Path] = []

    def make(part: Path) -> None:
        made.append(part)
        (part / "file").write_text("whole")

    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(lambda _: made_once(into / "tree", make, steps), range(8)))
    assert folders == {into / "tree"}
    assert len(made) == 1


def test_a_folder_half_made_is_never_taken_for_a_whole_one(into: Path, steps: Steps) -> None:
    def fail(part: Path) -> None:
        (part / "file").write_text("half")
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        made_once(into / "tree", fail, steps)
    assert not (into / "tree").exists()
    # What a kill -9 leaves is cleared away by the next one who makes it.
    (into / "tree.part.left").mkdir()
    made_once(into / "tree", lambda part: (part / "file").touch(), steps)
    assert {path.name for path in into.iterdir()} == {"tree", "tree.lock"}
