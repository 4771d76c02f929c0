from __future__ import annotations

import re
from pathlib import Path

import pytest
from stack import Run, Stack
from stack.secret_file import load_or_create_secrets
from stack.servers.keycloak_tables import CHANGELOG_TABLES, KeycloakTables


def test_saved_tables_hold_the_schema_and_no_row_of_the_realm(
    stack: Stack, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLIDARY_CACHE", str(tmp_path))
    secrets = load_or_create_secrets(stack.folder / "secrets.json", demonstration=True)
    tables = KeycloakTables(stack.postgres, secrets.keycloak_database)
    tables.save()
    saved = "\n".join(file.read_text() for file in tmp_path.rglob("*.sql"))
    assert "CREATE TABLE public.user_entity" in saved
    assert set(re.findall(r"^(?:COPY|INSERT INTO) public\.(\w+)", saved, re.M)) == set(CHANGELOG_TABLES)
    assert "iom.cash_maker" not in saved
    assert "solidary" not in saved
    tables.restore()  # changes nothing where the database has tables
