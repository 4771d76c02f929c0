"""`solidaryctl`: the commands of an operator, for the instance in SOLIDARY_STATE."""

from __future__ import annotations

import sys

import typer
from stack.errors import StackError

from operations import clients_cli, imports_cli, instance_cli, people_cli
from operations.backup.cli import app as backup

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
app.add_typer(people_cli.agency, name="agency")
app.add_typer(people_cli.person, name="person")
app.add_typer(people_cli.duty, name="duty")
app.add_typer(clients_cli.client, name="client")
app.add_typer(imports_cli.city, name="city")
app.command()(instance_cli.health)
app.add_typer(instance_cli.parked, name="parked")
app.add_typer(instance_cli.retention, name="retention")
app.add_typer(instance_cli.country, name="country")
app.command("exec")(instance_cli.execute)
app.add_typer(backup, name="backup")


def main() -> None:
    """Run the command line; an error is one sentence and exit status 1."""
    try:
        app()
    except StackError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
