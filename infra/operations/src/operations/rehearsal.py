"""`make rehearse`: an instance for people is installed, filled, backed up, lost, restored, started and compared.

It runs on native servers of its own with the settings of production, and writes docs/operating/rehearsal.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import psycopg
import typer
from psycopg.conninfo import make_conninfo
from solidary.platform.identity import Duty
from stack.errors import StackError
from stack.platform import Platform
from stack.production import require_production
from stack.provision.machine_clients import add_machine_client
from stack.run_file import Run
from stack.secret_file import Secrets, load_or_create_secrets
from stack.services import SERVICES, services_with_database
from stack.stack import Stack
from stack.steps import Steps

from operations.administration import Administration
from operations.backup.create import create_backup, export_erasures
from operations.backup.facts import database_facts
from operations.backup.keys import create_keys, read_opening_key
from operations.backup.restore import RestoringStack, open_backup
from operations.imports_cli import front_door

AGENCIES = {"brisa": "Brisa (rehearsal)", "marea": "Marea (rehearsal)"}
STAFF = {
    "n.quintero": ("Nuria", "Quintero", Duty.FRONT_DESK),
    "t.batista": ("Tomás", "Batista", Duty.CASE_WORKER),
}
COMPARED = ("data", "published", "keys")
"""The schemas whose rows an upgrade keeps as they are."""
MOVING = {
    "intake data.access_entry",
    "intake data.access_seal",
    "subscriptions data.event",
    "subscriptions data.feed",
}
"""The tables that grow while nobody works: the access log is sealed each minute, and the last events reach the feed."""

Facts = dict[str, tuple[int, str]]


@dataclass
class Record:
    """The steps of a rehearsal with their durations, and what was compared."""

    steps: list[tuple[str, float]] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Time a step and print it."""
        started = time.monotonic()
        yield
        self.steps.append((title, time.monotonic() - started))
        typer.echo(f"{self.steps[-1][1]:6.1f} s  {title}")

    def same(self, what: str, before: object, after: object) -> None:
        """Note that two values are the same. Raises StackError where they differ."""
        if before != after:
            raise StackError(f"{what}: {before} before, {after} after. The rehearsal has failed.")
        self.compared.append(what)

    def same_rows(self, before: Facts, after: Facts) -> None:
        """Note that the rows of all tables are the same, or no fewer. Raises StackError with those that differ."""
        fixed = before.keys() - MOVING
        different = sorted(name for name in fixed if before[name] != after.get(name))
        fewer = sorted(name for name in MOVING if after[name][0] < before[name][0])
        if different or fewer:
            raise StackError(f"Rows differ in {', '.join(different + fewer)}. The rehearsal has failed.")
        rows = sum(before[name][0] for name in fixed)
        self.compared.append(f"{rows} rows in {len(fixed)} tables, by their checksums")
        self.compared.append(f"no fewer rows in {', '.join(sorted(MOVING))}, to which jobs add")

    def page(self, people: int) -> str:
        """Return the record as a page."""
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
        ).stdout.strip()
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
        return "\n".join(
            [
                "# The last rehearsal",
                "Written by `make rehearse`, which fails where something differs.",
                "",
                f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit}, {people} invented people, {os.cpu_count()} "
                f"cores, load at the end {load}.",
                "",
                "| step | seconds |",
                "|---|---|",
                *(f"| {title} | {seconds:.1f} |" for title, seconds in self.steps),
                f"| together | {sum(seconds for _, seconds in self.steps):.1f} |",
                "",
                "Compared, and the same:",
                "",
                *(f"- {line}" for line in self.compared),
                "",
                "The services were restored and started with the code of the backup; what an upgrade from the",
                "release before does to rows and desks is shown by `tests/scenario/test_upgrade.py`.",
                "",
            ]
        )


def rehearse(
    people: Annotated[int, typer.Option(min=1, help="The number of invented people.")] = 1000,
    record_file: Annotated[Path | None, typer.Option("--record", help="A file for the record.")] = None,
) -> None:
    """Rehearse the life of an instance, in a folder that is deleted afterwards."""
    record = Record()
    with tempfile.TemporaryDirectory(prefix="solidary-rehearsal-") as name:
        folder = Path(name)
        stack = Stack(
            folder / "instance", country="PA", demonstration=False, tls=True, steps=Steps(quiet=True)
        )
        try:
            _rehearse(record, folder, stack, people)
        finally:
            stack.down()
            stack.delete()
    page = record.page(people)
    if record_file is not None:
        record_file.write_text(page, encoding="utf-8")
    typer.echo(page)


