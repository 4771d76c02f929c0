"""python -m workspace new-service NAME: write a new service (`make new-service` also locks and generates)."""

from __future__ import annotations

import typer
from solidary.files.command_line import CommandError, cli_errors
from solidary.language.problems import count_of

from workspace import chart_check, client, dependencies, import_rules, locks
from workspace.checkout import ROOT
from workspace.new_service import write_service

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The developer's tools of the workspace.")


@app.command()
@cli_errors
def new_service(name: str) -> None:
    """Write a new service from the templates."""
    files = write_service(name)
    for file in files:
        typer.echo(f"  {file.relative_to(ROOT)}")
    typer.echo(f"The service «{name}» has {len(files)} files. Next: docs/extending/your-first-service.md")


@app.command("client")
@cli_errors
def build_client() -> None:
    """Build the client of the API as a wheel, with the functions generated from the services' descriptions."""
    typer.echo(client.build())


@app.command("import-rules")
@cli_errors
def check_import_rules() -> None:
    """Check which modules may import which, over all members of the workspace."""
    if not import_rules.hold():
        raise CommandError("An import breaks a rule; the report above names it.")


@app.command("dependencies")
@cli_errors
def check_dependencies() -> None:
    """Check that each member of the workspace declares the packages that it imports."""
    found = list(dependencies.findings())
    for line in found:
        typer.echo(line)
    if found:
        raise CommandError(f"{count_of(len(found), 'wrong dependency', 'wrong dependencies')}, listed above.")


@app.command("locks")
@cli_errors
def check_locks() -> None:
    """Check that no revision after a service's first holds a lock for long (docs/extending/migrations.md)."""
    found = list(locks.findings())
    for line in found:
        typer.echo(line)
    if found:
        raise CommandError(f"{count_of(len(found), 'statement')} would stop a desk, listed above.")


@app.command("chart")
@cli_errors
def check_chart() -> None:
    """Check the Helm chart with helm and kubeconform, and record it (docs/operating/cluster.md)."""
    chart_check.write_record()
    typer.echo(f"The chart is well; recorded in {chart_check.RECORD.relative_to(ROOT)}.")


if __name__ == "__main__":
    app()
