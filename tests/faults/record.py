"""The record of fault rounds and the code that each of them tested, from which an interrupted run resumes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from solidary.language.problems import count_of

from tests.faults.rounds import ROOT, RoundResult

CODE = ("uv.lock", "libs/common/src", "infra/stack/src", "tests/faults")
"""The files that a round tests. After a change of one of them, all rounds are run again."""


def code_digest(root: Path = ROOT) -> str:
    """Return a digest of the code, committed or not."""
    digest = sha256()
    for file in sorted(found for path in CODE for found in _files(root / path)):
        digest.update(f"{file.relative_to(root)}\0{sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    yield from (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


@dataclass(frozen=True)
class RoundRecord:
    """A file with one line for each round. Lines of other code are kept but not counted."""

    file: Path
    code: str

    def faultless(self) -> dict[int, int]:
        """Return the rounds that this code passed, as the number of events by the seed."""
        return {line["seed"]: line["events"] for line in self._lines() if line["fault"] is None}

    def faults(self) -> dict[int, str]:
        """Return the rounds that this code failed, as the fault by the seed.

        A round that failed once remains, even if it passed when it was run again.
        """
        return {line["seed"]: line["fault"] for line in self._lines() if line["fault"] is not None}

    def add(self, seed: int, result: RoundResult | None, fault: str | None) -> None:
        """Append a round with its result or its fault."""
        line = {"seed": seed, "code": self.code, "fault": fault, **(asdict(result) if result else {})}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _lines(self) -> Iterator[dict[str, Any]]:
        text = self.file.read_text() if self.file.exists() else ""
        for json_line in text.splitlines():
            line = json.loads(json_line)
            if line.get("code") == self.code:
                yield line


def run_missing_rounds(
    rounds: int, record: RoundRecord, run: Callable[[int], RoundResult], report: Callable[[str], None]
) -> bool:
    """Run the rounds that this code has not passed yet, up to the first fault. Return whether there was none.

    The seed of a round is its number.
    """
    for seed in range(1, rounds + 1):
        if seed in record.faultless():
            continue
        result, fault = None, None
        try:
            result = run(seed)
            fault = None if result.is_faultless else str(result)
        except Exception as error:  # with a lost event, a round does not end
            fault = f"{type(error).__name__}: {error}"
        record.add(seed, result, fault)
        report(f"Round {seed} of {rounds}: {fault or result}")
        if fault is not None:
            break
    for seed, fault in record.faults().items():
        report(f"Code {record.code} failed round {seed}: {fault}")
    if record.faults():
        return False
    passed = record.faultless()
    report(
        f"{count_of(len(passed), 'round')}, {sum(passed.values()):,} events, no fault (code {record.code})"
    )
    return True
