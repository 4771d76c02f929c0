"""Attack: take over one process, one role or one account of the machine, and look for what it was never meant to do."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from solidary.platform.registry import service_names
from stack.run_file import Run

from tests.conftest import ScenarioRun


def processes_of(scenario_run: ScenarioRun) -> dict[str, psutil.Process]:
    found = {name: scenario_run.platform.stack.processes.find(name) for name in service_names()}
    return {name: process for name, process in found.items() if process is not None}


def password(url: str) -> str:
    return str(conninfo_to_dict(url)["password"])


def secrets_of(run: Run) -> dict[str, str]:
    """Return all secrets of the instance by a name: `intake: app`, `intake: setting person_keys`."""
    return {
        **{f"{s}: {role}": password(url) for s, urls in run.databases.items() for role, url in urls.items()},
        **{f"{s}: kafka": login.password for s, login in run.kafka.accounts.items()},
        **{f"{s}: secret": secret for s, secret in run.service_secrets.items()},
        **{
            f"{s}: setting {name}": value
            for s, settings in run.service_settings.items()
            for name, value in settings.items()
        },
        **{f"{name.removeprefix('svc-')}: client": client.secret for name, client in run.clients.items()},
        "servers: postgres": password(run.postgres.admin),
        "servers: kafka": run.kafka.admin.password,
        "servers: keycloak": run.keycloak.admin.password,
        "servers: provisioner": run.keycloak.provisioner.password,
    }


def memory_of(process: psutil.Process) -> Iterator[bytes]:
    """Yield each part of the memory that a process may write to."""
    with open(f"/proc/{process.pid}/maps") as maps, open(f"/proc/{process.pid}/mem", "rb") as memory:
        for line in maps:
            addresses, access, *_ = line.split()
            first, last = (int(address, 16) for address in addresses.split("-"))
            if access.startswith("rw") and "[v" not in line:
                with suppress(OSError):  # the process has given this part back meanwhile
                    memory.seek(first)
                    yield memory.read(last - first)


def test_process_that_serves_holds_its_own_secrets_and_no_role_past_row_level_security(scenario_run):
    secrets = secrets_of(scenario_run.run)
    processes = processes_of(scenario_run)
    assert processes.keys() == set(service_names())
    for service, process in processes.items():
        held = {
            name for part in memory_of(process) for name, secret in secrets.items() if secret.encode() in part
        }
        foreign = {name for name in held if not name.startswith(f"{service}: ")}
        assert not foreign, service
        assert not held & {f"{service}: migrate", f"{service}: backup"}, service
        assert f"{service}: app" in held, "this search finds secrets"


@pytest.mark.parametrize(
    "foreign", ["SOLIDARY_DATABASE_MIGRATE", "SOLIDARY_DATABASE_BACKUP", "SOLIDARY_PERSON_KEYS"]
)
def test_process_that_is_given_too_much_does_not_start(scenario_run, foreign):
    settings = scenario_run.platform.environment("market", "api") | {
        foreign: "postgresql://nobody@127.0.0.1/none"
    }
    command = [sys.executable, "-m", "market", "api", "--port", "1"]
    ended = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode != 0
    assert foreign in ended.stderr


def test_no_secret_is_part_of_a_command_line_or_an_environment_that_was_given_at_the_start(scenario_run):
    mark = scenario_run.platform.stack.processes.mark
    secrets = secrets_of(scenario_run.run)
    seen = 0
    for process in psutil.process_iter():
        try:
            texts = [
                " ".join(process.cmdline()),
                Path(f"/proc/{process.pid}/environ").read_text(errors="replace"),
            ]
        except (psutil.Error, OSError):
            continue
        if mark in texts[0]:
            seen += 1
            command, environment = ({name for name in secrets if secrets[name] in text} for text in texts)
            assert not command, process.name()
            # A service that was restarted alone has its own settings in its environment, as in a container.
            alone = next((name for name in service_names() if f" -m {name} " in texts[0]), None)
            assert all(name.startswith(f"{alone}: ") for name in environment), process.name()
    assert seen >= len(service_names())


def test_other_accounts_of_the_machine_read_no_file_of_the_instance(scenario_run):
    folder = scenario_run.platform.stack.folder
    seen = set()
    for file in folder.rglob("*"):
        if file.is_file() and file.suffix != ".lock":
            way = [file, *file.parents][: len(file.relative_to(folder).parts)]
            seen.add(file.relative_to(folder).parts[0])
            assert any(not stat.S_IMODE(part.stat().st_mode) & 0o077 for part in way), file
    assert {"run.json", "secrets.json", "telemetry", "logs"} <= seen


@pytest.mark.parametrize("service", service_names())
def test_app_role_cannot_fill_the_disk_with_large_objects(scenario_run, service):
    for statement in (
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_put(1, 0, 'x')",
        "CREATE TEMPORARY TABLE unwanted (x int)",
        "CREATE TABLE public.unwanted (x int)",
    ):
        with (
            psycopg.connect(scenario_run.run.databases[service]["app"]) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


@pytest.mark.parametrize("role", ["app", "relay", "migrate", "backup"])
@pytest.mark.parametrize("service", service_names())
def test_role_connects_to_the_database_of_its_service_only(scenario_run, service, role):
    url = scenario_run.run.databases[service][role]
    others = {"postgres", "template1", "keycloak", *service_names()} - {service}
    for database in others:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(make_conninfo(url, dbname=database)).close()


@pytest.mark.parametrize("role", ["relay", "backup"])
@pytest.mark.parametrize("service", service_names())
def test_role_runs_no_function_with_its_owners_rights(scenario_run, service, role):
    # PUBLIC may run every new function; one that runs as its owner passes row-level security for anybody.
    with psycopg.connect(scenario_run.run.postgres.admin, dbname=service) as connection:
        runnable = connection.execute(
            """SELECT proname FROM pg_proc WHERE prosecdef AND prorettype <> 'trigger'::regtype
            AND has_function_privilege(%s, oid, 'EXECUTE')""",
            [f"{service}_{role}"],
        ).fetchall()
    assert not runnable


@pytest.mark.parametrize("service", service_names())
def test_relay_reads_and_empties_the_outbox_and_nothing_else(scenario_run, service):
    with psycopg.connect(scenario_run.run.postgres.admin, dbname=service) as connection:
        tables = connection.execute(
            """SELECT relnamespace::regnamespace || '.' || relname FROM pg_class
            WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace::regnamespace::text !~ '^pg_|information_schema'
            AND has_any_column_privilege(%s, oid, 'SELECT, INSERT, UPDATE')""",
            [f"{service}_relay"],
        ).fetchall()
    assert {name for (name,) in tables} <= {"machinery.outbox"}
