"""A service run from the command line, as an operator does."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest
from solidary_testing.servers import throwaway_database

FROM_THE_SHELL = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


@pytest.fixture(scope="module")
def environment(run):
    with throwaway_database(run, "market", None) as made:
        urls = {f"SOLIDARY_DATABASE_{role.upper()}": url for role, url in made.roles.items()}
        yield FROM_THE_SHELL | run.environment("market") | urls


def market(environment, *arguments) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "market", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_migrate_brings_an_empty_database_to_the_newest_revision_and_again_changes_nothing(environment):
    for _ in range(2):
        assert market(environment, "migrate").returncode == 0
        with psycopg.connect(environment["SOLIDARY_DATABASE_MIGRATE"]) as connection:
            revisions = connection.execute("SELECT version_num FROM machinery.revision ORDER BY 1").fetchall()
        assert ("market_0001",) in revisions


def test_restored_begins_a_new_life(environment):
    market(environment, "migrate")
    lives = set()
    for _ in range(2):
        with psycopg.connect(environment["SOLIDARY_DATABASE_APP"]) as connection:
            lives.add(connection.execute("SELECT machinery.current_feed_epoch()").fetchone())
        assert market(environment, "reset-feed-epoch").returncode == 0
    assert len(lives) == 2


def test_parked_keys_are_listed_and_given_up(environment):
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
    ("arguments", "said"),
    [
        (["rebuild", "reactions"], "reactions never run again"),
        (["rebuild", "nothing"], "no subscriber «nothing»"),
        (["worker", "--only", "kitchen"], "no part «kitchen»"),
        (["parked", "list", "--subscriber", "x"], "no subscriber «x»"),
    ],
)
def test_what_cannot_be_done_is_said(environment, arguments, said):
    answer = market(environment, *arguments)
    assert answer.returncode == 2
    assert said in answer.stderr


def test_a_missing_setting_is_named(environment):
    without = {name: value for name, value in environment.items() if name != "SOLIDARY_ISSUER"}
    answer = market(without, "migrate")
    assert answer.returncode == 2
    assert "SOLIDARY_ISSUER" in answer.stderr
