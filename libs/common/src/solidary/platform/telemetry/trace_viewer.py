"""`make trace ID=…`: one story as a tree across services and processes, from the files of telemetry; without
an id, the newest stories.

A span hangs under its parent. A span of another trace that *links* to one of the story (the relay's
batch, a reader's transaction) hangs under that one, marked `~`, with what it did in turn.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from solidary.files.command_line import InvalidInput, cli_errors

_TRACE = re.compile(r"(?:00-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?")
_NAMED = (
    "http.response.status_code",
    "cloudevents.event_type",
    "messaging.batch.message_count",
    "error.type",
)
"""Attributes worth a word beside the span's name."""

NEWEST = 20
"""So many stories are listed."""

SpanReference = tuple[str, str]
"""A trace id and a span id, both in hex."""


@dataclass
class Step:
    """One span; times in nanoseconds since 1970."""

    spot: SpanReference
    parent: SpanReference | None
    links: list[SpanReference]
    name: str
    who: str
    start: int
    end: int
    attributes: dict[str, Any]
    failed: bool
    by_link: bool = False
    after: list[Step] = field(default_factory=list)


def story(folder: Path, trace: str) -> list[Step]:
    """The roots of a story, each with what came after it; empty where no file knows the trace."""
    steps = {step.spot: step for step in _read(folder, {trace})}
    strangers = {spot[0] for spot in steps} - {trace}
    if strangers:
        steps |= {step.spot: step for step in _read(folder, strangers)}
    roots = []
    for step in sorted(steps.values(), key=lambda step: step.start):
        linked = [steps[spot] for spot in step.links if spot in steps and spot[0] == trace]
        if step.parent in steps:
            steps[step.parent].after.append(step)
        elif step.spot[0] == trace:
            roots.append(step)
        elif linked:
            step.by_link = True
            linked[0].after.append(step)
    return roots


def newest(folder: Path) -> list[list[Step]]:
    """The steps of stories in which several processes took part: the newest of each kind, the newest first."""
    told: dict[str, list[Step]] = {}
    for line in _lines(folder, "traces-*.jsonl"):
        for step in _steps(json.loads(line)):
            told.setdefault(step.spot[0], []).append(step)
    crossing = [
        sorted(steps, key=lambda step: step.start)
        for steps in told.values()
        if len({step.who for step in steps}) > 1
    ]
    kinds: dict[tuple[str, frozenset[str]], list[Step]] = {}
    for steps in sorted(crossing, key=lambda steps: steps[0].start, reverse=True):
        kinds.setdefault((_words(steps[0]), frozenset(step.who for step in steps)), steps)
    return list(kinds.values())


def head(steps: list[Step]) -> str:
    """A story in one line: its id, when and how it began, who else took part."""
    first = steps[0]
    others = sorted({step.who for step in steps} - {first.who})
    when = datetime.fromtimestamp(first.start / 1e9, UTC)
    return f"{first.spot[0]}  {when:%m-%d %H:%M:%S}  {first.who}: {_words(first)}  → {', '.join(others)}"


def tell(roots: list[Step], trace: str) -> Iterator[str]:
    """The story in lines: what, who, how long (ms) and how long after the beginning."""
    steps = [step for root in roots for step in _all(root)]
    begun, over = min(step.start for step in steps), max(step.end for step in steps)
    who = {step.who for step in steps}
    when = datetime.fromtimestamp(begun / 1e9, UTC)
    size = f"{_ms(over - begun)}, {len(steps)} spans, {len(who)} processes"
    yield f"{trace}  {when:%Y-%m-%d %H:%M:%S} UTC  {size}"
    rows = [row for root in roots for row in _rows(root, "", "")]
    widest = max(len(text) for text, _ in rows)
    for text, step in rows:
        yield f"{text:<{widest}}  {_ms(step.end - step.start):>10}  +{_ms(step.start - begun)}"


