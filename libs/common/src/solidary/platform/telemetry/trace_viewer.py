"""The command `make trace`: a trace as a tree across services and processes, read from telemetry files.

`make trace ID=…` shows one trace; without an id the newest traces are listed.

A span is shown under its parent. A span of another trace that *links* to one of the shown trace (the relay's batch, a
consumer's transaction) is shown under that one, marked `~`, with its own children.
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

_TRACE_ID = re.compile(r"(?:00-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?")
_SHOWN_ATTRIBUTES = (
    "http.response.status_code",
    "cloudevents.event_type",
    "messaging.batch.message_count",
    "error.type",
)
"""The attributes that are shown after a span's name."""

NEWEST = 20
"""The number of traces that are listed."""

SpanReference = tuple[str, str]
"""A trace id and a span id, both in hex."""


@dataclass
class SpanNode:
    """One span in the tree; times in nanoseconds since 1970."""

    reference: SpanReference
    parent: SpanReference | None
    links: list[SpanReference]
    name: str
    process: str
    start: int
    end: int
    attributes: dict[str, Any]
    failed: bool
    is_linked: bool = False
    children: list[SpanNode] = field(default_factory=list)


def load_trace(folder: Path, trace: str) -> list[SpanNode]:
    """Return the roots of a trace with their descendants; empty where no file has the trace."""
    nodes = {node.reference: node for node in _read(folder, {trace})}
    linking = {reference[0] for reference in nodes} - {trace}
    if linking:
        nodes |= {node.reference: node for node in _read(folder, linking)}
    roots = []
    for node in sorted(nodes.values(), key=lambda node: node.start):
        targets = [nodes[link] for link in node.links if link in nodes and link[0] == trace]
        if node.parent in nodes:
            nodes[node.parent].children.append(node)
        elif node.reference[0] == trace:
            roots.append(node)
        elif targets:
            node.is_linked = True
            targets[0].children.append(node)
    return roots


def newest_traces(folder: Path) -> list[list[SpanNode]]:
    """Return the spans of traces with several processes: the newest of each kind, the newest first."""
    by_trace: dict[str, list[SpanNode]] = {}
    for line in _lines(folder, "traces-*.jsonl"):
        for node in _nodes(json.loads(line)):
            by_trace.setdefault(node.reference[0], []).append(node)
    crossing = [
        sorted(nodes, key=lambda node: node.start)
        for nodes in by_trace.values()
        if len({node.process for node in nodes}) > 1
    ]
    kinds: dict[tuple[str, frozenset[str]], list[SpanNode]] = {}
    for nodes in sorted(crossing, key=lambda nodes: nodes[0].start, reverse=True):
        kinds.setdefault((_label(nodes[0]), frozenset(node.process for node in nodes)), nodes)
    return list(kinds.values())


def summary_line(nodes: list[SpanNode]) -> str:
    """Return a trace in one line: its id, its time, its first span, and the other processes."""
    first = nodes[0]
    others = sorted({node.process for node in nodes} - {first.process})
    time = datetime.fromtimestamp(first.start / 1e9, UTC)
    return f"{first.reference[0]}  {time:%m-%d %H:%M:%S}  {first.process}: {_label(first)}  → {', '.join(others)}"


def tree_lines(roots: list[SpanNode], trace: str) -> Iterator[str]:
    """Yield a trace as lines: process, name, duration (ms) and time since the trace's start."""
    nodes = [node for root in roots for node in _descendants(root)]
    start, end = min(node.start for node in nodes), max(node.end for node in nodes)
    processes = {node.process for node in nodes}
    time = datetime.fromtimestamp(start / 1e9, UTC)
    size = f"{_milliseconds(end - start)}, {len(nodes)} spans, {len(processes)} processes"
    yield f"{trace}  {time:%Y-%m-%d %H:%M:%S} UTC  {size}"
    rows = [row for root in roots for row in _rows(root, "", "")]
    width = max(len(text) for text, _ in rows)
    for text, node in rows:
        yield f"{text:<{width}}  {_milliseconds(node.end - node.start):>10}  +{_milliseconds(node.start - start)}"


