"""Logs that grow are rotated while programs write them."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

from stack import reaper
from stack.processes import open_log, open_new_log


def parts(log: Path) -> list[str]:
    return [part.read_text() for part in sorted(log.parent.glob(f"{log.name}*"))]


def test_log_is_rotated_under_a_program_that_goes_on_writing(tmp_path: Path) -> None:
    log = tmp_path / "intake.log"
    with open_log(log) as output:
        for number in range(6):
            output.write(f"{number}".encode() * 10)
            output.flush()
            reaper.rotate_all(str(tmp_path), part_bytes=9)
        output.write(b"end")
    assert parts(log) == ["end", "5" * 10, "4" * 10, "3" * 10]
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_small_log_and_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "intake.log").write_text("few words")
    (tmp_path / "intake.log.1").write_text("many words " * 10)
    reaper.rotate_all(str(tmp_path), part_bytes=10)
    assert parts(tmp_path / "intake.log") == ["few words", "many words " * 10]


def test_log_of_the_start_before_is_kept_with_its_parts(tmp_path: Path) -> None:
    for text in ("first", "second", "third"):
        with open_new_log(tmp_path / "kafka.log") as output:
            output.write(text.encode())
    assert parts(tmp_path / "kafka.log") == ["third", "second", "first"]


def test_log_that_cannot_be_rotated_does_not_end_the_reaper(tmp_path: Path, capsys) -> None:
    (tmp_path / "a.log").write_text("long enough")
    (tmp_path / "a.log.3").mkdir()
    (tmp_path / "a.log.2").write_text("another one")
    (tmp_path / "b.log").write_text("long enough")
    reaper.rotate_all(str(tmp_path), part_bytes=5)
    assert "a.log cannot be rotated" in capsys.readouterr().out
    assert (tmp_path / "b.log.1").read_text() == "long enough"


def test_reaper_rotates_while_it_waits_and_needs_no_package(tmp_path: Path) -> None:
    (tmp_path / "intake.log").write_text("x" * 100)
    child = f"""
import os, runpy, signal, sys, time
pid = os.fork()
if pid == 0:
    deadline = time.monotonic() + 60
    while not os.path.exists({str(tmp_path / "intake.log.1")!r}) and time.monotonic() < deadline:
        time.sleep(0.01)
    os._exit(0)
sys.argv = ["reaper.py", {str(tmp_path)!r}, f"intake={{pid}}"]
source = open({reaper.__file__!r}).read()
source = source.replace("16 * 2**20", "50").replace("CHECK_SECONDS = 10", "CHECK_SECONDS = 0.05")
exec(compile(source, "reaper.py", "exec"), {{"__name__": "__main__"}})
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", child], capture_output=True, text=True, timeout=120, check=True
    )
    assert "intake ended with exit code 0." in done.stdout
    assert (tmp_path / "intake.log.1").read_text() == "x" * 100
