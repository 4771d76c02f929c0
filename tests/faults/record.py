"""What fault rounds were played, by which code; what an interrupted run goes on from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.faults.rounds import ROOT, Outcome

CODE = ("uv.lock", "libs/common/src", "infra/stack/src", "tests/faults")
"""What a round tries: another state of these files is other code, and its rounds start anew."""


def code_digest(root: Path = ROOT) -> str:
    """Tells one state of the code from another, also before it is committed."""
    digest = sha256()
    for file in sorted(found for place in CODE for found in _files(root / place)):
        digest.update(f"{file.relative_to(root)}\0{sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    yield from (file for file in place.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


@dataclass(frozen=True)
class Record:
    """One line a round in `file`. Lines of other code are kept, and not counted."""

    file: Path
    code: str

    def faultless(self) -> dict[int, int]:
        """Seed → events of the rounds that this code came through."""
        return {line["seed"]: line["events"] for line in self._lines() if line["fault"] is None}

    def faults(self) -> dict[int, str]:
        """Seed → what was wrong. A round that failed once stays, also where it came out well when played again."""
        return {line["seed"]: line["fault"] for line in self._lines() if line["fault"] is not None}

    def add(self, seed: int, outcome: Outcome | None, fault: str | None) -> None:
        line = {"seed": seed, "code": self.code, "fault": fault, **(asdict(outcome) if outcome else {})}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _lines(self) -> Iterator[dict[str, Any]]:
        text = self.file.read_text() if self.file.exists() else ""
        for written in text.splitlines():
            line = json.loads(written)
            if line.get("code") == self.code:
                yield line


def go_on(rounds: int, record: Record, play: Callable[[int], Outcome], say: Callable[[str], None]) -> bool:
    """Plays the rounds that this code has not come through yet, up to the first fault; whether there was none.

    Each round has its number as seed.
    """
    for seed in range(1, rounds + 1):
        if seed in record.faultless():
            continue
        outcome, fault = None, None
        try:
            outcome = play(seed)
            fault = None if outcome.faultless else str(outcome)
        except Exception as error:  # a lost event shows as a round that does not end
            fault = f"{type(error).__name__}: {error}"
        record.add(seed, outcome, fault)
        say(f"round {seed} of {rounds}: {fault or outcome}")
        if fault is not None:
            break
    for seed, fault in record.faults().items():
        say(f"code {record.code} failed round {seed}: {fault}")
    if record.faults():
        return False
    say(
        f"{len(record.faultless())} rounds, {sum(record.faultless().values()):,} events, no fault (code {record.code})"
    )
    return True
