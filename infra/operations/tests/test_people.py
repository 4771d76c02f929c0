"""`solidaryctl` on the realm of a running instance: what an operator does when agencies and people come and go."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from operations.__main__ import app
from operations.administration import Administration
from solidary.platform.identity import Duty
from solidary_testing.tokens import Tokens, subject_of
from stack.agencies import StaffMember
from stack.errors import StackError
from stack.one_time_code import one_time_code
from stack.run_file import Run, read_run, write_run
from typer.testing import CliRunner


@pytest.fixture
def administration(run: Run) -> Iterator[Administration]:
    """The administration of the test run's realm; run.json is as before afterwards."""
    yield Administration(run)
    write_run(run)


@pytest.fixture
def agency(administration: Administration) -> Iterator[str]:
    """A new agency of an operator, deleted after the test."""
    alias = f"brisa-{secrets.token_hex(3)}"
    assert administration.add_agency(alias, f"Brisa {alias}", f"{alias}.org")
    yield alias
    (entry,) = [each for each in administration.agencies() if each.alias == alias]
    administration.api.delete(f"/organizations/{entry.id}")


@pytest.fixture
def person(run: Run, tokens: Tokens) -> str:
    """A person of UNHCR with a password and a second factor."""
    username = f"leaver.{secrets.token_hex(3)}"
    staff = StaffMember(username, "Lola", "Partida", {"unhcr": ("front_desk",)})
    tokens._realm.ensure_staff([staff], "a long password", "a secret of codes")
    return username


def token(run: Run, username: str) -> httpx.Response:
    form = run.keycloak.password_grant(username, "a long password", one_time_code("a secret of codes"))
    return httpx.post(run.keycloak.token_url, data=form, timeout=20)


def software_token(run: Run, client_id: str, secret: Path) -> httpx.Response:
    grant = run.keycloak.machine_grant(client_id, secret.read_text().strip())
    return httpx.post(run.keycloak.token_url, data=grant, timeout=20)


def environment(run: Run) -> dict[str, str]:
    return {"SOLIDARY_STATE": str(run.folder)}


def organizations(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    payload = answer.json()["access_token"].split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))["organization"]
    return found


def command(run: Run, *arguments: str) -> Any:
    """Run a command with --json and return its value."""
    result = CliRunner().invoke(app, [*arguments, "--json"], env=environment(run))
    assert result.exception is None, result.output
    return json.loads(result.stdout)


def test_duties_in_a_new_agency_are_usable_at_once(
    run: Run, administration: Administration, agency: str, person: str
) -> None:
    assert administration.add_agency(agency, f"Brisa {agency}", f"{agency}.org") is False
    given = command(run, "duty", "give", person, agency, "case_worker", "provider")
    assert given == {
        "person": person,
        "agency": agency,
        "duties": ["case_worker", "provider"],
        "changed": True,
    }
    assert command(run, "duty", "give", person, agency, "provider")["changed"] is False
    assert sorted(organizations(token(run, person))[agency]["groups"]) == ["/case_worker", "/provider"]
    command(run, "duty", "take", person, agency, "provider")
    assert organizations(token(run, person))[agency]["groups"] == ["/case_worker"]


def test_duties_that_exclude_each_other_are_refused(
    administration: Administration, agency: str, person: str
) -> None:
    administration.give_duties(person, agency, [Duty.CASH_MAKER])
    with pytest.raises(StackError, match=r"cash_checker and cash_maker together in brisa"):
        administration.give_duties(person, agency, [Duty.CASH_CHECKER])
    assert administration.person(person).duties[agency] == ("cash_maker",)


