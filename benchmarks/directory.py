"""The validation of a page of 50 MB against HSDS 3.1, beside jsonschema with Open Referral's own schema."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from benchmarks import BenchmarkResult, Claim
from benchmarks._commands import measure_command

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SOLIDARY_SHARED", ROOT.parent / "shared")) / "data" / "hsds-3.1"
PAGE, PEERS_PAGE = 50_000_000, 2_000_000
"""Sizes in bytes. The peer would take minutes for the whole page; its rate does not depend on the size."""


def measure() -> BenchmarkResult:
    """Measure the seconds and the memory of the command, and the rate of the peer."""
    if not SHARED.is_dir():
        return BenchmarkResult([], notes=f"There are no shared data at {SHARED}.")
    with tempfile.TemporaryDirectory() as folder:
        page = _page(Path(folder) / "page.json", PAGE)
        seconds, mebibytes = measure_command("referrals", "directory", "validate", page)
        short = _page(Path(folder) / "short.json", PEERS_PAGE)
        peers_seconds = _peer(short)
        rows = [
            _row("our command", page, seconds, mebibytes),
            _row("jsonschema", short, peers_seconds),
        ]
        ratio = (page.stat().st_size / seconds) / (short.stat().st_size / peers_seconds)
    claims = [
        Claim("times the rate of jsonschema", ratio, 20),
        Claim("peak memory in MiB, for 50 MB", mebibytes, 250, at_least=False),
    ]
    return BenchmarkResult(rows, claims)


def _row(contender: str, file: Path, seconds: float, mebibytes: float | str = "") -> dict[str, object]:
    size = file.stat().st_size / 1e6
    return {
        "contender": contender,
        "MB": size,
        "seconds": seconds,
        "MB/s": size / seconds,
        "peak MiB": mebibytes,
    }


def _page(path: Path, size: int) -> Path:
    service = json.dumps(json.loads((SHARED / "examples" / "service_full.json").read_text()))
    count = size // len(service)
    path.write_text(f'{{"total_items": {count}, "contents": [{",".join([service] * count)}]}}')
    return path


def _peer(path: Path) -> float:
    def retrieve(uri: str) -> Resource[Any]:
        return DRAFT202012.create_resource(json.loads((SHARED / "schema" / uri).read_text()))

    validator = Draft202012Validator(
        {"properties": {"contents": {"items": {"$ref": "service.json"}}}},
        registry=Registry(retrieve=retrieve),  # type: ignore[call-arg]
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    start = time.perf_counter()
    assert validator.is_valid(json.loads(path.read_text()))
    return time.perf_counter() - start
