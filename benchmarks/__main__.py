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
from benchmarks import Outcome

RESULTS = Path(__file__).parent / "results"


def table(rows: list[dict[str, object]]) -> str:
    """The rows as aligned text."""
    heads = list(rows[0]) if rows else []
    cells = [heads, *([_text(row[head]) for head in heads] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )


def _text(value: object) -> str:
    return f"{value:,.3f}" if isinstance(value, float) else str(value)


def report(name: str, outcome: Outcome) -> bool:
    """Prints the table, writes the result file; true when every claim held."""
    print(f"\n== {name}\n{table(outcome.rows)}")
    for claim in outcome.claims:
        sign = "≥" if claim.at_least else "≤"
        verdict = "held" if claim.held else "MISSED"
        print(f"{verdict}: {claim.what}: {claim.measured:,.3f} ({sign} {claim.bound:,})")
    if outcome.notes:
        print(outcome.notes)
    RESULTS.mkdir(exist_ok=True)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    result = {"machine": machine, **asdict(outcome)}
    (RESULTS / f"{name}.json").write_text(
        json.dumps(result, indent=2, ensure_ascii=False, default=str) + "\n"
    )
    return all(claim.held for claim in outcome.claims)


def main() -> int:
    known = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name[0] != "_")
    names = sys.argv[1:] or known
    for name in names:
        if name not in known:
            print(f"no benchmark {name!r}; there are: {', '.join(known)}", file=sys.stderr)
            return 2
    held = [report(name, importlib.import_module(f"benchmarks.{name}").measure()) for name in names]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
