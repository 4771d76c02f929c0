from __future__ import annotations

import stat
from pathlib import Path

from stack.secret_file import keep_secrets


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    first = keep_secrets(file, demonstration=True)
    assert keep_secrets(file, demonstration=True) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_two_checkouts_and_no_two_accounts_share_a_password(tmp_path: Path) -> None:
    passwords: list[str] = []
    for name in ("one", "two"):
        secrets = keep_secrets(tmp_path / name, demonstration=True)
        passwords += [secrets.postgres_admin, secrets.kafka_admin, secrets.kafka_controller]
        passwords += [secrets.keycloak_admin, secrets.keycloak_database, str(secrets.demonstration)]
        for accounts in (secrets.kafka, secrets.services, secrets.clients, *secrets.databases.values()):
            passwords += accounts.values()
    assert len(set(passwords)) == len(passwords) > 80


def test_outside_the_demonstration_nobody_has_a_password_from_us(tmp_path: Path) -> None:
    secrets = keep_secrets(tmp_path / "secrets.json", demonstration=False)
    assert secrets.demonstration is None
    assert not [client for client in secrets.clients if not client.startswith("svc-")]


def test_a_secret_that_an_older_file_lacks_is_added_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_text('{"postgres_admin": "kept", "kafka": {"intake": "kept too"}}')
    secrets = keep_secrets(file, demonstration=False)
    assert (secrets.postgres_admin, secrets.kafka["intake"]) == ("kept", "kept too")
    assert secrets.kafka["cash"]
