"""`python -m cash …`: what the cash service does from the command line."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def cash() -> None:
    """Cash-based interventions: entitlements, samples, scores and bank messages, on files alone."""


if __name__ == "__main__":
    app()
