"""The commands of the service: `python -m console api | worker | migrate | …`."""

from __future__ import annotations

import typer
from solidary.platform.program import add_service_commands

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The service console.")
add_service_commands(app, "console")

if __name__ == "__main__":
    app()
