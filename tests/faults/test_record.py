"""An interrupted run of fault rounds goes on where it was, and never past a fault."""

from __future__ import annotations

import pytest

from tests.faults.record import CODE, Record, code_digest, go_on
from tests.faults.rounds import Outcome

WELL = Outcome(events=5_000, lost=0, doubled=0, disordered=0, commands_doubled=0, parked=0)
LOST = Outcome(events=5_000, lost=1, doubled=0, disordered=0, commands_doubled=0, parked=0)


@pytest.fixture
def played():
    return []


@pytest.fixture
def playing(played):
    """Plays rounds of which some come out badly."""

    def play(**bad):
        def one(seed: int) -> Outcome:
            played.append(seed)
            outcome = bad.get(f"round{seed}", WELL)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return one

    return play


@pytest.fixture
def record(tmp_path):
    return Record(tmp_path / "faults.jsonl", "this code")


def test_a_run_goes_on_with_the_rounds_that_are_missing(record, playing, played):
    assert go_on(2, record, playing(), lambda _: None)
    said: list[str] = []
    assert go_on(4, record, playing(), said.append)
    assert played == [1, 2, 3, 4]
    assert said[-1].startswith("4 rounds, 20,000 events, no fault")


@pytest.mark.parametrize("bad", [LOST, TimeoutError("the last event's effect did not come")])
def test_a_failed_round_is_never_counted_and_never_forgotten(record, playing, played, bad):
    said: list[str] = []
    assert not go_on(3, record, playing(round2=bad), said.append)
    assert played == [1, 2]
    assert not go_on(3, record, playing(), said.append), "the same code has failed that round"
    assert played == [1, 2, 2, 3]
    assert "no fault" not in " ".join(said)
    assert any("failed round 2" in line for line in said)


def test_rounds_of_other_code_are_not_counted(record, playing, played):
    assert not go_on(2, record, playing(round1=LOST), lambda _: None)
    record.file.write_text(record.file.read_text() + '{"seed": 1, "events": 5000, "lost": 0}\n')
    assert go_on(2, Record(record.file, "mended code"), playing(), lambda _: None)
    assert played == [1, 1, 2]


def test_any_change_of_what_is_tried_is_other_code(tmp_path):
    seen = set()
    for place in CODE:
        file = tmp_path / place / "part.py" if "." not in place else tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(place)
        seen.add(code_digest(tmp_path))
        file.write_text(f"{place}, changed")
        seen.add(code_digest(tmp_path))
    assert len(seen) == 2 * len(CODE)
    assert code_digest() == code_digest()
