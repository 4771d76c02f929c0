"""`make demo` ends with 0, or says which step failed and how; never with a traceback."""

from __future__ import annotations

import sys

import pytest
from demonstration import __main__ as program
from demonstration import telling


@pytest.fixture
def play(told, stack, monkeypatch, capsys):
    """The command on the running platform; its exit code and what it says."""

    def command(*options: str) -> tuple[object, str]:
        monkeypatch.setenv("SOLIDARY_STATE", str(stack.folder))
        monkeypatch.setattr(sys, "argv", ["demonstration", "play", *options])
        with pytest.raises(SystemExit) as ended:
            program.main()
        return ended.value.code, capsys.readouterr().err

    return command


def test_a_service_that_does_not_answer_ends_the_story_at_its_step(told, play, monkeypatch):
    nowhere = told.run.services | {"referrals": "http://127.0.0.1:9"}

    async def without_referrals(run, city):
        return await telling.tell(run.model_copy(update={"services": nowhere}), city)

    monkeypatch.setattr(program, "tell", without_referrals)
    code, said = play()
    assert code == 1
    assert "error: 2. They are referred, and the loop is closed, step " in said
    assert "referrals/directory/services: no answer" in said
    assert "Traceback" not in said


def test_a_step_that_comes_out_otherwise_is_named_with_who_did_it(told, play, monkeypatch):
    users = told.run.users | {"unhcr.front_desk": told.run.users["chorrera.provider"]}

    async def with_the_wrong_person(run, city):
        return await telling.tell(run.model_copy(update={"users": users}), city)

    monkeypatch.setattr(program, "tell", with_the_wrong_person)
    code, said = play()
    assert code == 1
    assert "error: 1. A family arrives" in said
    assert "POST intake/people/search answered 403" in said


@pytest.mark.parametrize("written", [None, "no json", "[]", '{"features": [{"properties": {}}]}'])
def test_a_folder_without_a_city_is_said_before_anything_is_told(told, play, tmp_path, written):
    if written is not None:
        for name in ("cells.geojson", "corregimientos.geojson"):
            (tmp_path / name).write_text(written)
    code, said = play("--city", str(tmp_path))
    assert code == 1
    assert f"error: {tmp_path} holds no city" in said
