"""The platform after the scenario was played, once per test run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from demonstration import __main__ as program
from demonstration.play import play_scenario
from demonstration.scenario import Scenario
from operations.backup.create import ERASURES, Backup, create_backup, export_erasures
from operations.backup.keys import create_keys, keys_file, read_opening_key
from operations.backup.restore import Source, open_backup
from solidary.platform.identity import Duty
from solidary.platform.identity.duties import MONEY_DUTIES
from solidary.platform.registry import service_names
from solidary_testing.tokens import Tokens
from stack import Stack
from stack.agencies import AGENCIES
from stack.platform import Platform, Servers
from stack.run_file import Run
from stack.secret_file import read_secrets

from tests.isolation.ids import Row, rows_of
from tests.isolation.operations import Operation

RATE_LIMIT = "100000/minute"
"""The rate of one caller: a few people call every route with many bodies here; the limit has tests of its own."""
METRIC_INTERVAL = "2000"
"""The milliseconds between two exports of metrics, for tests that wait for them."""


@dataclass(frozen=True)
class ScenarioRun:
    """A running platform on which the scenario was played, with the lines that it printed."""

    run: Run
    platform: Platform
    lines: list[str]
    scenario: Scenario


@pytest.fixture(scope="session")
def scenario_run(servers: Servers) -> Iterator[ScenarioRun]:
    """All services as processes on the test run's servers, with the scenario of `make demo` played once."""
    Platform(servers).down()
    for file in (servers.folder / "telemetry").glob("*.jsonl*"):
        file.unlink()
    settings = {
        "SOLIDARY_RATE_LIMIT": RATE_LIMIT,
        "SOLIDARY_FORM_LIMIT": RATE_LIMIT,
        "OTEL_METRIC_EXPORT_INTERVAL": METRIC_INTERVAL,
    }
    platform = Platform(servers, settings)
    lines: list[str] = []
    try:
        platform.up()
        scenario = asyncio.run(play_scenario(platform.run, None, output=lines.append))
        yield ScenarioRun(platform.run, platform, lines, scenario)
    finally:
        platform.down()


@pytest.fixture(scope="session")
def second_run(scenario_run: ScenarioRun, stack: Stack, request: pytest.FixtureRequest) -> ScenarioRun:
    """The scenario played again by `make demo` on the same platform, with the real city if its data are present."""
    scenarios: list[Scenario] = []

    async def play_and_remember(run: Run, city: Path | None) -> Scenario:
        scenarios.append(await play_scenario(run, city))
        return scenarios[-1]

    try:
        city = ["--city", str(request.getfixturevalue("shared") / "panama-un-habitat")]
    except pytest.skip.Exception:
        city = []
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as printed:
        patch.setenv("SOLIDARY_STATE", str(stack.folder))
        patch.setattr(program, "play_scenario", play_and_remember)
        patch.setattr(sys, "argv", ["demonstration", "play", *city])
        with pytest.raises(SystemExit) as ended:
            program.main()
    assert ended.value.code == 0, printed.getvalue()
    return ScenarioRun(scenario_run.run, scenario_run.platform, printed.getvalue().splitlines(), scenarios[0])


@pytest.fixture(scope="module")
def stored_rows(scenario_run: ScenarioRun) -> dict[str, list[Row]]:
    """The rows that the scenario has left in each agency table, by `service.table`."""
    return dict(chain.from_iterable(rows_of(scenario_run.run, name).items() for name in service_names()))


@pytest.fixture(scope="module")
def agency_headers(tokens) -> dict[UUID, dict[str, str]]:
    """For each agency the headers of a user who has every duty there and states why they need to know."""
    reason = {"Solidary-Reason": "supervision"}
    return {tokens.agency(agency.alias): tokens.of(agency.alias, *Duty) | reason for agency in AGENCIES}


@pytest.fixture(scope="module")
def headers_for(tokens, agency_headers) -> Callable[[Operation, UUID], dict[str, str]]:
    """A function that returns headers for calling an operation on behalf of an agency.

    The caller is a user with every duty, or the service that may call the operation, in a user's name where it must. A
    person holds one duty only where it moves money, because it may not be held with others.
    """
    aliases = {tokens.agency(agency.alias): agency.alias for agency in AGENCIES}

    def headers(operation: Operation, agency: UUID) -> dict[str, str]:
        declaration = operation.declaration
        if declaration.reach == "service":
            service = sorted(declaration.services)[0]
            if not declaration.duties:
                return tokens.service(service, acting_for=agency)
            human = tokens.of(aliases[agency], sorted(declaration.duties)[0])
            return tokens.carried(human, by=service, to=operation.service)
        money = sorted(declaration.duties & MONEY_DUTIES)
        if money and operation.method != "GET":
            return tokens.of(aliases[agency], money[0])
        return agency_headers[agency]

    return headers


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return Path(__file__).parents[1]


@dataclass(frozen=True)
class BackedUp:
    """A backup of the running scenario, with two people of it: one who was erased after it, and one who stays."""

    target: Path
    identity: Path
    backup: Backup
    erased: str
    kept: str
    names: tuple[str, str]
    """The names of both people, in that order."""

    @property
    def rows(self) -> Path:
        """The part with the rows."""
        return self.backup.folders["rows"]

    @property
    def source(self) -> Source:
        """The backup, verified and opened."""
        erasures = self.target / ERASURES
        return open_backup(self.rows, self.backup.folders["keys"], erasures, read_opening_key(self.identity))


@pytest.fixture(scope="session")
def backed_up(
    scenario_run: ScenarioRun, stack: Stack, tokens: Tokens, tmp_path_factory: pytest.TempPathFactory
) -> BackedUp:
    """The backup of the running scenario, with its secrets; a person was erased after it."""
    folder = tmp_path_factory.mktemp("backup")
    target, identity = folder / "backups", folder / "identity.txt"
    keys_file(stack.folder).unlink(missing_ok=True)
    create_keys(stack.folder, identity)
    names = ("Tlalnepantla", "Ixtapaluca")
    desk, officer = (tokens.of("unhcr", duty) for duty in (Duty.FRONT_DESK, Duty.DATA_PROTECTION_OFFICER))
    with httpx.Client(base_url=scenario_run.run.services["intake"], timeout=30) as intake:
        erased, kept = (_register(intake, desk, name) for name in names)
        secrets = read_secrets(stack.folder / "secrets.json")
        backup = create_backup(scenario_run.run, secrets, target, with_secrets=True)
        answer = intake.post(f"/people/{erased}/erasure", json={"reason": "requested"}, headers=officer)
        assert answer.status_code == 201, answer.text
    export_erasures(scenario_run.run, target / ERASURES)
    return BackedUp(target, identity, backup, erased, kept, names)


def _register(intake: httpx.Client, desk: dict[str, str], name: str) -> str:
    member = {
        "given_name": name,
        "surname": "Recuperable",
        "relation": "head",
        "sex": "female",
        "population_group": "migrant",
        "born": "1984-07-21",
    }
    body = {"household": {"area": "PA110403"}, "members": [member]}
    answer = intake.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    assert answer.status_code == 201, answer.text
    person: str = answer.json()["members"][0]["person_id"]
    return person
