"""`solidaryctl client`: the agencies' own software, with duties given one by one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from solidary.platform.identity import SOFTWARE_DUTIES, Duty
from stack.checkout import state_folder
from stack.errors import StackError
from stack.files import write_private
from stack.provision.admin_api import AdminApi
from stack.provision.machine_clients import (
    SECRET_DAYS,
    MachineClient,
    add_machine_client,
    enable_machine_client,
    find_machine_client,
    give_duty,
    list_machine_clients,
    renew_proof,
    take_duty,
)
from stack.run_file import read_run

from operations.administration import Administration
from operations.output import Json, print_result

client = typer.Typer(no_args_is_help=True, help="Add, list and disable the agencies' own software.")
Alias = Annotated[str, typer.Argument(help="An agency's alias, such as unhcr.")]
ClientId = Annotated[str, typer.Argument(help="The id of a client, such as unhcr-records.")]
Duties = Annotated[list[Duty], typer.Argument(help=f"One or more of {', '.join(sorted(SOFTWARE_DUTIES))}.")]
PublicKey = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="A file in PEM or JWK, with which it logs in by a key."),
]
SecretFile = Annotated[Path | None, typer.Option(help="A new file for the secret, where there is no key.")]
SecretDays = Annotated[int, typer.Option(help="The days after which the secret ends.")]


@client.command("add")
def add_client(
    alias: Alias,
    name: Annotated[str, typer.Argument(help="A name of small letters: the client is AGENCY-NAME.")],
    duties: Duties,
    public_key: PublicKey = None,
    secret_file: SecretFile = None,
    secret_days: SecretDays = SECRET_DAYS,
    json: Json = False,
) -> None:
    """Create an agency's software with these duties; repeating it gives the duties that it lacks."""
    api, client_id = _api(), f"{alias}-{name}"
    existing = [each for each in list_machine_clients(api, alias) if each.client_id == client_id]
    if existing:
        missing = sorted(set(duties) - set(existing[0].duties))
        for duty in missing:
            give_duty(api, client_id, duty)
        _print(api, client_id, changed=bool(missing), json=json)
        return
    _require_proof(public_key, secret_file)
    key = public_key.read_text() if public_key else None
    secret = add_machine_client(api, alias, name, set(duties), public_key=key, secret_days=secret_days)
    _write_secret(secret, secret_file)
    _print(api, client_id, changed=True, json=json)


@client.command("list")
def list_clients(
    agency: Annotated[str | None, typer.Option(help="Only those of this agency.")] = None, json: Json = False
) -> None:
    """List the agencies' software with its duties, the end of its secret and the subject of what it records."""
    found = list_machine_clients(_api(), agency)
    print_result([asdict(each) for each in found], map(str, found), json=json)


@client.command("renew")
def renew_client(
    client_id: ClientId,
    public_key: PublicKey = None,
    secret_file: SecretFile = None,
    secret_days: SecretDays = SECRET_DAYS,
    json: Json = False,
) -> None:
    """Replace the secret or the key of a client; the old one ends at once."""
    _require_proof(public_key, secret_file)
    key = public_key.read_text() if public_key else None
    api = _api()
    _write_secret(renew_proof(api, client_id, public_key=key, secret_days=secret_days), secret_file)
    _print(api, client_id, changed=True, json=json)


@client.command("give")
def give_duties(client_id: ClientId, duties: Duties, json: Json = False) -> None:
    """Give a client more duties."""
    api = _api()
    missing = sorted(set(duties) - set(find_machine_client(api, client_id).duties))
    for duty in missing:
        give_duty(api, client_id, duty)
    _print(api, client_id, changed=bool(missing), json=json)


@client.command("take")
def take_duties(client_id: ClientId, duties: Duties, json: Json = False) -> None:
    """Take duties from a client; a token that it has keeps them for a minute at most."""
    api = _api()
    held = sorted(set(duties) & set(find_machine_client(api, client_id).duties))
    for duty in held:
        take_duty(api, client_id, duty)
    _print(api, client_id, changed=bool(held), json=json)


@client.command("disable")
def disable_client(client_id: ClientId, json: Json = False) -> None:
    """End the access of a client: it gets no token any more, and those that it has end within a minute."""
    _enable(client_id, enabled=False, json=json)


@client.command("enable")
def enable_client(client_id: ClientId, json: Json = False) -> None:
    """Let a disabled client get tokens again."""
    _enable(client_id, enabled=True, json=json)


def _api() -> AdminApi:
    return Administration(read_run(state_folder())).api


def _require_proof(public_key: Path | None, secret_file: Path | None) -> None:
    """Raise StackError unless a client gets a key, or a secret in a new file."""
    if (public_key is None) == (secret_file is None):
        raise StackError("Name either --public-key, a file of the agency's, or --secret-file, a new file.")
    if secret_file is not None and secret_file.exists():
        raise StackError(f"{secret_file} exists already. Name a new file for the secret.")


def _write_secret(secret: str | None, file: Path | None) -> None:
    if secret is not None and file is not None:
        write_private(file, f"{secret}\n")


def _enable(client_id: str, *, enabled: bool, json: bool) -> None:
    api = _api()
    changed = find_machine_client(api, client_id).enabled != enabled
    if changed:
        enable_machine_client(api, client_id, enabled=enabled)
    _print(api, client_id, changed=changed, json=json)


def _print(api: AdminApi, client_id: str, *, changed: bool, json: bool) -> None:
    found: MachineClient = find_machine_client(api, client_id)
    print_result({**asdict(found), "changed": changed}, [str(found)], json=json)
