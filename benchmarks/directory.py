"""A page of 50 MB checked against HSDS 3.1, beside jsonschema with Open Referral's own schema."""

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

from benchmarks import Claim, Outcome
from benchmarks._commands import run

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SOLIDARY_SHARED", ROOT.parent / "shared")) / "data" / "hsds-3.1"
PAGE, PEERS_PAGE = 50_000_000, 2_000_000
"""Bytes. The peer takes minutes for the whole page; its rate does not depend on the length."""


def measure() -> Outcome:
    if not SHARED.is_dir():
        return Outcome([], notes=f"no shared data at {SHARED}")
    with tempfile.TemporaryDirectory() as folder:
        page = _page(Path(folder) / "page.json", PAGE)
        seconds, megabytes = run("referrals", "directory", "validate", page)
        short = _page(Path(folder) / "short.json", PEERS_PAGE)
        peers_seconds = _peer(short)
        rows = [
            _row("ours, the command", page, seconds, megabytes),
            _row("jsonschema", short, peers_seconds),
        ]
        ratio = (page.stat().st_size / seconds) / (short.stat().st_size / peers_seconds)
    claims = [
        Claim("times the rate of jsonschema", ratio, 20),
        Claim("megabytes at the peak, for 50 MB", megabytes, 250, at_least=False),
    ]
    return Outcome(rows, claims)


def _row(who: str, file: Path, seconds: float, megabytes: float | str = "") -> dict[str, object]:
    size = file.stat().st_size / 1e6
    return {"who": who, "MB": size, "seconds": seconds, "MB/s": size / seconds, "peak MB": megabytes}


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
    begun = time.perf_counter()
    assert validator.is_valid(json.loads(path.read_text()))
    return time.perf_counter() - begun
