"""A service's commands, as an operator runs them."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest
from solidary_testing.servers import throwaway_database

SHELL_VARIABLES = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


@pytest.fixture(scope="module")
def environment(run):
    with throwaway_database(run, "market", None) as made:
        urls = {f"SOLIDARY_DATABASE_{role.upper()}": url for role, url in made.roles.items()}
        yield SHELL_VARIABLES | run.environment("market") | urls


def market(environment, *arguments) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "market", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_migrate_brings_a_database_to_the_newest_revision_and_can_be_repeated(environment):
    for _ in range(2):
        assert market(environment, "migrate").returncode == 0
        with psycopg.connect(environment["SOLIDARY_DATABASE_MIGRATE"]) as connection:
            revisions = connection.execute("SELECT version_num FROM machinery.revision ORDER BY 1").fetchall()
        assert ("market_0001",) in revisions


def test_reset_feed_epoch_changes_the_epoch(environment):
    market(environment, "migrate")
    epochs = set()
    for _ in range(2):
        with psycopg.connect(environment["SOLIDARY_DATABASE_APP"]) as connection:
            epochs.add(connection.execute("SELECT machinery.current_feed_epoch()").fetchone())
        assert market(environment, "reset-feed-epoch").returncode == 0
    assert len(epochs) == 2


def test_parked_keys_are_listed_and_discarded(environment):
    market(environment, "migrate")
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
    assert "k1" in listed.stdout
    assert "1 event  DecodeError" in listed.stdout
    assert market(environment, "parked", "discard", "k1").stdout.startswith("1 event discarded")
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
def test_impossible_command_is_refused_with_its_reason(environment, arguments, reason):
    done = market(environment, *arguments)
    assert done.returncode == 2
    assert reason in done.stderr


def test_missing_setting_is_named(environment):
    without = {name: value for name, value in environment.items() if name != "SOLIDARY_ISSUER"}
    done = market(without, "migrate")
    assert done.returncode == 2
    assert "SOLIDARY_ISSUER" in done.stderr
