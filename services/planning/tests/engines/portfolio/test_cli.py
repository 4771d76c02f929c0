"""Tests of the command `python -m planning portfolio`."""

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
    outcome = json.loads(out)
    assert code == 0
    assert (outcome["selected"], outcome["score"], outcome["cost"]) == (["school", "market"], 17, 100)
    assert (outcome["proven"], outcome["gap"]) == (True, 0)


def test_an_infeasible_portfolio_exits_2_with_the_conflict(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, {**PLAN, "minima": [{"area": "south", "actions": 2}]}, "--json")
    outcome = json.loads(out)
    assert code == 2
    assert not outcome["feasible"]
    assert set(outcome["conflict"]) == {"at least 2 actions for area south", "market excludes road"}
    assert "No set of actions satisfies all of" in err
    assert "Possible changes: at least 2 actions for area south: at most 1 action can be chosen." in err


def changed(place: int, **values: object) -> dict[str, Any]:
    actions = [dict(action) for action in PLAN["actions"]]
    actions[place] |= values
    return {**PLAN, "actions": actions}


BROKEN = {
    "not JSON": ("{\n oops", "line 2, column 2", "The file is not JSON"),
    "two budgets": ('{"budget": 1, "budget": 2}', "line 1, column 1", "«budget» twice: at line 1, column 2"),
    "half a character": (changed(1, id="\ud83d"), "/actions/1/id", "lone surrogate"),
    "a list": ("[]", "", "must be an object"),
    "no budget": ({"actions": PLAN["actions"]}, "/budget", "must be a number"),
    "no actions": ({"budget": 1}, "/actions", "at least one"),
    "a cost as text": (changed(1, cost="expensive"), "/actions/1/cost", "must be a number"),
    "a negative cost": (changed(1, cost=-1), "/actions/1/cost", "negative"),
    "a number that would exhaust the memory": (
        json.dumps(PLAN).replace("60.5", "1e90"),
        "/actions/0/cost",
        "out of range",
    ),
    "an unknown action": (
        changed(2, requires=["bridge"]),
        "/actions/2/requires/0",
        "no other action with the id bridge",
    ),
    "an action that excludes itself": (
        changed(1, excludes=["road"]),
        "/actions/1/excludes/0",
        "no other action with the id road",
    ),
    "a second id": (changed(1, id="school"), "/actions/1/id", "belongs to another action"),
    "an unknown key": (changed(1, price=3), "/actions/1/price", "is unknown"),
    "an unknown key at the top": ({**PLAN, "Minima": []}, "/Minima", "is unknown"),
    "an action and a half": (
        {**PLAN, "minima": [{"area": "north", "actions": 1.5}]},
        "/minima/0/actions",
        "whole number",
    ),
    "an empty minimum": ({**PLAN, "minima": [{"area": "north"}]}, "/minima/0", "actions or money"),
}


@pytest.mark.parametrize(("plan", "place", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_reported_with_its_pointer(
    tmp_path: Path, plan: object, place: str, reason: str
) -> None:
    code, out, err = run(tmp_path, plan, "--json")
    assert (code, out) == (1, "")
    assert f"plan.json: {place}: " in err if place else "plan.json: The" in err
    assert reason in err


def test_a_file_that_is_nested_too_deeply_is_broken(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, '{"budget": ' + "[" * 100_000, "--json")
    assert (code, out) == (1, "")
    assert "The file is not JSON. The value is nested too deeply." in err
