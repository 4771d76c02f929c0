"""Restoring a backup into an empty place: verify, restore, compare and replay the erasures before anything serves."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo
from stack.files import write_private
from stack.provision.databases import KEYCLOAK, provision_database, provision_keycloak_database
from stack.run_file import Run
from stack.secret_file import Secrets
from stack.secret_file import read_secrets as read_secret_file
from stack.stack import PORTS, Stack

from operations.backup.create import replay_erasures, verify_access_log
from operations.backup.encryption import content_of, decrypt_file
from operations.backup.errors import BackupError, Differences, NotEmpty
from operations.backup.facts import database_facts, differences, figures, roles, secret_digests
from operations.backup.keys import OpeningKey
from operations.backup.manifest import Contents, DatabaseFacts, Manifest, PartitionFacts, read_part
from operations.backup.programs import input_of
from operations.backup.topics import Topics

DATA_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"


@dataclass(frozen=True)
class Source:
    """A verified backup, its keys of people, the list of erasures, and the key that opens the files."""

    rows: Path
    manifest: Manifest
    keys: Path
    keys_manifest: Manifest
    erasures: Path
    key: OpeningKey

    @property
    def contents(self) -> Contents:
        """The facts of the instance at the moment of the backup."""
        assert self.manifest.contents is not None
        return self.manifest.contents


def open_backup(rows: Path, keys: Path, erasures: Path, key: OpeningKey) -> Source:
    """Verify all files of a backup and return it. Raises NotABackup, DamagedBackup, BackupError."""
    manifest, keys_manifest = read_part(rows, key), read_part(keys, key)
    if manifest.part != "rows" or manifest.contents is None or keys_manifest.part != "keys":
        raise BackupError(f"{rows} should be a part «rows» of a backup and {keys} its part «keys».")
    if manifest.backup != keys_manifest.backup:
        raise BackupError(f"{keys} has the keys of another backup than {rows}. Use those of the same moment.")
    if not erasures.is_file():
        raise BackupError(
            f"There is no list of erasures in {erasures}. Without it, people who were erased would be back. Use the "
            "newest list that any backup has written, or an empty file where nobody was ever erased."
        )
    return Source(rows, manifest, keys, keys_manifest, erasures, key)


def read_secrets(place: Path, source: Source) -> Secrets:
    """Return the secrets of a backup's part, or of a `secrets.json` that was kept elsewhere.

    Raises BackupError where they are not those of the backup.
    """
    if place.is_dir():
        manifest = read_part(place, source.key)
        if manifest.backup != source.manifest.backup:
            raise BackupError(f"{place} has the secrets of another backup than {source.rows}.")
        secrets = Secrets.model_validate_json(content_of(place, manifest.file("secrets"), source.key))
    else:
        secrets = read_secret_file(place)
    found = secret_digests(secrets)
    wrong = [name for name, digest in source.contents.secrets.items() if found.get(name) != digest]
    if wrong:
        raise BackupError(
            f"{place} has other secrets than the instance that was backed up: {', '.join(wrong)}. With them nobody "
            "could read what is restored. Use the secrets of that instance."
        )
    return secrets


class Restoration:
    """The steps of a restore on servers that run and are empty."""

    def __init__(self, source: Source, secrets: Secrets):
        self._source, self._secrets = source, secrets
        self._country = source.manifest.country

    def databases(self, admin: str, url: Callable[[str, str], str]) -> None:
        """Restore the databases, compare them and replay the erasures. Raises NotEmpty, Differences.

        `admin` is the superuser's connection; `url(service, role)` the connection of a service's role.
        """
        names = list(self._source.contents.databases)
        for name in names:
            _require_empty(admin, name)
        self._restore_roles(admin)
        provision_keycloak_database(admin, self._secrets.keycloak_database)
        for service in names:
            if service != KEYCLOAK:
                provision_database(admin, service, service, self._secrets.databases[service])
        for name in names:
            self._restore(name, make_conninfo(admin, dbname=name))
        self._compare_databases(admin)
        if "intake" in names:
            verify_access_log(self._country, url("intake", "backup"))
            replay_erasures(self._source.erasures, self._country, url("intake", "migrate"))

    def topics(self, topics: Topics) -> None:
        """Restore the topics with their events, and the offsets of the groups. Raises NotEmpty, Differences."""
        topics.require_empty()
        wanted = self._source.contents.topics
        topics.create(wanted)
        before = {topic: topics.write(topic, self._events(topic)) for topic in wanted}
        found = {topic: _partition_facts(partitions) for topic, partitions in topics.ends().items()}
        empty = Contents(databases={}, roles={}, topics=wanted, groups={}, figures={}, secrets={})
        if lines := differences(empty, empty.model_copy(update={"topics": found})):
            raise Differences(lines)
        groups = {
            group: {topic: dict(places) for topic, places in of_group.items()}
            for group, of_group in self._source.contents.groups.items()
        }
        topics.commit(groups, before)

    def _restore_roles(self, admin: str) -> None:
        """Make the roles of the backup, without passwords; those of the platform get theirs afterwards."""
        script = content_of(self._source.rows, self._source.manifest.file("roles.sql"), self._source.key)
        # Roles that exist, such as the superuser, are an error that the comparison of roles looks after.
        with input_of("psql", admin, "--quiet", "--set=ON_ERROR_STOP=0") as target:
            target.write(script)

    def _restore(self, name: str, admin: str) -> None:
        for folder, manifest in (
            (self._source.rows, self._source.manifest),
            (self._source.keys, self._source.keys_manifest),
        ):
            if any(file.name == f"databases/{name}.dump.age" for file in manifest.files):
                file = manifest.file(f"databases/{name}.dump")
                # The superuser of the new cluster may have another name; owners and grants are those of the backup.
                options = ("--exit-on-error", "--single-transaction", f"--dbname={name}")
                with input_of("pg_restore", admin, *options) as target:
                    decrypt_file(folder, file, target, self._source.key)  # type: ignore[arg-type]

    def _compare_databases(self, admin: str) -> None:
        contents = self._source.contents
        facts: dict[str, DatabaseFacts] = {}
        shown: dict[str, dict[str, str]] = {}
        for name in contents.databases:
            options = "-c TimeZone=UTC"
            with psycopg.connect(make_conninfo(admin, dbname=name, options=options)) as connection:
                shown[name] = figures(name, connection)
                facts[name] = database_facts(connection)
                known_roles = roles(connection)
        found = contents.model_copy(update={"databases": facts, "roles": known_roles, "figures": shown})
        if lines := differences(contents, found):
            raise Differences(lines)

    def _events(self, topic: str) -> Iterator[bytes]:
        """Yield the lines of a topic in the backup."""
        file = self._source.manifest.file(f"topics/{topic}.jsonl.gz")
        with tempfile.TemporaryFile() as content:
            decrypt_file(self._source.rows, file, content, self._source.key)
            content.seek(0)
            with gzip.open(content) as lines:
                yield from lines


def _partition_facts(ends: dict[int, tuple[int, int]]) -> dict[int, PartitionFacts]:
    return {
        number: PartitionFacts(first=first, end=end, events=end - first)
        for number, (first, end) in ends.items()
    }


def _require_empty(admin: str, name: str) -> None:
    """Raise NotEmpty where a database of that name has a table."""
    with psycopg.connect(admin) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            return
    with psycopg.connect(make_conninfo(admin, dbname=name)) as connection:
        row = connection.execute(DATA_TABLES).fetchone()
    if row != (0,):
        raise NotEmpty(f"The database {name}", f"{row[0] if row else 0} tables")


class RestoringStack(Stack):
    """The native servers of an empty state folder, which are filled from a backup while they start for the first time.

    A restore that fails deletes what it made. One that was killed is noticed by its marker: no other command starts
    what it left, and the next restore deletes it.
    """

    _restoration: Restoration

    def restore(self, source: Source, secrets: Secrets) -> Run:
        """Restore a backup and return the facts of the servers, which run. Raises BackupError."""
        if self.restore_marker.exists():
            self.delete()
        self._require_empty_place()
        write_private(self.restore_marker, str(source.manifest.backup))
        write_private(self.folder / "secrets.json", secrets.model_dump_json(indent=1))
        self.country, self.demonstration = source.manifest.country, secrets.demonstration is not None
        self._restoration = Restoration(source, secrets)
        try:
            run = self.up()
        except BaseException:
            self.delete()
            raise
        self.restore_marker.unlink()
        return run

    def _require_empty_place(self) -> None:
        self._create_servers(dict.fromkeys(PORTS, 0), Secrets())
        for place in (self.folder / "secrets.json", self.postgres.home, self.kafka.home):
            if place.exists():
                raise NotEmpty(self.folder, str(place.name))

    def _refuse_half_restored(self) -> None:
        """Start although the marker is there: this is the restore."""

    def _start_postgres(self, secrets: Secrets) -> None:
        super()._start_postgres(secrets)
        with self.steps.step("databases restored, compared, erasures replayed"):
            self._restoration.databases(
                self.postgres.admin_url,
                lambda service, role: (
                    f"postgresql://{service}_{role}:{secrets.databases[service][role]}"  # type: ignore[index]
                    f"@{self.postgres.address['host']}:{self.postgres.port}/{service}"
                ),
            )

    def _provision_kafka(self, secrets: Secrets) -> None:
        with self.steps.step("topics restored"):
            self._restoration.topics(Topics(self.kafka.bootstrap, secrets.kafka_admin, self.country))
        super()._provision_kafka(secrets)
