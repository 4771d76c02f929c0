"""The page of the first call: each of its commands, by curl and by the client, on the running platform."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from demonstration.__main__ import first_call
from workspace import client

from tests.conftest import ScenarioRun

PAGE = Path("docs/integrating/first-call.md")
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXPORT = re.compile(r"export (\w+)=(\S+)")


@pytest.fixture(scope="module")
def environment(scenario_run: ScenarioRun) -> dict[str, str]:
    """The environment of a reader who has copied the lines that `make run` prints."""
    return dict(os.environ) | dict(EXPORT.findall("\n".join(first_call(scenario_run.run))))


def program(language: str, root: Path) -> str:
    blocks = [
        text for found, text in BLOCK.findall((root / PAGE).read_text(encoding="utf-8")) if found == language
    ]
    assert blocks
    return "".join(blocks)


def output(*command: str, environment: dict[str, str]) -> list[str]:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_commands_of_the_page_lead_to_an_outcome(environment, root):
    text = "set -euo pipefail\n" + program("sh", root)
    assert output("bash", "-c", text, environment=environment) == ["Ana Lucía", "service_provided"]


def test_program_of_the_page_leads_to_an_outcome_with_the_wheel(environment, root, tmp_path):
    with ZipFile(client.build()) as wheel:
        wheel.extractall(tmp_path)
    # Before the editable package of the checkout, which has no generated part.
    text = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n" + program("python", root)
    printed = output(sys.executable, "-c", text, environment=environment)
    assert printed == ["service_provided", "urn:solidary:problem:not-found", "service_provided"]
