"""`python -m benchmarks [NAME]`: run one benchmark, or all."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import platform
import sys
from dataclasses import asdict
from pathlib import Path

import benchmarks
from benchmarks import BenchmarkResult

RESULTS = Path(__file__).parent / "results"


def table(rows: list[dict[str, object]]) -> str:
    """Return rows as aligned text."""
    heads = list(rows[0]) if rows else []
    cells = [heads, *([_text(row[head]) for head in heads] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )


def _text(value: object) -> str:
    return f"{value:,.3f}" if isinstance(value, float) else str(value)


def report(name: str, result: BenchmarkResult) -> bool:
    """Print a result and write its file. Return whether every claim held."""
    print(f"\n== {name}\n{table(result.rows)}")
    for claim in result.claims:
        sign = "≥" if claim.at_least else "≤"
        verdict = "held" if claim.is_held else "MISSED"
        print(f"{verdict}: {claim.statement}: {claim.measured:,.3f} ({sign} {claim.bound:,})")
    if result.notes:
        print(result.notes)
    RESULTS.mkdir(exist_ok=True)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    content = {"machine": machine, **asdict(result)}
    (RESULTS / f"{name}.json").write_text(
        json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n"
    )
    return all(claim.is_held for claim in result.claims)


def main() -> int:
    """Run the named benchmarks, or all. Return the exit status."""
    known = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name[0] != "_")
    names = sys.argv[1:] or known
    for name in names:
        if name not in known:
            print(f"There is no benchmark {name!r}. Choose from {', '.join(known)}.", file=sys.stderr)
            return 2
    held = [report(name, importlib.import_module(f"benchmarks.{name}").measure()) for name in names]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
