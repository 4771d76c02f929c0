"""The program `python -m planning`: the engines of planning as commands on files, and the service's operations."""

from __future__ import annotations

import typer
from solidary.platform.program import add_service_commands

from planning.engines.allocation.cli import allocate_file
from planning.engines.marker.cli import marker
from planning.engines.portfolio.cli import portfolio
from planning.engines.siting.cli import site

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("allocate")(allocate_file)
app.command("portfolio")(portfolio)
app.command("site")(site)
app.command("marker")(marker)


@app.callback()
def planning() -> None:
    """Run the engines of planning on files, or operate the service."""


add_service_commands(app, "planning")

if __name__ == "__main__":
    app()
