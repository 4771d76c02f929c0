"""`python -m intake …`: the commands of the intake service."""

from __future__ import annotations

import typer
from solidary.platform.program import add_service_commands

from intake.desk.seeding.cli import seed
from intake.engines.matching.cli import dedupe, match
from intake.engines.pathways.cli import pathways
from intake.engines.triage.cli import triage
from intake.registry.access_log import cli as access_log
from intake.registry.assignments.cli import assignments
from intake.registry.rotation import cli as rotation
from intake.rights.erasures import cli as erasures

app = typer.Typer(no_args_is_help=True, help="People at the front desk, and the engines that support them.")
for command in (match, dedupe, triage, pathways, seed, assignments):
    app.command()(command)
app.add_typer(access_log.app, name="access-log")
app.add_typer(rotation.app, name="keys")
app.add_typer(erasures.app, name="erasures")
add_service_commands(app, "intake")

if __name__ == "__main__":
    app()
