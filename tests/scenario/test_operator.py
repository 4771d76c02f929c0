"""`solidaryctl` on the running platform of the scenario."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from click.testing import Result
from operations.__main__ import app
from solidary.platform.registry import service_names
from stack.errors import StackError
from typer.testing import CliRunner

from tests.conftest import ScenarioRun

CITY: dict[str, Any] = {
    "code": "brisa",
    "name": "Brisa",
    "pcode": "PA1104",
    "dataset": {
        "title": "Brisa",
        "publisher": "Brisa",
        "licence": "none stated",
        "period": "2026",
        "synthetic": True,
    },
    "areas": {"features": [{"properties": {"pcode": "PA110403", "name": "Balboa"}, "geometry": None}]},
    "cells": {
        "features": [
            {
                "id": "B-1",
                "properties": {"area": "PA110403", "indicators": {"water_share": 96.3}},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [[-79.79, 8.88], [-79.78, 8.88], [-79.78, 8.89], [-79.79, 8.89], [-79.79, 8.88]]
                    ],
                },
            }
        ]
    },
}


def command(scenario_run: ScenarioRun, *arguments: str) -> Result:
    environment = {"SOLIDARY_STATE": str(scenario_run.run.folder)}
    return CliRunner().invoke(app, [*arguments, "--json"], env=environment)


def import_city(scenario_run: ScenarioRun, folder: Path, city: object, secret: str) -> Result:
    file, secret_file = folder / "city.json", folder / "secret"
    file.write_text(json.dumps(city))
    secret_file.write_text(f"{secret}\n")
    options = ["--client", "unhabitat-integrator", "--secret-file", str(secret_file)]
    return command(scenario_run, "city", "import", str(file), *options)


def test_city_is_imported_by_an_agencys_software_and_may_be_again(
    scenario_run: ScenarioRun, tmp_path: Path
) -> None:
    secret = scenario_run.run.clients["unhabitat-integrator"].secret
    for _ in range(2):
        done = import_city(scenario_run, tmp_path, CITY, secret)
        assert done.exception is None, done.output
        work = json.loads(done.stdout)
        assert (work["done"], work["failure"]) == (1, None)
    broken = copy.deepcopy(CITY)
    broken["cells"]["features"][0]["geometry"]["type"] = "Point"
    refused = import_city(scenario_run, tmp_path, broken, secret)
    assert isinstance(refused.exception, StackError)
    assert "nothing was imported" in str(refused.exception)
    assert "/cells/features/0" in str(refused.exception)


def test_error_of_a_wrong_secret_names_the_command_that_gives_another(
    scenario_run: ScenarioRun, tmp_path: Path
) -> None:
    refused = import_city(scenario_run, tmp_path, CITY, "wrong")
    assert isinstance(refused.exception, StackError)
    assert "solidaryctl client renew unhabitat-integrator --secret-file FILE" in str(refused.exception)


def test_health_names_every_service(scenario_run: ScenarioRun) -> None:
    found = json.loads(command(scenario_run, "health").stdout)
    assert found["services"].keys() == set(service_names())
