"""`python -m planning portfolio`, as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from planning.__main__ import app
from typer.testing import CliRunner

PLAN: dict[str, Any] = {
    "budget": 100,
    "actions": [
        {"id": "school", "cost": 60.5, "score": 9, "area": "north"},
        {"id": "road", "cost": 30, "score": 2, "area": "south"},
        {"id": "market", "cost": 39.5, "score": 8, "area": "south", "excludes": ["road"]},
    ],
    "minima": [{"area": "south", "actions": 1}],
}


def run(folder: Path, plan: object, *options: str) -> tuple[int, str, str]:
    path = folder / "plan.json"
    path.write_text(plan if isinstance(plan, str) else json.dumps(plan))
    result = CliRunner().invoke(app, ["portfolio", str(path), *options])
    return result.exit_code, result.stdout, result.stderr


def test_the_best_set_as_json(tmp_path: Path) -> None:
    code, out, _ = run(tmp_path, PLAN, "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["selected"], told["score"], told["cost"]) == (["school", "market"], 17, 100)
    assert (told["proven"], told["gap"]) == (True, 0)


def test_why_there_is_none(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, {**PLAN, "minima": [{"area": "south", "actions": 2}]}, "--json")
    told = json.loads(out)
    assert code == 2
    assert not told["feasible"]
    assert set(told["conflict"]) == {"at least 2 actions for area south", "market excludes road"}
    assert "no set of actions meets all of" in err


def changed(place: int, **values: object) -> dict[str, Any]:
    actions = [dict(action) for action in PLAN["actions"]]
    actions[place] |= values
    return {**PLAN, "actions": actions}


BROKEN = {
    "not JSON": ("{\n oops", "line 2", "is not JSON"),
    "a list": ("[]", "/", "must be an object"),
    "no budget": ({"actions": PLAN["actions"]}, "/budget", "must be a number"),
    "no actions": ({"budget": 1}, "/actions", "at least one"),
    "a cost in words": (changed(1, cost="dear"), "/actions/1/cost", "must be a number"),
    "a negative cost": (changed(1, cost=-1), "/actions/1/cost", "negative"),
    "a bomb": (json.dumps(PLAN).replace("60.5", "1e999999999"), "/actions/0/cost", "of any use"),
    "an unknown action": (changed(2, requires=["bridge"]), "/actions/2/requires/0", "no other action bridge"),
    "itself": (changed(1, excludes=["road"]), "/actions/1/excludes/0", "no other action road"),
    "a second id": (changed(1, id="school"), "/actions/1/id", "a second action"),
    "a word unknown": (changed(1, price=3), "/actions/1/price", "not known"),
    "a word unknown at the top": ({**PLAN, "Minima": []}, "/Minima", "not known"),
    "an action and a half": (
        {**PLAN, "minima": [{"area": "north", "actions": 1.5}]},
        "/minima/0/actions",
        "whole number",
    ),
    "an empty minimum": ({**PLAN, "minima": [{"area": "north"}]}, "/minima/0", "actions or money"),
}


@pytest.mark.parametrize(("plan", "place", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_told_by_pointer(tmp_path: Path, plan: object, place: str, reason: str) -> None:
    code, out, err = run(tmp_path, plan, "--json")
    assert (code, out) == (1, "")
    assert f": {place}: " in err
    assert reason in err


def test_a_file_nested_without_end_is_broken_too(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, '{"budget": ' + "[" * 100_000, "--json")
    assert (code, out) == (1, "")
    assert "plan.json: cannot be read as JSON" in err
