from __future__ import annotations

import stat
from pathlib import Path

from stack.secret_file import load_or_create_secrets


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    first = load_or_create_secrets(file, demonstration=True)
    assert load_or_create_secrets(file, demonstration=True) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_every_account_of_every_checkout_has_its_own_password(tmp_path: Path) -> None:
    passwords: list[str] = []
    for name in ("one", "two"):
        secrets = load_or_create_secrets(tmp_path / name, demonstration=True)
        passwords += [secrets.postgres_admin, secrets.kafka_admin, secrets.kafka_controller]
        passwords += [secrets.keycloak_admin, secrets.keycloak_provisioner, secrets.keycloak_database]
        passwords += [str(secrets.demonstration), str(secrets.demonstration_code)]
        for accounts in (secrets.kafka, secrets.services, secrets.clients, *secrets.databases.values()):
            passwords += accounts.values()
    assert len(set(passwords)) == len(passwords) > 80


def test_only_a_demonstration_has_people_and_agencies_with_passwords(tmp_path: Path) -> None:
    secrets = load_or_create_secrets(tmp_path / "secrets.json", demonstration=False)
    assert (secrets.demonstration, secrets.demonstration_code) == (None, None)
    assert not [client for client in secrets.clients if not client.startswith("svc-")]


def test_missing_secret_is_added_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_text('{"postgres_admin": "kept", "kafka": {"intake": "also kept"}}')
    secrets = load_or_create_secrets(file, demonstration=False)
    assert (secrets.postgres_admin, secrets.kafka["intake"]) == ("kept", "also kept")
    assert secrets.kafka["cash"]
