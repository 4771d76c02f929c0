"""`python -m intake …`: the commands of the intake service."""

from __future__ import annotations

import typer

from intake.matching.cli import dedupe, match

app = typer.Typer(no_args_is_help=True, help="People at the front desk, and the engines that serve them.")
app.command()(match)
app.command()(dedupe)

if __name__ == "__main__":
    app()
