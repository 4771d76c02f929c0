from __future__ import annotations

import json
import subprocess
import sys

from solidary.platform.telemetry.log_viewer import readable

LINE = {
    "time": "2026-11-22T06:14:59.283+00:00",
    "level": "ERROR",
    "logger": "solidary.platform.messaging.relay",
    "message": "sent",
    "service": "intake",
    "role": "worker",
    "trace": "d171",
    "facts": {"events": 500},
}


def test_line_is_one_for_people_with_its_facts() -> None:
    assert list(readable([json.dumps(LINE) + "\n"])) == [
        "2026-11-22 06:14:59.283 ERROR    intake worker  sent  events=500  trace=d171"
    ]


def test_error_is_shown_with_its_frames_and_cause() -> None:
    error = {
        "type": "KeyError",
        "frames": ["a.py:1 read"],
        "cause": {"type": "OSError", "errno": "ENOENT", "frames": []},
    }
    _, *shown = readable([json.dumps(LINE | {"error": error})])
    assert shown == ["    KeyError", "      a.py:1 read", "      because of OSError errno=ENOENT"]


def test_lines_of_others_stay_as_they_are() -> None:
    others = ["LOG:  checkpoint starting", '{"level": "info", "msg": "caddy"}', "[1, 2]", "7", ""]
    assert list(readable(f"{line}\n" for line in others)) == others


def test_lines_come_from_standard_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "solidary.platform.telemetry.log_viewer"],
        input=json.dumps(LINE),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("trace=d171\n")