def _rehearse(record: Record, folder: Path, stack: Stack, people: int) -> None:
    target, identity = folder / "backups", folder / "identity.txt"
    with record.step("installed: keys for backups, settings checked, servers up by https"):
        target.mkdir()
        create_keys(stack.folder, identity)
        secrets = load_or_create_secrets(stack.folder / "secrets.json", demonstration=False)
        _require_production(stack, secrets, target)
        stack.up()
    with record.step("two agencies, two people, one agency's software"):
        software = _add_agencies(stack.run(), folder)
    with record.step("services started"):
        Platform(stack).up()
    run = stack.run()
    with record.step(f"{people} people loaded, one household registered by software at the front door"):
        _load(run, people)
        person = _register(run, software)
    before, accounts = _facts(run), _accounts(run)
    with record.step("backed up and verified"):
        backup = create_backup(run, secrets, target, with_secrets=True)
        export_erasures(run, target / "erasures.jsonl")
    with record.step("destroyed"):
        Platform(stack).down()
        stack.delete()
    with record.step("restored and compared with the backup"):
        source = open_backup(
            backup.folders["rows"],
            backup.folders["keys"],
            target / "erasures.jsonl",
            read_opening_key(identity),
        )
        restored = RestoringStack(stack.folder, tls=True, steps=Steps(quiet=True))
        restored.restore(source, secrets)
    run = restored.run()
    platform = Platform(restored)
    with record.step("migrated and started, one service after the other"):
        for service in SERVICES:
            platform.start(service)
            platform.wait(service)
    record.same_rows(before, _facts(run))
    record.same(f"{len(accounts)} accounts with their duties", accounts, _accounts(run))
    record.same(
        "the household that software registered, read by it again", person, _read(run, software, person)
    )
    platform.down()


def _require_production(stack: Stack, secrets: Secrets, target: Path) -> None:
    require_production(
        country=stack.country,
        public="https://solidary.example",
        demonstration=stack.demonstration,
        state=stack.folder,
        backup=target,
        certificates=None,
        secrets=secrets,
    )


def _add_agencies(run: Run, folder: Path) -> tuple[str, str]:
    """Add agencies, people and software; return the id and the secret of the software."""
    administration = Administration(run)
    for alias, name in AGENCIES.items():
        administration.add_agency(alias, name, f"{alias}.example")
        for username, (first, last, duty) in STAFF.items():
            account = f"{alias}.{username}"
            administration.add_person(account, first, last, f"{account}@{alias}.example", folder / account)
            administration.give_duties(account, alias, [duty])
    duties = {Duty.SOFTWARE_REGISTER, Duty.SOFTWARE_READ}
    secret = add_machine_client(administration.api, "brisa", "records", duties)
    assert secret is not None
    return "brisa-records", secret


def _load(run: Run, people: int) -> None:
    options = ["--agency", str(run.agencies["brisa"]), "--among-people"]
    passed = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    subprocess.run(
        [sys.executable, "-m", "intake", "seed", str(people), *options],
        env=passed | run.environment("intake", "api"),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _register(run: Run, software: tuple[str, str]) -> str:
    member = {"given_name": "Altagracia", "surname": "Montilla", "relation": "head", "sex": "female"}
    member |= {"population_group": "migrant", "born": "1991-02-03"}
    body = {"household": {"area": "PA110403"}, "members": [member]}
    with front_door(run, *software) as door:
        answer = door.put(f"{run.apis['intake']}/registrations/{uuid4()}", json=body).raise_for_status()
    person: str = answer.json()["members"][0]["person_id"]
    return person


def _read(run: Run, software: tuple[str, str], person: str) -> str:
    with front_door(run, *software) as door:
        answer = door.get(f"{run.apis['intake']}/people/{person}").raise_for_status()
    return person if "Montilla" in answer.text else "another person"


def _facts(run: Run) -> Facts:
    """Return the number and a checksum of the rows of each table."""
    found: Facts = {}
    for service in services_with_database():
        conninfo = make_conninfo(run.postgres.admin, dbname=service, options="-c TimeZone=UTC")
        with psycopg.connect(conninfo) as connection:
            for name, table in database_facts(connection).tables.items():
                if name.split(".")[0] in COMPARED:
                    found[f"{service} {name}"] = (table.rows, table.checksum)
    return found


def _accounts(run: Run) -> list[Any]:
    return [(each.username, each.subject, dict(each.duties)) for each in Administration(run).people()]


def main() -> None:
    """Run the command line; an error is one sentence and exit status 1."""
    try:
        typer.run(rehearse)
    except StackError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
