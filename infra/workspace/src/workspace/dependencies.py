"""The check that each member of the workspace declares the packages that it imports, and no others (deptry)."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from workspace.checkout import ROOT

MODULES = {
    "solidary-client": "solidary_client",
    "solidary-stack": "stack",
    "solidary-testing": "solidary_testing",
    "protobuf": "google",
}
"""The packages of which deptry cannot derive the name of the module."""
FINDING = re.compile(r"^(\S+?):(?:(\d+):\d+:)? (DEP\d+) '([^']+)' ")
ADVICE = {
    "DEP001": "is imported, but not installed. Declare it in {file}.",
    "DEP002": "is declared, but not imported. Remove it from {file}.",
    "DEP003": "is imported, but declared by another package only. Declare it in {file}.",
    "DEP004": "is imported, but declared for development only. Declare it in {file}.",
    "DEP005": "belongs to Python itself. Remove it from {file}.",
}


def findings() -> Iterator[str]:
    """Yield a line for each package that a member imports without declaring it, or declares without importing it."""
    for file in sorted(ROOT.glob("*/*/pyproject.toml")):
        if (file.parent / "src").is_dir():
            yield from _findings_of(file.parent)


def _findings_of(member: Path) -> Iterator[str]:
    modules = ",".join(f"{package}={module}" for package, module in MODULES.items())
    command = [sys.executable, "-m", "deptry", "src", "--no-ansi", "--package-module-name-map", modules]
    done = subprocess.run(command, cwd=member, capture_output=True, text=True, check=False)
    reported = list(_lines(member.relative_to(ROOT), done.stderr))
    yield from reported
    if done.returncode and not reported:
        yield f"{member.relative_to(ROOT)}: deptry failed: {done.stderr.strip()}"


def _lines(member: Path, report: str) -> Iterator[str]:
    for line in report.splitlines():
        found = FINDING.match(line)
        if found:
            file, number, rule, package = found.groups()
            place = f"{member / file}:{number}" if number else str(member / file)
            advice = ADVICE[rule].format(file=member / "pyproject.toml")
            yield f"{place}: «{package}» {advice}"
