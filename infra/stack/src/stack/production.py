"""The conditions under which an instance for people starts (compose.production.yml)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from solidary.language.country import InvalidPack, load_pack

from stack.agencies import agency_client_ids
from stack.door import CERTIFICATE_FILES
from stack.errors import StackError
from stack.secret_file import Secrets

BACKUP_KEYS = "backup-keys.json"
"""The file of the state folder with the keys by which backups are encrypted and signed."""
PUBLIC_ADDRESS = re.compile(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
SHORTEST_PASSWORD = 20


class NotForPeople(StackError):
    """Settings with which an instance must not start, because it is for people."""

    def __init__(self, faults: list[str]):
        lines = "\n".join(f"- {fault}" for fault in faults)
        super().__init__(f"This instance is not ready for people (docs/operating/install.md):\n{lines}")


def require_production(
    *,
    country: str,
    public: str,
    demonstration: bool,
    state: Path,
    backup: Path | None,
    certificates: Path | None,
    secrets: Secrets,
) -> None:
    """Raise NotForPeople with everything that keeps an instance of these settings from people."""
    faults = [
        *_setting_faults(country, public, demonstration=demonstration),
        *_secret_faults(secrets),
        *_backup_faults(state, backup),
        *_certificate_faults(certificates),
    ]
    if faults:
        raise NotForPeople(faults)


def _setting_faults(country: str, public: str, *, demonstration: bool) -> Iterator[str]:
    if demonstration:
        yield "SOLIDARY_DEMONSTRATION is true, so invented people could log in. Remove it."
    if not PUBLIC_ADDRESS.fullmatch(public):
        yield (
            f"SOLIDARY_PUBLIC is {public}, but people need an https address without a path. "
            "Set it to one such as https://solidary.example."
        )
    try:
        load_pack(country.upper())
    except (KeyError, InvalidPack) as error:
        yield f"SOLIDARY_COUNTRY={country}: {error.args[0]}"


def _secret_faults(secrets: Secrets) -> Iterator[str]:
    if secrets.demonstration is not None or secrets.clients.keys() & set(agency_client_ids()):
        yield (
            "secrets.json has the passwords of a demonstration, which its people knew. "
            "Start in an empty folder, which gets passwords of its own."
        )
    passwords: dict[str, str] = {}
    for name, value in _values("", secrets.model_dump(exclude={"demonstration", "demonstration_code"})):
        if len(value) < SHORTEST_PASSWORD:
            yield (
                f"«{name}» in secrets.json has fewer than {SHORTEST_PASSWORD} characters. Give it a random value."
            )
        elif value in passwords:
            yield f"«{name}» and «{passwords[value]}» in secrets.json are the same. Give each a value of its own."
        passwords[value] = name


def _values(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield each text of a nested value with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, str):
        yield name, value


def _backup_faults(state: Path, backup: Path | None) -> Iterator[str]:
    if backup is None:
        yield "SOLIDARY_BACKUP is not set. Name the folder for backups, on another machine's disk."
    elif not (backup.is_dir() and os.access(backup, os.W_OK)):
        yield f"{backup}, the place for backups, is no folder that can be written. Mount it."
    if not (state / BACKUP_KEYS).exists():
        yield (
            f"There is no key for backups in {state}. Make one, and take the file that opens backups away: "
            "solidaryctl backup keys FILE"
        )


def _certificate_faults(certificates: Path | None) -> Iterator[str]:
    if certificates is None:
        return
    for name in CERTIFICATE_FILES:
        if not os.access(certificates / name, os.R_OK):
            yield f"SOLIDARY_CERTIFICATES has no file {name} that can be read. Put the front door's there, in PEM."
