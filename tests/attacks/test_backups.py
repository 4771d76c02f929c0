"""Attack: read a backup without its key, change it, put it over a living instance, bring erased people back with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from operations.__main__ import app
from operations.backup.create import ERASURES, create_backup
from operations.backup.encryption import content_of
from operations.backup.errors import BackupError, DamagedBackup, NotABackup, NotEmpty
from operations.backup.keys import create_keys, read_opening_key
from operations.backup.manifest import MANIFEST, SIGNATURE, read_part
from operations.backup.restore import Restoration, RestoringStack, open_backup, read_secrets
from stack import Stack
from stack.secret_file import read_secrets as read_secret_file
from stack.steps import Steps
from typer.testing import CliRunner

from tests.attacks.test_processes import secrets_of
from tests.conftest import BackedUp, ScenarioRun


@pytest.fixture
def copy(backed_up: BackedUp, tmp_path: Path) -> Path:
    """A copy of all backups, which a test may change."""
    return Path(shutil.copytree(backed_up.target, tmp_path / "copy"))


def open_copy(copy: Path, backed_up: BackedUp) -> None:
    name = backed_up.backup.name
    key = read_opening_key(backed_up.identity)
    open_backup(copy / "rows" / name, copy / "keys" / name, copy / ERASURES, key)


def change_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_without_the_key_nothing_in_a_backup_is_readable(backed_up: BackedUp, tmp_path: Path) -> None:
    files = [file for file in backed_up.target.rglob("*") if file.is_file()]
    assert len(files) > 15
    for file in files:
        content = file.read_bytes()
        assert not any(name.encode() in content for name in backed_up.names), file
        assert file.stat().st_mode & 0o077 == 0, file
        assert file.suffix != ".age" or content.startswith(b"age-encryption.org/v1"), file
    other = tmp_path / "other.txt"
    (tmp_path / "state").mkdir()
    create_keys(tmp_path / "state", other)
    manifest = read_part(backed_up.rows, None)
    for name in ("databases/intake.dump", "roles.sql"):
        with pytest.raises(DamagedBackup, match="cannot be opened with this key"):
            content_of(backed_up.rows, manifest.file(name), read_opening_key(other))


def test_keys_of_people_are_in_a_part_of_their_own(backed_up: BackedUp) -> None:
    key = read_opening_key(backed_up.identity)
    rows, keys = (backed_up.backup.folders[part] for part in ("rows", "keys"))
    of_rows = content_of(rows, read_part(rows, key).file("databases/intake.dump"), key)
    of_keys = content_of(keys, read_part(keys, key).file("databases/intake.dump"), key)
    assert b"subject_key" in of_keys
    assert b"TABLE subject_key" not in of_rows
    assert b"search_token" in of_rows
    assert [file.name for file in read_part(keys, key).files] == ["databases/intake.dump.age"]


@pytest.mark.parametrize(
    "place",
    ["rows/{}/databases/cash.dump.age", "rows/{}/roles.sql.age", "keys/{}/databases/intake.dump.age"]
    + [f"rows/{{}}/{name}" for name in (MANIFEST, SIGNATURE)],
)
def test_a_changed_byte_is_noticed_before_anything_is_restored(
    copy: Path, backed_up: BackedUp, place: str
) -> None:
    open_copy(copy, backed_up)
    change_byte(copy / place.format(backed_up.backup.name))
    with pytest.raises(DamagedBackup, match="Nothing was restored"):
        open_copy(copy, backed_up)


def test_a_manifest_of_somebody_else_is_refused(copy: Path, backed_up: BackedUp, tmp_path: Path) -> None:
    """Encrypt rows of one's own with the public key, without the key that signs."""
    create_keys(tmp_path, tmp_path / "identity.txt")
    folder = copy / "rows" / backed_up.backup.name
    with pytest.raises(DamagedBackup, match="another instance wrote it"):
        read_part(folder, read_opening_key(tmp_path / "identity.txt"))
    (folder / SIGNATURE).unlink()
    with pytest.raises(DamagedBackup, match="another instance wrote it"):
        open_copy(copy, backed_up)


def _unfinished(folder: Path) -> None:
    folder.rename(folder.with_name(f"{folder.name}.partial"))


@pytest.mark.parametrize(
    "interrupt", [lambda folder: (folder / MANIFEST).unlink(), _unfinished], ids=["manifest", "name"]
)
def test_a_half_written_backup_is_no_backup(
    copy: Path, backed_up: BackedUp, interrupt: Callable[[Path], None]
) -> None:
    interrupt(copy / "rows" / backed_up.backup.name)
    with pytest.raises(NotABackup, match="has no manifest, which is written last"):
        open_copy(copy, backed_up)


def test_a_backup_that_fails_leaves_nothing(scenario_run: ScenarioRun, stack: Stack, tmp_path: Path) -> None:
    wrong = read_secret_file(stack.folder / "secrets.json").model_copy(update={"keycloak_database": "wrong"})
    with pytest.raises(Exception, match="password authentication failed"):
        create_backup(scenario_run.run, wrong, tmp_path)
    assert list(tmp_path.rglob("*.age")) == []


def test_parts_of_other_backups_and_other_secrets_are_refused(
    copy: Path, backed_up: BackedUp, tmp_path: Path
) -> None:
    source = backed_up.source
    secrets = read_secrets(backed_up.backup.folders["secrets"], source)
    file = tmp_path / "secrets.json"
    file.write_text(secrets.model_copy(update={"person_keys": "x" * 40}).model_dump_json())
    with pytest.raises(BackupError, match="other secrets than the instance that was backed up: person_keys"):
        read_secrets(file, source)
    (copy / ERASURES).unlink()
    with pytest.raises(BackupError, match="people who were erased would be back"):
        open_copy(copy, backed_up)


def test_a_living_instance_is_not_restored_over(
    backed_up: BackedUp, scenario_run: ScenarioRun, stack: Stack
) -> None:
    source = backed_up.source
    secrets = read_secrets(backed_up.backup.folders["secrets"], source)
    with pytest.raises(NotEmpty, match=r"is not empty: it has secrets\.json"):
        RestoringStack(stack.folder, steps=Steps(quiet=True)).restore(source, secrets)
    with pytest.raises(NotEmpty, match=r"is not empty: it has \d+ tables"):
        Restoration(source, secrets).databases(scenario_run.run.postgres.admin, lambda service, role: "")
    assert not stack.restore_marker.exists()
    assert all(stack.status().values())


def test_no_command_on_backups_prints_a_secret(
    backed_up: BackedUp, scenario_run: ScenarioRun, stack: Stack, tmp_path: Path
) -> None:
    environment = {
        "SOLIDARY_STATE": str(stack.folder),
        "SOLIDARY_BACKUP_IDENTITY": str(backed_up.identity),
    }
    rows, printed = str(backed_up.rows), ""
    for arguments in (
        ["backup", "keys", str(tmp_path / "new.txt")],
        ["backup", "verify", rows],
        ["backup", "verify", rows, "--json"],
        ["backup", "restore", rows],
    ):
        result = CliRunner().invoke(app, arguments, env=environment)
        printed += result.output + str(result.exception)
    result = CliRunner().invoke(app, ["backup", "verify", rows, "--json"], env=environment)
    assert json.loads(result.stdout)["files"] > 10
    secrets = [*secrets_of(scenario_run.run).values(), backed_up.identity.read_text().splitlines()[-1]]
    assert not [secret for secret in secrets if secret in printed]
