from __future__ import annotations

import re
from pathlib import Path

import pytest
from stack import Run, Stack
from stack.secret_file import keep_secrets
from stack.servers.keycloak_tables import RECORD, KeycloakTables


def test_what_is_kept_for_other_checkouts_holds_tables_and_no_row_of_the_realm(
    stack: Stack, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLIDARY_CACHE", str(tmp_path))
    secrets = keep_secrets(stack.folder / "secrets.json", demonstration=True)
    tables = KeycloakTables(stack.postgres, secrets.keycloak_database)
    tables.keep()
    kept = "\n".join(file.read_text() for file in tmp_path.rglob("*.sql"))
    assert "CREATE TABLE public.user_entity" in kept
    assert set(re.findall(r"^(?:COPY|INSERT INTO) public\.(\w+)", kept, re.M)) == set(RECORD)
    assert "iom.cash_maker" not in kept
    assert "solidary" not in kept
    tables.lay()  # where tables are, nothing is laid over them
