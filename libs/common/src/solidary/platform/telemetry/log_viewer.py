"""Log lines for people: `docker compose logs --no-log-prefix intake-api | python -m …telemetry.log_viewer`.

    06:14:59.283 ERROR   intake worker  a request failed: KeyError  trace=d171… agency=4a23…
        psycopg.errors.UniqueViolation
          intake/desk/visits/commands.py:41 record

Lines that are no JSON of ours, such as those of Kafka, are left as they are.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_FIELDS = ("trace", "request", "agency")


def readable(lines: Iterable[str]) -> Iterator[str]:
    """Yield each line in a form for people."""
    for line in lines:
        yield from _readable(line.rstrip("\n"))


def _readable(line: str) -> Iterator[str]:
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict) or not {"time", "level", "message", "service"} <= entry.keys():
        yield line
        return
    time = str(entry["time"]).partition("+")[0].replace("T", " ")
    known = [f"{name}={entry[name]}" for name in _FIELDS if name in entry]
    facts = [f"{name}={value}" for name, value in dict(entry.get("facts", {})).items()]
    tail = "".join(f"  {each}" for each in (*facts, *known))
    yield f"{time} {entry['level']:<8} {entry['service']} {entry.get('role', '')}  {entry['message']}{tail}"
    if isinstance(entry.get("error"), dict):
        yield from _error(entry["error"], "    ")


def _error(error: Mapping[str, Any], margin: str) -> Iterator[str]:
    inner = ("type", "frames", "cause", "among")
    facts = [f"{name}={value}" for name, value in error.items() if name not in inner]
    yield f"{margin}{error.get('type', '')} {' '.join(facts)}".rstrip()
    for frame in error.get("frames", ()):
        yield f"{margin}  {frame}"
    causes = [error["cause"]] if isinstance(error.get("cause"), dict) else []
    for each in (*causes, *error.get("among", ())):
        yield from _error(each, f"{margin}  because of ")


def main() -> None:
    """Print the lines of standard input."""
    for line in readable(sys.stdin):
        print(line, flush=True)


if __name__ == "__main__":
    main()