def _rows(node: SpanNode, first: str, rest: str) -> Iterator[tuple[str, SpanNode]]:
    mark = ("~ " if node.is_linked else "") + ("! " if node.failed else "")
    yield f"{first}{mark}{node.process}: {_label(node)}", node
    for number, child in enumerate(node.children, 1):
        is_last = number == len(node.children)
        yield from _rows(child, rest + ("└─ " if is_last else "├─ "), rest + ("   " if is_last else "│  "))


def _label(node: SpanNode) -> str:
    shown = (str(node.attributes[name]) for name in _SHOWN_ATTRIBUTES if name in node.attributes)
    return " ".join([node.name, *shown])


def _descendants(node: SpanNode) -> Iterator[SpanNode]:
    yield node
    for child in node.children:
        yield from _descendants(child)


def _milliseconds(nanoseconds: int) -> str:
    return f"{nanoseconds / 1e6:,.1f} ms"


def _read(folder: Path, traces: set[str]) -> Iterator[SpanNode]:
    """Yield the spans of these traces and the spans that link to them."""
    for line in _lines(folder, "traces-*.jsonl*"):
        if any(trace in line for trace in traces):
            for node in _nodes(json.loads(line)):
                if not traces.isdisjoint({reference[0] for reference in (node.reference, *node.links)}):
                    yield node


def _lines(folder: Path, pattern: str) -> Iterator[str]:
    """Yield the lines of these files; a line that a killed process left incomplete is skipped."""
    for file in sorted(folder.glob(pattern)):
        with file.open(encoding="utf-8") as lines:
            yield from (line for line in lines if line.endswith("\n"))


def _nodes(batch: dict[str, Any]) -> Iterator[SpanNode]:
    """Yield the spans of one line of OTLP/JSON."""
    for resource_spans in batch["resourceSpans"]:
        resource = _attributes(resource_spans["resource"])
        process = f"{resource.get('service.name')} {resource.get('solidary.role', '')}".strip()
        for scope_spans in resource_spans["scopeSpans"]:
            for span in scope_spans["spans"]:
                yield _node(span, process)


def _node(span: dict[str, Any], process: str) -> SpanNode:
    trace = span["traceId"]
    return SpanNode(
        reference=(trace, span["spanId"]),
        parent=(trace, span["parentSpanId"]) if span.get("parentSpanId") else None,
        links=[(link["traceId"], link["spanId"]) for link in span.get("links", ())],
        name=span["name"],
        process=process,
        start=int(span["startTimeUnixNano"]),
        end=int(span["endTimeUnixNano"]),
        attributes=_attributes(span),
        failed=span.get("status", {}).get("code") == 2,
    )


def _attributes(holder: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values()), None) for each in holder.get("attributes", ())}


@cli_errors
def show_trace(
    id: Annotated[
        str | None,
        typer.Argument(
            metavar="ID", help="A trace id or a whole traceparent; without it, the newest traces are listed."
        ),
    ] = None,
    dir: Annotated[Path | None, typer.Option(help="The folder with the telemetry files.")] = None,
) -> None:
    """Print one trace as a tree across services, or list the newest ones."""
    folder = dir or Path(os.environ.get("SOLIDARY_TELEMETRY_DIR", ".local/telemetry"))
    found = _TRACE_ID.fullmatch(id.strip().lower()) if id is not None else None
    if id is not None and found is None:
        raise InvalidInput(
            f"{id!r} is not a trace id: it has 32 hexadecimal digits, like `trace` in a log line."
        )
    if not folder.is_dir():
        raise InvalidInput(
            "There is no telemetry in this folder. Start the services with SOLIDARY_TELEMETRY_DIR.",
            file=folder,
        )
    for line in _list_lines(folder) if found is None else _trace_lines(folder, found[1]):
        typer.echo(line)


def _list_lines(folder: Path) -> Iterator[str]:
    traces = newest_traces(folder)
    if not traces:
        raise InvalidInput("There is no trace with several processes yet.", file=folder)
    yield "The newest trace of each kind with several processes (UTC). To show one as a tree: make trace ID=…"
    yield from map(summary_line, traces[:NEWEST])


def _trace_lines(folder: Path, trace: str) -> Iterator[str]:
    roots = load_trace(folder, trace)
    if not roots:
        raise InvalidInput(
            f"There is no span of {trace}: it is unknown, was not sampled, or its file was deleted.",
            file=folder,
        )
    yield from tree_lines(roots, trace)


if __name__ == "__main__":
    typer.run(show_trace)
