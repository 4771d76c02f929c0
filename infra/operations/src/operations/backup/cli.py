"""`solidaryctl backup`: make, verify and restore backups."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from solidary.language.problems import count_of
from stack.checkout import state_folder
from stack.run_file import read_run
from stack.secret_file import read_secrets as read_secret_file

from operations.output import Json, print_result

app = typer.Typer(no_args_is_help=True, help="Make, verify and restore backups (docs/operating/backup.md).")
Target = Annotated[
    Path,
    typer.Option("--to", envvar="SOLIDARY_BACKUP", file_okay=False, help="The folder of all backups."),
]
Identity = Annotated[
    Path,
    typer.Option(
        "--identity", envvar="SOLIDARY_BACKUP_IDENTITY", help="The key that opens backups.", dir_okay=False
    ),
]
Rows = Annotated[
    Path, typer.Argument(help="The part «rows» of a backup: …/rows/20261130T120000Z", file_okay=False)
]


@app.command()
def keys(
    file: Annotated[
        Path, typer.Argument(help="A new file for the key that opens backups, kept away from the instance.")
    ],
) -> None:
    """Make the keys of backups, once for an instance."""
    from operations.backup.keys import create_keys

    recipient = create_keys(state_folder(), file)
    typer.echo(f"Backups are encrypted for {recipient}.")
    typer.echo(f"{file} opens them. Move it away from this machine, and keep a second copy.")


@app.command()
def create(
    to: Target,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="Add the instance's secrets as a third part.")
    ] = False,
    keep_keys_days: Annotated[
        int, typer.Option(min=1, max=60, help="Delete parts with keys of people that are older.")
    ] = 7,
    json: Json = False,
) -> None:
    """Back up the running instance, and verify what was written."""
    from operations.backup.create import create_backup

    run = read_run(state_folder())
    found = read_secret_file(run.folder / "secrets.json")
    backup = create_backup(run, found, to, with_secrets=secrets, keep_keys_days=keep_keys_days)
    contents = backup.manifest.contents
    assert contents is not None
    rows = sum(table.rows for facts in contents.databases.values() for table in facts.tables.values())
    events = sum(part.events for topic in contents.topics.values() for part in topic.values())
    folders = {part: str(folder) for part, folder in backup.folders.items()}
    result = {"name": backup.name, "folders": folders, "rows": rows, "events": events}
    lines = [
        f"Backup {backup.name}: {count_of(rows, 'row')}, {count_of(events, 'event')}, verified.",
        *(f"  {part}: {folder}" for part, folder in folders.items()),
    ]
    print_result(result, lines, json=json)


@app.command()
def verify(
    rows: Rows,
    identity: Annotated[
        Path | None,
        typer.Option("--identity", envvar="SOLIDARY_BACKUP_IDENTITY", help="The key that opens backups."),
    ] = None,
    json: Json = False,
) -> None:
    """Compare the files of a backup with its manifest; with the key that opens backups, also its signature."""
    from operations.backup.keys import read_opening_key
    from operations.backup.manifest import read_part

    manifest = read_part(rows, read_opening_key(identity) if identity else None)
    checked = "checksums and signature" if identity else "checksums (no key: the signature was not checked)"
    result = {
        "backup": str(manifest.backup),
        "moment": manifest.moment.isoformat(),
        "files": len(manifest.files),
    }
    line = f"{count_of(len(manifest.files), 'file')} of {manifest.moment:%Y-%m-%d %H:%M:%S} UTC have their {checked}."
    print_result(result, [line], json=json)


@app.command()
def restore(
    rows: Rows,
    identity: Identity,
    keys: Annotated[
        Path | None, typer.Option(help="The part «keys» of the same backup; beside «rows» by default.")
    ] = None,
    secrets: Annotated[
        Path | None,
        typer.Option(help="The part «secrets», or the instance's secrets.json; beside «rows» by default."),
    ] = None,
    erasures: Annotated[
        Path | None, typer.Option(help="The newest list of erasures; beside «rows» by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Restore a backup into the empty state folder, compare it, replay the erasures, and start the servers."""
    from operations.backup.create import ERASURES
    from operations.backup.keys import read_opening_key
    from operations.backup.restore import RestoringStack, open_backup, read_secrets

    target, name = rows.resolve().parents[1], rows.resolve().name
    source = open_backup(
        rows, keys or target / "keys" / name, erasures or target / ERASURES, read_opening_key(identity)
    )
    found = read_secrets(secrets or target / "secrets" / name, source)
    run = RestoringStack(state_folder()).restore(source, found)
    result = {"folder": str(run.folder), "moment": source.manifest.moment.isoformat()}
    lines = [f"{run.folder} is as the instance was at {source.manifest.moment:%Y-%m-%d %H:%M:%S} UTC."]
    for database, figures in source.contents.figures.items():
        lines += [f"  {database}, {title}: {value}" for title, value in figures.items()]
    lines += [
        "The erasures were replayed. Before you start the services (python -m stack start), compare the payments since",
        "then with the bank's reports, as docs/operating/backup.md explains.",
    ]
    print_result(result, lines, json=json)
