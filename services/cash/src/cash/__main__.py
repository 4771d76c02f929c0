"""`python -m cash …`: what the cash service does from the command line."""

from __future__ import annotations

import typer

from cash.entitlement.cli import entitle

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def cash() -> None:
    """Cash-based interventions: entitlements, samples, scores and bank messages, on files alone."""


app.command("entitle")(entitle)

if __name__ == "__main__":
    app()