def test_a_disabled_person_cannot_log_in_anywhere(
    run: Run, administration: Administration, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh = token(run, person).json()["refresh_token"]
    cases = [{"person": "p", "agency": "a", "role": "case_worker"}]
    monkeypatch.setattr("operations.people_cli.open_cases", lambda run, subject: cases)
    for _ in range(2):
        assert command(run, "person", "disable", person)["handover"] == cases
    assert token(run, person).status_code == 400
    form = {"grant_type": "refresh_token", "client_id": "demonstration", "refresh_token": refresh}
    assert httpx.post(run.keycloak.token_url, data=form, timeout=20).status_code == 400
    listed = {each["username"]: each["enabled"] for each in command(run, "person", "list")}
    assert listed[person] is False
    command(run, "person", "enable", person)
    assert token(run, person).status_code == 200


def test_people_of_a_disabled_agency_work_in_it_no_longer(
    run: Run, administration: Administration, agency: str, person: str
) -> None:
    administration.give_duties(person, agency, [Duty.CASE_WORKER])
    assert command(run, "agency", "disable", agency)["changed"] is True
    answer = token(run, person)
    assert answer.status_code == 400 or agency not in organizations(answer)
    assert command(run, "agency", "enable", agency)["changed"] is True
    assert agency in organizations(token(run, person))


def test_a_new_account_gets_its_password_in_a_file_and_must_replace_it(
    run: Run, administration: Administration, tmp_path: Path
) -> None:
    username, file = f"new.{secrets.token_hex(3)}", tmp_path / "password"
    arguments = ["--first-name", "Nuria", "--last-name", "Nueva", "--email", f"{username}@unhcr.example"]
    made = command(run, "person", "add", username, *arguments, "--password-file", str(file))
    assert made == {"person": username, "changed": True}
    assert file.stat().st_mode & 0o077 == 0
    again = command(run, "person", "add", username, *arguments, "--password-file", str(file))
    assert again["changed"] is False
    form = run.keycloak.password_grant(username, file.read_text().strip(), "123456")
    refused = httpx.post(run.keycloak.token_url, data=form, timeout=20)
    assert not refused.is_success, "the first password alone opens nothing"


def test_software_is_added_changed_and_ended_by_its_id(
    run: Run, administration: Administration, agency: str, tmp_path: Path
) -> None:
    first, second, client_id = tmp_path / "first", tmp_path / "second", f"{agency}-records"
    add = ["client", "add", agency, "records", "software_read"]
    made = command(run, *add, "--secret-file", str(first))
    assert (made["client_id"], made["changed"], first.stat().st_mode & 0o077) == (client_id, True, 0)
    assert command(run, *add, "software_register")["duties"] == ["software_read", "software_register"]
    assert command(run, "client", "take", client_id, "software_read")["duties"] == ["software_register"]
    assert command(run, "client", "give", client_id, "software_register")["changed"] is False
    command(run, "client", "renew", client_id, "--secret-file", str(second))
    assert [software_token(run, client_id, each).is_success for each in (first, second)] == [False, True]
    for _ in range(2):
        assert command(run, "client", "disable", client_id)["enabled"] is False
    assert not software_token(run, client_id, second).is_success
    command(run, "client", "enable", client_id)
    assert [each["client_id"] for each in command(run, "client", "list", "--agency", agency)] == [client_id]


def test_secret_goes_into_a_new_file_and_nowhere_else(run: Run, agency: str, tmp_path: Path) -> None:
    (used := tmp_path / "used").write_text("kept")
    for proof in ([], ["--secret-file", str(used)]):
        refused = CliRunner().invoke(
            app, ["client", "add", agency, "records", "software_read", *proof], env=environment(run)
        )
        assert isinstance(refused.exception, StackError), refused.output
    assert (used.read_text(), command(run, "client", "list", "--agency", agency)) == ("kept", [])


def test_open_cases_are_those_of_the_account(run: Run, tokens: Tokens) -> None:
    from operations.service_commands import environment_of, run_in_service

    subject = subject_of(tokens.of("unhcr", Duty.CASE_WORKER))
    environment = environment_of(run, "intake", "backup")
    assert {name for name in environment if name.startswith("SOLIDARY_")} == {
        "SOLIDARY_COUNTRY",
        "SOLIDARY_DATABASE_BACKUP",
    }
    assert (
        environment_of(run, "intake", "worker").keys() & {"SOLIDARY_SECRET", "SOLIDARY_PERSON_KEYS"} == set()
    )
    with pytest.raises(StackError, match="There is no service moon"):
        environment_of(run, "moon", "api")
    with pytest.raises(StackError, match="failed"):
        run_in_service(run, "intake", "backup", ["python", "-m", "intake", "assignments", f"{subject}x"])


def test_unlisted_agency_is_not_among_the_names(
    run: Run, administration: Administration, agency: str
) -> None:
    names = read_run(run.folder).agency_names
    assert names[agency] == f"Brisa {agency}"
    assert administration.add_agency(agency, f"Brisa {agency}", f"{agency}.org", unlisted=True)
    assert agency not in read_run(run.folder).agency_names
    assert administration.add_agency(agency, f"Brisas {agency}", f"{agency}.org")
    assert agency not in read_run(run.folder).agency_names, "another name lists nobody"
    assert administration.add_agency(agency, f"Brisas {agency}", f"{agency}.org", unlisted=False)
    administration.enable_agency(agency, enabled=False)
    assert agency not in read_run(run.folder).agency_names
