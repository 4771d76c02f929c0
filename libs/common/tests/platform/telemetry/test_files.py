import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from solidary.platform.telemetry.files import JsonLines, sweep


def test_lines_are_kept_in_parts_of_bounded_size(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "traces-intake-api-1.jsonl", part_bytes=1000, parts=2)
    for number in range(500):
        lines.write({"number": number})
    lines.close()
    files = sorted(tmp_path.iterdir(), reverse=True)
    assert [file.name for file in files] == [
        "traces-intake-api-1.jsonl.2",
        "traces-intake-api-1.jsonl.1",
        "traces-intake-api-1.jsonl",
    ]
    assert all(file.stat().st_size <= 1000 for file in files)
    kept = [json.loads(line)["number"] for file in files for line in file.read_text().splitlines()]
    assert kept == list(range(kept[0], 500))


def test_line_that_cannot_be_written_raises_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = JsonLines(tmp_path / "gone" / "traces-intake-api-1.jsonl")
    lines.write({"name": "Yolanda"})
    output = capsys.readouterr().err
    assert "FileNotFoundError ENOENT" in output
    assert "Yolanda" not in output


def test_file_that_disappears_during_a_sweep_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "traces-intake-api-1.jsonl.1").symlink_to(tmp_path / "turned-over")  # listed, and not there
    (tmp_path / "traces-intake-api-1.jsonl").write_bytes(bytes(10))
    sweep(tmp_path)
    assert (tmp_path / "traces-intake-api-1.jsonl").exists()


def test_sweep_deletes_the_oldest_files_of_ended_processes(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = [
        f"traces-intake-api-{os.getpid()}.jsonl",
        f"logs-cash-api-{ended.pid}.jsonl",
        f"traces-cash-api-{ended.pid}.jsonl.1",
        f"traces-cash-api-{ended.pid}.jsonl",
        "notes.txt",
    ]
    for age, name in enumerate(reversed(names)):
        (tmp_path / name).write_bytes(bytes(100))
        os.utime(tmp_path / name, (1_000_000 + age if age < 4 else 1, 1_000_000 + age if age < 4 else 1))
    sweep(tmp_path, most=250)
    assert {file.name for file in tmp_path.iterdir()} == {
        f"traces-intake-api-{os.getpid()}.jsonl",  # the oldest, but its process runs
        f"logs-cash-api-{ended.pid}.jsonl",
        f"traces-cash-api-{ended.pid}.jsonl.1",
        "notes.txt",
    }
