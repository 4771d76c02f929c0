"""The commands of the pages on extending the platform, run in a copy of the checkout beside the running scenario."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql
from solidary_testing import eventually
from stack import Stack, read_run
from stack.checkout import state_folder
from stack.provision.kafka import delete_topics
from stack.services import DATABASE_ROLES

PAGES = Path("docs/extending")
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""The commands on a page that this test runs; other fenced blocks are examples."""
LEFT_OUT = (".git", ".venv", ".local", "__pycache__", "*.egg-info", ".hypothesis", "*_cache")
GENERATED = (
    "uv.lock",
    "docker-compose.yml",
    "compose.production.yml",
    "infra/helm/solidary/services.yaml",
    "contracts",
    "docs/reference",
)


def commands(page: str) -> list[str]:
    """Return the commands of a page, one line each."""
    blocks = SHELL.findall((PAGES / f"{page}.md").read_text(encoding="utf-8"))
    return [line for block in blocks for line in block.splitlines()]


@pytest.fixture(scope="module")
def checkout(root: Path, stack: Stack) -> Iterator[Path]:
    """A copy of the checkout; what its service leaves on the servers is removed at the end."""
    copy = state_folder() / "extending"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    shutil.copytree(root / ".local/uv", copy / ".local/uv", symlinks=True)
    with suppress(FileNotFoundError):
        shutil.copytree(root / ".mypy_cache", copy / ".mypy_cache")
    yield copy
    stack.processes.end("shelters", by=signal.SIGTERM, grace=15)
    _remove_from_servers(stack, "shelters")
    shutil.rmtree(copy)


def _remove_from_servers(stack: Stack, service: str) -> None:
    run = read_run(stack.folder)
    admin = stack.kafka.admin()
    prefix = f"{run.country.lower()}.{service}."
    delete_topics(admin, [name for name in admin.list_topics(timeout=30).topics if name.startswith(prefix)])
    with psycopg.connect(run.postgres.admin, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(service)))
        for role in DATABASE_ROLES:
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(f"{service}_{role}")))


@pytest.fixture(scope="module")
def run_command(checkout: Path, stack: Stack):
    """Run a command of a page as a developer does, on the servers of this test run."""
    passed = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_CURRENT", "MAKE"))
    }

    def run_command(command: str) -> None:
        # A test run of the copy has its servers where this one has them.
        state = state_folder() if command.startswith("make test") else stack.folder
        variables = passed | {"SOLIDARY_STATE": str(state), "SOLIDARY_KEEP_STACK": "1"}
        done = subprocess.run(
            command, shell=True, cwd=checkout, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"

    return run_command


async def test_your_first_service_runs_beside_the_others_and_can_be_removed(
    scenario_run, checkout, run_command, stack, root, tokens
):
    *made, removed, regenerated = commands("your-first-service")
    for command in made:
        run_command(command)
    services = read_run(stack.folder).services
    planner = tokens.demonstration("chorrera.planner", services=("planning", "shelters"))

    async def listed(service: str, path: str) -> list[dict[str, str]]:
        async with httpx.AsyncClient(base_url=services[service], headers=planner) as client:
            return (await client.get(path)).json()["items"]

    async def opened() -> list[dict[str, str]]:
        return await listed("shelters", "/items")

    items = await eventually(opened, what="an item for the validated plan of the scenario")
    # Other tests of the same run may have played the scenario again, each with a plan of its own.
    plans = [item["plan_id"] for item in items]
    assert len(plans) == len(set(plans))
    assert set(plans) <= {plan["id"] for plan in await listed("planning", "/plans")}
    assert {item["state"] for item in items} == {"open"}
    run_command(removed)
    run_command(regenerated)
    differences = [
        str(file.relative_to(checkout))
        for name in GENERATED
        for file in ([checkout / name] if (checkout / name).is_file() else (checkout / name).rglob("*"))
        if file.is_file() and file.read_bytes() != (root / file.relative_to(checkout)).read_bytes()
    ]
    assert differences == []


@pytest.mark.parametrize("page", ["add-a-concept", "add-an-event", "add-a-country", "add-a-page"])
def test_commands_of_the_short_pages_work(run_command, page):
    for command in commands(page):
        run_command(command)
