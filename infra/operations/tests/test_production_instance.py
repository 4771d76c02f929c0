"""The first day of an instance for people: native servers with the settings of .env.example, and the first call.

Everything goes through the front door by https: nobody has a password that somebody else knows, and there is nobody and
nothing of the demonstration.
"""

from __future__ import annotations

import json
import secrets
import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml
from operations.__main__ import app
from operations.backup.keys import create_keys
from solidary_testing.browser import Browser
from stack import Run, Stack
from stack.agencies import AGENCIES
from stack.containers import Deployment, prepare
from stack.door import api_address
from stack.platform import Platform
from stack.run_file import DemonstrationUser
from stack.steps import Steps
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parents[3]
AGENCY, PERSON = "brisa", "n.quintero"


def deployment_of_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """Return what the container `settings` of compose.production.yml reads, with folders of this machine."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    compose = yaml.safe_load((ROOT / "compose.production.yml").read_text())
    fixed = {
        name: value
        for name, value in compose["services"]["settings"]["environment"].items()
        if "${" not in value
    }
    backup = tmp_path / "backups"
    backup.mkdir()
    for name, value in {**example, **fixed, "SOLIDARY_BACKUP": str(backup)}.items():
        monkeypatch.setenv(name, value)
    return Deployment(settings=tmp_path / "instance")


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The native servers of an instance for people, before the first agency."""
    folder = tmp_path_factory.mktemp("production")
    with pytest.MonkeyPatch.context() as patch:
        deployment = deployment_of_the_example(folder, patch)
        deployment.settings.mkdir()
        create_keys(deployment.settings, folder / "identity.txt")
        prepare(deployment)
    native = folder / "native"
    native.mkdir()
    shutil.copy(deployment.settings / "secrets.json", native)
    stack = Stack(
        native,
        country=deployment.country,
        demonstration=deployment.demonstration,
        tls=deployment.public.startswith("https:"),
        steps=Steps(quiet=True),
    )
    stack.up()
    yield stack
    Platform(stack).down()
    stack.delete()


def command(stack: Stack, *arguments: str) -> Any:
    """Run a command of the operator with --json and return its value."""
    result = CliRunner().invoke(app, [*arguments, "--json"], env={"SOLIDARY_STATE": str(stack.folder)})
    assert result.exception is None, result.output
    return json.loads(result.stdout)


def client(run: Run) -> httpx.Client:
    """Return a client of the front door that trusts its authority and nobody else."""
    verify = ssl.create_default_context(cafile=run.certificate)
    return httpx.Client(verify=verify, timeout=60, trust_env=False)


def test_first_call_of_an_instance_for_people(production: Stack, tmp_path: Path) -> None:
    run = production.run()
    assert run.address.startswith("https://")
    assert (run.users, run.agencies) == ({}, {}), "nobody and nothing of the demonstration"

    command(production, "agency", "add", AGENCY, "Brisa", "--domain", "brisa.example")
    first_password, secret = tmp_path / "password", tmp_path / "secret"
    names = ["--first-name", "Nuria", "--last-name", "Quintero", "--email", "n.quintero@brisa.example"]
    command(production, "person", "add", PERSON, *names, "--password-file", str(first_password))
    given = command(production, "duty", "give", PERSON, AGENCY, "front_desk")
    assert given["duties"] == ["front_desk"]
    software = ["client", "add", AGENCY, "records", "software_read"]
    made = command(production, *software, "--secret-file", str(secret))
    assert (made["client_id"], made["changed"]) == ("brisa-records", True)
    assert command(production, *software)["changed"] is False

    platform = Platform(production)
    platform.start("intake")
    platform.wait("intake")
    run = production.run()

    with client(run) as door:
        desk = {"Authorization": f"Bearer {log_in_for_the_first_time(run, first_password)}"}
        registration = f"{api_address(run.address, 'intake')}/registrations/{uuid4()}"
        member = {
            "given_name": "Altagracia",
            "surname": "Montilla",
            "relation": "head",
            "sex": "female",
            "population_group": "migrant",
            "born": "1991-02-03",
        }
        body = {"household": {"area": "PA110403"}, "members": [member]}
        answer = door.put(registration, json=body, headers=desk)
        assert answer.status_code == 201, answer.text
        (person,) = [each["person_id"] for each in answer.json()["members"]]

        grant = run.keycloak.machine_grant("brisa-records", secret.read_text().strip())
        token = door.post(run.keycloak.public_token_url, data=grant).raise_for_status().json()["access_token"]
        read = door.get(
            f"{api_address(run.address, 'intake')}/people/{person}",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert read.status_code == 200, read.text
        assert "Montilla" in read.text
        # What a caller states about addresses is not believed.
        forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
        described = door.get(f"{api_address(run.address, 'intake')}/openapi.json", headers=forged)
        assert "/api/intake/v1" in described.json()["servers"][0]["url"]
        assert "evil" not in described.text


def log_in_for_the_first_time(run: Run, first_password: Path) -> str:
    """Log in by the page of intake's API; return the access token after the password and the second factor."""
    redirect = f"{api_address(run.address, 'intake')}/oauth2-redirect.html"
    browser = Browser(run, "api-pages", redirect)
    password = first_password.read_text().strip()
    browser.open()
    browser.log_in(DemonstrationUser(username=PERSON, password=password, code_secret="", name="", duties={}))
    browser.enrol(f"a long password {secrets.token_hex(4)}")
    return browser.tokens()["access_token"]


def test_nothing_of_the_demonstration_opens_an_instance_for_people(production: Stack) -> None:
    run = production.run()
    with client(run) as door:
        form = run.keycloak.password_grant("unhcr.front_desk", "guess", "000000")
        assert door.post(run.keycloak.public_token_url, data=form).status_code == 401
        for agency in AGENCIES:
            grant = run.keycloak.machine_grant(f"{agency.alias}-integrator", "guess")
            assert door.post(run.keycloak.public_token_url, data=grant).status_code == 401
    with pytest.raises(httpx.TransportError):
        httpx.get(run.address, timeout=10, trust_env=False)  # its authority is not trusted by itself
    plain = httpx.get(run.address.replace("https:", "http:"), timeout=10, trust_env=False)
    assert plain.status_code == 400, "plain http to the port of https"