def _rows(step: Step, first: str, rest: str) -> Iterator[tuple[str, Step]]:
    mark = ("~ " if step.by_link else "") + ("! " if step.failed else "")
    yield f"{first}{mark}{step.who}: {_words(step)}", step
    for place, child in enumerate(step.after, 1):
        last = place == len(step.after)
        yield from _rows(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))


def _words(step: Step) -> str:
    return " ".join([step.name, *(str(step.attributes[name]) for name in _NAMED if name in step.attributes)])


def _all(step: Step) -> Iterator[Step]:
    yield step
    for child in step.after:
        yield from _all(child)


def _ms(nanoseconds: int) -> str:
    return f"{nanoseconds / 1e6:,.1f} ms"


def _read(folder: Path, traces: set[str]) -> Iterator[Step]:
    """Spans of these traces and spans that link to them."""
    for line in _lines(folder, "traces-*.jsonl*"):
        if any(trace in line for trace in traces):
            for step in _steps(json.loads(line)):
                if not traces.isdisjoint({spot[0] for spot in (step.spot, *step.links)}):
                    yield step


def _lines(folder: Path, pattern: str) -> Iterator[str]:
    """The lines of these files; one cut off by a kill is passed over."""
    for file in sorted(folder.glob(pattern)):
        with file.open(encoding="utf-8") as lines:
            yield from (line for line in lines if line.endswith("\n"))


def _steps(batch: dict[str, Any]) -> Iterator[Step]:
    """The spans of one line of OTLP/JSON."""
    for of_resource in batch["resourceSpans"]:
        resource = _attributes(of_resource["resource"])
        who = f"{resource.get('service.name')} {resource.get('solidary.role', '')}".strip()
        for of_scope in of_resource["scopeSpans"]:
            for span in of_scope["spans"]:
                yield _step(span, who)


def _step(span: dict[str, Any], who: str) -> Step:
    trace = span["traceId"]
    return Step(
        spot=(trace, span["spanId"]),
        parent=(trace, span["parentSpanId"]) if span.get("parentSpanId") else None,
        links=[(link["traceId"], link["spanId"]) for link in span.get("links", ())],
        name=span["name"],
        who=who,
        start=int(span["startTimeUnixNano"]),
        end=int(span["endTimeUnixNano"]),
        attributes=_attributes(span),
        failed=span.get("status", {}).get("code") == 2,
    )


def _attributes(of: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values()), None) for each in of.get("attributes", ())}


@cli_errors
def trace(
    id: Annotated[
        str | None,
        typer.Argument(
            metavar="ID", help="A trace id, or a whole traceparent; without it, the newest stories."
        ),
    ] = None,
    dir: Annotated[Path | None, typer.Option(help="The folder with the files of telemetry.")] = None,
) -> None:
    """Print one story as a tree across services, or list the newest ones."""
    folder = dir or Path(os.environ.get("SOLIDARY_TELEMETRY_DIR", ".local/telemetry"))
    found = _TRACE.fullmatch(id.strip().lower()) if id is not None else None
    if id is not None and found is None:
        raise InvalidInput(f"{id!r} is not a trace id: 32 hexadecimal digits, as log lines say in `trace`")
    if not folder.is_dir():
        raise InvalidInput("no telemetry here; does the stack run with SOLIDARY_TELEMETRY_DIR?", file=folder)
    for line in _list(folder) if found is None else _tell_one(folder, found[1]):
        typer.echo(line)


def _list(folder: Path) -> Iterator[str]:
    stories = newest(folder)
    if not stories:
        raise InvalidInput("no story in which several processes took part yet", file=folder)
    yield "The newest story of each kind that crossed processes (UTC). One as a tree: make trace ID=…"
    yield from map(head, stories[:NEWEST])


def _tell_one(folder: Path, trace: str) -> Iterator[str]:
    roots = story(folder, trace)
    if not roots:
        raise InvalidInput(f"no span of {trace}: unknown, not sampled, or rotated away", file=folder)
    yield from tell(roots, trace)


if __name__ == "__main__":
    typer.run(trace)
