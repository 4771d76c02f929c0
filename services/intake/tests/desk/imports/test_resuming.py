"""An import whose worker is killed continues with the batches that are left."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import psycopg
from intake.desk.imports import commands
from solidary.platform.jobs import worker
from solidary_testing import eventually

from services.intake.tests.desk.imports import import_worker
from services.intake.tests.desk.imports.conftest import csv_of, row


async def test_import_of_a_killed_worker_is_continued_and_adds_nobody_twice(
    send, report, monkeypatch, test_database, database
):
    monkeypatch.setattr(commands, "BATCH_PEOPLE", 2)
    rows = [row(f"kill-{n}", f"kill-p{n}", born=f"19{n}-04-12") for n in range(60, 66)]
    work = (await send(csv_of(rows))).json()
    url = test_database.roles["app"]
    async with await psycopg.AsyncConnection.connect(test_database.admin) as admin:
        await admin.execute("SELECT FROM data.bulk_batch WHERE number = 1 FOR UPDATE")
        program = [sys.executable, str(Path(import_worker.__file__)), url]
        killed = await asyncio.create_subprocess_exec(*program)

        async def is_at_the_second_batch() -> bool:
            waiting = await admin.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database "
                "WHERE datname = current_database()) OR (NOT granted AND locktype = 'transactionid')"
            )
            found = await waiting.fetchone()
            return bool(found and found[0])

        await eventually(is_at_the_second_batch, within=180, what="the worker at the second batch")
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
        done = await (await admin.execute("SELECT count(*) FROM data.bulk_row")).fetchone()
        assert done == (2,)
        await admin.rollback()
    stop = asyncio.Event()
    async with import_worker.bind(url, database).open_async() as app:
        other = asyncio.create_task(worker.run(app, stop, import_worker.HEARTBEAT))

        async def is_finished() -> bool:
            async with await psycopg.AsyncConnection.connect(test_database.admin) as again:
                found = await again.execute(
                    "SELECT finished IS NOT NULL FROM data.work WHERE id = %s", [work["id"]]
                )
                return (await found.fetchone()) == (True,)

        await eventually(is_finished, within=180, what="the end of the import")
        stop.set()
        await other
    assert (await report(work)).by_line == dict.fromkeys(range(2, 8), "added")
    with psycopg.connect(test_database.admin) as admin:
        assert admin.execute(
            "SELECT count(*), (SELECT count(*) FROM data.bulk_batch) FROM data.person"
        ).fetchone() == (6, 0)
