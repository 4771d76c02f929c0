"""The access log after a dump was restored into a fresh cluster, by PostgreSQL's own programs."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from intake.registry.access_log.jobs import seal_access_logs, verify_access_logs
from intake.rights.erasures.replay import replay
from intake.service import service
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from solidary.platform.database import Database
from solidary.platform.identity import Duty
from solidary_testing.servers import TestDatabase, api_client, settings_for
from stack.ports import find_free_port
from stack.processes import ProcessTable
from stack.provision.databases import provision_database
from stack.servers.postgres import Postgres
from stack.steps import Steps


@pytest.fixture
def fresh_cluster(tmp_path) -> Iterator[Postgres]:
    """A cluster of PostgreSQL in which nothing has happened yet: its transactions are numbered from the start."""
    server = Postgres(
        tmp_path,
        ProcessTable(tmp_path),
        Steps(quiet=True),
        port=find_free_port(set()),
        password=secrets.token_hex(8),
    )
    server.prepare()
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.home, ignore_errors=True)


@contextmanager
def restored(cluster: Postgres, original: TestDatabase) -> Iterator[TestDatabase]:
    """Restore a dump of a database in another cluster, as an operator does."""
    passwords = {role: conninfo_to_dict(url)["password"] for role, url in original.roles.items()}
    provision_database(cluster.admin_url, "intake", original.name, passwords)
    admin = make_conninfo(cluster.admin_url, dbname=original.name)
    dump = subprocess.run(
        [cluster.programs / "pg_dump", "--format=custom", original.admin], check=True, capture_output=True
    )
    restore = [cluster.programs / "pg_restore", "--exit-on-error", f"--dbname={admin}"]
    subprocess.run(restore, input=dump.stdout, check=True, capture_output=True)
    port = conninfo_to_dict(cluster.admin_url)["port"]
    roles = {
        role: f"postgresql://intake_{role}:{passwords[role]}@127.0.0.1:{port}/{original.name}"
        for role in original.roles
    }
    yield TestDatabase(original.name, admin, roles)


async def test_the_chain_is_the_same_in_a_fresh_cluster_and_goes_on_there(
    api, desk, register, tokens, run, database, test_database, fresh_cluster, tmp_path
):
    auditor = tokens.of("unhcr", Duty.AUDITOR)
    family = await register()
    for _ in range(3):
        await api.get(f"/people/{family.mother}", headers=desk)
        await seal_access_logs(database)
    await api.get(f"/people/{family.child}", headers=desk)
    with psycopg.connect(test_database.admin) as admin:
        payload = admin.execute(
            "SELECT payload FROM machinery.outbox WHERE type LIKE '%access_log.sealed%' ORDER BY position DESC"
        ).fetchone()
    published = json.loads(payload[0])
    await verify_access_logs(database)
    compare = f"/access-log/chain?number={published['number']}&digest={published['digest']}"
    before = (await api.get(compare, headers=auditor)).json()
    assert (before["broken_seal"], before["published_seal"]) == (None, "same")
    with restored(fresh_cluster, test_database) as copy:
        (tmp_path / "erasures.jsonl").touch()
        replay(copy.roles["migrate"], tmp_path / "erasures.jsonl")
        settings = settings_for(run, copy, "intake")
        async with api_client(service.application(settings)) as client:
            assert (await client.get(compare, headers=auditor)).json() == before
            await client.get(f"/people/{family.mother}", headers=desk)
            database_of_copy = Database(copy.roles["app"], service="intake", country="pa")
            await seal_access_logs(database_of_copy)
            await verify_access_logs(database_of_copy)
            await database_of_copy.close()
            after = (await client.get(compare, headers=auditor)).json()
            log = (await client.get("/access-log?limit=200", headers=auditor)).json()["items"]
    assert (after["broken_seal"], after["published_seal"]) == (None, "same")
    assert after["seals"] == after["verified_seal"] == before["seals"] + 1
    assert after["entries"] == len(log), "the entries before and after the restore are sealed"
