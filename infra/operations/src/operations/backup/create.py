"""Making a backup: every database at one moment, the topics up to it, and the list of erasures."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from uuid import UUID, uuid4

from stack.provision.databases import KEYCLOAK
from stack.run_file import Run
from stack.secret_file import Secrets

from operations.backup.encryption import Chunks, EncryptedFile, Readable, encrypt_file
from operations.backup.errors import BackupError
from operations.backup.facts import database_facts, figures, roles, secret_digests
from operations.backup.keys import WritingKeys, read_writing_keys
from operations.backup.manifest import Contents, Manifest, PartitionFacts, PartName, unfinished, write_part
from operations.backup.programs import output_of
from operations.backup.snapshots import Snapshot, one_moment
from operations.backup.topics import Ends, Groups, Topics

KEYS_SCHEMA = "keys"
"""The schema with the keys of people, which is a part of its own, kept for days."""
ERASURES = "erasures.jsonl"
NAME_FORMAT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Backup:
    """A backup that was written and verified: its name, and the folder of each of its parts."""

    name: str
    folders: dict[PartName, Path]
    manifest: Manifest


class _Writer:
    """The parts of one backup while they are written."""

    def __init__(self, target: Path, run: Run, keys: WritingKeys):
        self.id: UUID = uuid4()
        self.moment = datetime.now(UTC)
        self.name = self.moment.strftime(NAME_FORMAT)
        self._target, self._run, self._keys = target, run, keys
        self._files: dict[PartName, list[EncryptedFile]] = {}

    def folder(self, part: PartName) -> Path:
        """Return the final folder of a part."""
        return self._target / part / self.name

    def add(self, part: PartName, name: str, source: Readable) -> None:
        """Write an encrypted file of a part from a source."""
        folder = unfinished(self.folder(part))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = encrypt_file(folder, name, source, self._keys.recipient)
        self._files.setdefault(part, []).append(written)

    def finish(self, contents: Contents) -> Backup:
        """Write the manifests, that of the rows last, which makes the backup complete."""
        parts: list[PartName] = [part for part in self._files if part != "rows"]
        for part in parts:
            self._write(part, None)
        manifest = self._write("rows", contents)
        return Backup(self.name, {part: self.folder(part) for part in self._files}, manifest)

    def abandon(self) -> None:
        """Delete what was written of a backup that failed."""
        for part in self._files:
            for folder in (unfinished(self.folder(part)), self.folder(part)):
                shutil.rmtree(folder, ignore_errors=True)

    def _write(self, part: PartName, contents: Contents | None) -> Manifest:
        manifest = Manifest(
            backup=self.id,
            part=part,
            country=self._run.country,
            moment=self.moment,
            software=version("solidary"),
            files=tuple(self._files[part]),
            contents=contents,
        )
        write_part(self.folder(part), manifest, self._keys)
        return manifest


def create_backup(
    run: Run, secrets: Secrets, target: Path, *, with_secrets: bool = False, keep_keys_days: int = 7
) -> Backup:
    """Back up a running instance into a folder, and delete the parts with keys of people that are older.

    `with_secrets` adds the instance's secrets as a third part. Raises BackupError; what was written of a backup that
    fails is deleted, and a kill -9 leaves a folder `….partial`, which nothing restores.
    """
    keys = read_writing_keys(run.folder)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    topics = Topics(run.kafka.bootstrap, run.kafka.admin.password, run.country)
    writer = _Writer(target, run, keys)
    try:
        contents = _write_contents(writer, run, secrets, topics)
        if with_secrets:
            writer.add("secrets", "secrets", Chunks([secrets.model_dump_json(indent=1).encode()]))
        export_erasures(run, target / ERASURES)
        backup = writer.finish(contents)
    except BaseException:
        writer.abandon()
        raise
    _delete_old_keys(target, datetime.now(UTC) - timedelta(days=keep_keys_days))
    return backup


def _write_contents(writer: _Writer, run: Run, secrets: Secrets, topics: Topics) -> Contents:
    groups: Groups = topics.committed()
    ends: Ends = {}
    with one_moment(run, secrets.keycloak_database, lambda: ends.update(topics.ends())) as snapshots:
        facts, shown = {}, {}
        for name, snapshot in snapshots.items():
            _dump(writer, snapshot)
            shown[name] = figures(name, snapshot.connection)
            facts[name] = database_facts(snapshot.connection)
        known_roles = roles(snapshots[KEYCLOAK].connection)
        any_service = next(name for name in snapshots if name != KEYCLOAK)
        globals_only = ("--globals-only", "--no-role-passwords", f"--database={any_service}")
        with output_of("pg_dumpall", snapshots[any_service].url, *globals_only) as output:
            writer.add("rows", "roles.sql", output)
    events: dict[str, dict[int, PartitionFacts]] = {}
    for topic, of_topic in ends.items():
        source = Chunks(topics.read(topic, of_topic, events.setdefault(topic, {})))
        writer.add("rows", f"topics/{topic}.jsonl.gz", source)
    return Contents(
        databases=facts,
        roles=known_roles,
        topics=events,
        groups=groups,
        figures={name: found for name, found in shown.items() if found},
        secrets=secret_digests(secrets),
    )


def _dump(writer: _Writer, snapshot: Snapshot) -> None:
    """Write a database as its snapshot has it, the keys of people apart."""
    has_keys = snapshot.connection.execute("SELECT to_regnamespace(%s)", (KEYS_SCHEMA,)).fetchone() != (None,)
    options = ("--format=custom", f"--snapshot={snapshot.name}")
    parts: Sequence[tuple[PartName, str]] = [("rows", f"--exclude-schema={KEYS_SCHEMA}")]
    if has_keys:
        parts = [*parts, ("keys", f"--schema={KEYS_SCHEMA}")]
    for part, choice in parts:
        with output_of("pg_dump", snapshot.url, *options, choice) as output:
            writer.add(part, f"databases/{snapshot.database}.dump", output)


def export_erasures(run: Run, file: Path) -> None:
    """Add the erasures of the instance to the list that no restore touches."""
    if "intake" not in run.databases:
        return
    environment = {
        "SOLIDARY_COUNTRY": run.country,
        "SOLIDARY_DATABASE_BACKUP": run.databases["intake"]["backup"],
    }
    _run_intake(["erasures", "export", str(file)], environment)


def replay_erasures(file: Path, country: str, migrate_url: str) -> str:
    """Erase everybody on the list again in a restored database; return what the command printed."""
    environment = {"SOLIDARY_COUNTRY": country, "SOLIDARY_DATABASE_MIGRATE": migrate_url}
    return _run_intake(["erasures", "replay", str(file)], environment)


def verify_access_log(country: str, backup_url: str) -> str:
    """Compute every seal of a restored access log from its entries. Raises BackupError where one differs."""
    environment = {"SOLIDARY_COUNTRY": country, "SOLIDARY_DATABASE_BACKUP": backup_url}
    return _run_intake(["access-log", "verify", "--seals", os.devnull], environment)


def _run_intake(arguments: Sequence[str], environment: dict[str, str]) -> str:
    passed = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "intake", *arguments]
    done = subprocess.run(command, env=passed | environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupError(
            f"«{' '.join(['intake', *arguments])}» failed:\n{(done.stderr or done.stdout).strip()}"
        )
    return done.stdout.strip()


def _delete_old_keys(target: Path, before: datetime) -> None:
    """Delete the parts with keys of people from before a time: an erased person could be read with them."""
    for folder in (target / "keys").glob("*"):
        if folder.name.removesuffix(".partial") < before.strftime(NAME_FORMAT):
            shutil.rmtree(folder)
