"""A service's commands, as an operator runs them."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest
from solidary.platform.registry import load_service
from solidary_testing.servers import throwaway_database

SHELL_VARIABLES = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


@pytest.fixture(scope="module")
def environment(run):
    """The settings of a process that serves, on a throw-away database."""
    with throwaway_database(run, "market", None) as made:
        yield SHELL_VARIABLES | run.environment("market") | {"SOLIDARY_DATABASE_APP": made.roles["app"]}


@pytest.fixture
def migrating(run, environment):
    """The settings of a process that migrates the same database."""
    url = environment["SOLIDARY_DATABASE_APP"].rpartition("/")
    migrator = run.databases["market"]["migrate"].rpartition("/")
    return (
        SHELL_VARIABLES
        | run.environment("market", "migrate")
        | {"SOLIDARY_DATABASE_MIGRATE": f"{migrator[0]}/{url[2]}"}
    )


def market(environment, *arguments) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "market", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_migrate_brings_a_database_to_the_newest_revision_and_can_be_repeated(migrating):
    newest = max(load_service("market").folder.glob("migrations/market_*.py")).stem
    for _ in range(2):
        assert market(migrating, "migrate").returncode == 0
        with psycopg.connect(migrating["SOLIDARY_DATABASE_MIGRATE"]) as connection:
            revisions = connection.execute("SELECT version_num FROM machinery.revision ORDER BY 1").fetchall()
        assert (newest,) in revisions


def test_retention_deletes_now_what_is_old(environment, migrating):
    market(migrating, "migrate")
    with psycopg.connect(environment["SOLIDARY_DATABASE_APP"], autocommit=True) as connection:
        for days in (80, 100):
            connection.execute(
                "INSERT INTO machinery.inbox (subscriber, event_id, handled_at) "
                "VALUES ('r', gen_random_uuid(), now() - make_interval(days => %s))",
                [days],
            )
        done = market(environment, "retention")
        assert (done.returncode, done.stdout) == (0, "purge_machinery\n"), done.stderr
        assert connection.execute("SELECT count(*) FROM machinery.inbox").fetchone() == (1,)


def test_reset_feed_epoch_changes_the_epoch(environment, migrating):
    market(migrating, "migrate")
    epochs = set()
    for _ in range(2):
        with psycopg.connect(environment["SOLIDARY_DATABASE_APP"]) as connection:
            epochs.add(connection.execute("SELECT machinery.current_feed_epoch()").fetchone())
        assert market(migrating, "reset-feed-epoch").returncode == 0
    assert len(epochs) == 2


def test_parked_keys_are_listed_and_discarded(environment, migrating):
    market(migrating, "migrate")
    with psycopg.connect(environment["SOLIDARY_DATABASE_APP"]) as connection:
        connection.execute(
            """INSERT INTO machinery.parked_key (subscriber, key, attempts, reason)
            VALUES ('reactions', 'k1', 4, 'DecodeError')"""
        )
        connection.execute(
            """INSERT INTO machinery.parked_event (subscriber, key, event_id, headers, value)
            VALUES ('reactions', 'k1', gen_random_uuid(), '[]', 'x')"""
        )
    listed = market(environment, "parked", "list")
    assert "k1" not in listed.stdout, "a key may be a person's id"
    assert "1 event  DecodeError" in listed.stdout
    handle = listed.stdout.split()[0]
    assert market(environment, "parked", "discard", handle).stdout.startswith("1 event discarded")
    assert "No key" in market(environment, "parked", "discard", handle).stderr
    assert market(environment, "parked", "list").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["rebuild", "reactions"], "reactions never run again"),
        (["rebuild", "nothing"], "no subscriber «nothing»"),
        (["worker", "--only", "kitchen"], "no part «kitchen»"),
        (["parked", "list", "--subscriber", "x"], "no subscriber «x»"),
    ],
)
def test_impossible_command_is_refused_with_its_reason(environment, migrating, arguments, reason):
    done = market(migrating if arguments[0] == "rebuild" else environment, *arguments)
    assert done.returncode == 2
    assert reason in done.stderr


def test_missing_setting_is_named(environment):
    without = {name: value for name, value in environment.items() if name != "SOLIDARY_ISSUER"}
    done = market(without, "api")
    assert done.returncode == 2
    assert "SOLIDARY_ISSUER" in done.stderr


@pytest.mark.parametrize("command", ["api", "worker", "worker --only relay", "all", "parked list"])
@pytest.mark.parametrize("role", ["MIGRATE", "BACKUP"])
def test_process_that_serves_does_not_start_with_a_role_past_row_level_security(environment, command, role):
    held = environment | {f"SOLIDARY_DATABASE_{role}": "postgresql://past-row-level-security"}
    refused = market(held, *command.split())
    assert refused.returncode == 2
    assert f"SOLIDARY_DATABASE_{role} is set, but this process serves" in refused.stderr


def test_process_does_not_start_with_what_only_requests_need(environment):
    refused = market(environment, "worker")
    assert refused.returncode == 2
    assert "SOLIDARY_SECRET is set, but this process answers no requests" in refused.stderr
    refused = market({name: environment[name] for name in environment if name != "SOLIDARY_SECRET"}, "api")
    assert refused.returncode == 2
    assert "The service market needs SOLIDARY_SECRET" in refused.stderr


def test_process_does_not_start_with_a_secret_of_another_service(environment):
    refused = market(
        environment | {"SOLIDARY_PERSON_KEYS": "intake's own secret that only intake holds"}, "api"
    )
    assert refused.returncode == 2
    assert "SOLIDARY_PERSON_KEYS is set, but this service does not use it" in refused.stderr
