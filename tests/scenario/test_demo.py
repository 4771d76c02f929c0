"""`make demo` ends with status 0, or with an error that names the failed step, and never with a traceback."""

from __future__ import annotations

import sys

import pytest
from demonstration import __main__ as program
from demonstration.play import play_scenario


@pytest.fixture
def play(scenario_run, stack, monkeypatch, capsys):
    """A function that runs the command on the running platform and returns its exit status and its error."""

    def command(*options: str) -> tuple[object, str]:
        monkeypatch.setenv("SOLIDARY_STATE", str(stack.folder))
        monkeypatch.setattr(sys, "argv", ["demonstration", "play", *options])
        with pytest.raises(SystemExit) as ended:
            program.main()
        return ended.value.code, capsys.readouterr().err

    return command


def test_service_that_does_not_answer_ends_the_scenario_at_its_step(scenario_run, play, monkeypatch):
    apis = scenario_run.run.apis | {"referrals": "http://127.0.0.1:9"}

    async def without_referrals(run, city):
        return await play_scenario(run.model_copy(update={"apis": apis}), city)

    monkeypatch.setattr(program, "play_scenario", without_referrals)
    status, error = play()
    assert status == 1
    assert "error: 2. The family is referred to services, step " in error
    assert "referrals/directory/services by " in error
    assert "had no answer" in error
    assert "Traceback" not in error


def test_step_with_an_unexpected_result_is_named_with_its_user(scenario_run, play, monkeypatch):
    users = scenario_run.run.users
    users = users | {"unhcr.front_desk": users["chorrera.provider"]}

    async def with_the_wrong_user(run, city):
        return await play_scenario(run.model_copy(update={"users": users}), city)

    monkeypatch.setattr(program, "play_scenario", with_the_wrong_user)
    status, error = play()
    assert status == 1
    assert "error: 1. A family arrives" in error
    assert "POST intake/people/search by " in error
    assert "was answered with 403" in error


@pytest.mark.parametrize("written", [None, "no json", "[]", '{"features": [{"properties": {}}]}'])
def test_folder_without_a_city_is_refused_before_the_first_step(scenario_run, play, tmp_path, written):
    if written is not None:
        for name in ("cells.geojson", "corregimientos.geojson"):
            (tmp_path / name).write_text(written)
    status, error = play("--city", str(tmp_path))
    assert status == 1
    assert f"error: {tmp_path} has no city" in error
