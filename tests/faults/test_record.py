"""An interrupted run of fault rounds resumes where it stopped, and a fault is never forgotten."""

from __future__ import annotations

import pytest

from tests.faults.record import CODE, RoundRecord, code_digest, run_missing_rounds
from tests.faults.rounds import RoundResult

PASSED = RoundResult(events=5_000, lost=0, duplicated=0, out_of_order=0, commands_repeated=0, parked=0)
LOST = RoundResult(events=5_000, lost=1, duplicated=0, out_of_order=0, commands_repeated=0, parked=0)


@pytest.fixture
def seeds():
    """The seeds of the rounds that were run."""
    return []


@pytest.fixture
def rounds(seeds):
    """A function that returns a replacement of `run_round`, in which some rounds fail."""

    def with_results(**results):
        def run(seed: int) -> RoundResult:
            seeds.append(seed)
            result = results.get(f"round{seed}", PASSED)
            if isinstance(result, Exception):
                raise result
            return result

        return run

    return with_results


@pytest.fixture
def record(tmp_path):
    return RoundRecord(tmp_path / "faults.jsonl", "this code")


def test_run_resumes_with_the_missing_rounds(record, rounds, seeds):
    assert run_missing_rounds(2, record, rounds(), lambda _: None)
    printed: list[str] = []
    assert run_missing_rounds(4, record, rounds(), printed.append)
    assert seeds == [1, 2, 3, 4]
    assert printed[-1].startswith("4 rounds, 20,000 events, no fault")


@pytest.mark.parametrize("bad", [LOST, TimeoutError("the last event's effect did not come")])
def test_failed_round_is_never_counted_and_never_forgotten(record, rounds, seeds, bad):
    printed: list[str] = []
    assert not run_missing_rounds(3, record, rounds(round2=bad), printed.append)
    assert seeds == [1, 2]
    assert not run_missing_rounds(3, record, rounds(), printed.append), "the same code has failed that round"
    assert seeds == [1, 2, 2, 3]
    assert "no fault" not in " ".join(printed)
    assert any("failed round 2" in line for line in printed)


def test_rounds_of_other_code_are_not_counted(record, rounds, seeds):
    assert not run_missing_rounds(2, record, rounds(round1=LOST), lambda _: None)
    record.file.write_text(record.file.read_text() + '{"seed": 1, "events": 5000, "lost": 0}\n')
    assert run_missing_rounds(2, RoundRecord(record.file, "other code"), rounds(), lambda _: None)
    assert seeds == [1, 1, 2]


def test_every_change_of_the_tested_files_changes_the_digest(tmp_path):
    seen = set()
    for path in CODE:
        file = tmp_path / path / "part.py" if "." not in path else tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)
        seen.add(code_digest(tmp_path))
        file.write_text(f"{path}, changed")
        seen.add(code_digest(tmp_path))
    assert len(seen) == 2 * len(CODE)
    assert code_digest() == code_digest()
