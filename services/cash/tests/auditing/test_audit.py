"""The command `python -m cash audit` on a real database."""

from __future__ import annotations

import json

import psycopg
import pytest
from cash.__main__ import app
from typer.testing import CliRunner, Result


def run(*arguments: str, environment: dict[str, str | None] | None = None) -> Result:
    return CliRunner().invoke(app, ["audit", *arguments], env=environment)


@pytest.fixture
async def released(world) -> str:
    """The path of a released plan with one payment."""
    programme = await world.programme(await world.budget_line())
    await world.household()
    return await world.released(programme)


@pytest.fixture
def changed(place):
    """A function that changes the database without its triggers, until the end of the test."""
    undo: list[str] = []

    def execute(statement: str) -> None:
        with psycopg.connect(place.admin, autocommit=True) as admin:
            admin.execute("SET session_replication_role = replica")
            admin.execute(statement)

    def change(statement: str, reversal: str) -> None:
        undo.append(reversal)
        execute(statement)

    yield change
    for reversal in undo:
        execute(reversal)


async def test_consistent_database_has_no_difference(released, place):
    result = run("--database", place.roles["backup"])
    assert (result.exit_code, result.stdout.endswith("checked: 0 differences\n")) == (0, True)
    as_json = run("--json", environment={"SOLIDARY_DATABASE_BACKUP": place.roles["backup"]})
    assert json.loads(as_json.stdout)["differences"] == []


async def test_changed_balance_is_reported(released, place, changed):
    change = "UPDATE data.account SET credits_posted = credits_posted {} 1 WHERE name = 'fund:available'"
    changed(change.format("+"), change.format("-"))
    result = run("--database", place.roles["backup"])
    assert result.exit_code == 1
    assert "Account fund:available of budget line" in result.stdout


async def test_changed_payment_of_a_released_plan_is_reported(released, place, changed):
    plan = released.rsplit("/", 1)[1]
    change = f"UPDATE data.payment SET amount = amount {{}} 1 WHERE root = '{plan}'"
    changed(change.format("+"), change.format("-"))
    result = run("--database", place.roles["backup"], "--json")
    assert result.exit_code == 1
    (difference,) = json.loads(result.stdout)["differences"]
    assert difference.startswith(f"Payment plan {plan}: its approvals are bound to the SHA-256")


async def test_changed_transfer_is_reported(released, place, changed):
    change = "UPDATE data.transfer SET amount = amount {} 1 WHERE kind = 'pending'"
    changed(change.format("+"), change.format("-"))
    assert run("--database", place.roles["backup"]).exit_code == 1


def test_database_is_required():
    result = run(environment={"SOLIDARY_DATABASE_BACKUP": None})
    assert result.exit_code == 2
    assert "SOLIDARY_DATABASE_BACKUP" in result.stderr


def test_unreachable_database_is_refused():
    assert run("--database", "postgresql://nobody@127.0.0.1:1/none").exit_code == 2


async def test_service_role_cannot_audit(released, place):
    assert run("--database", place.roles["app"]).exit_code == 2
