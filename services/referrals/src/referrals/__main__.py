"""`python -m referrals …`: what the referrals service does from the command line."""

from __future__ import annotations

import typer
from solidary.platform.program import add_service_commands

from referrals.engines.eligibility import cli as eligibility
from referrals.engines.hsds import cli as directory
from referrals.engines.opening_hours import cli as opening_hours
from referrals.engines.suggestion import cli as suggestion

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def referrals() -> None:
    """The service directory: its objects, opening hours, eligibility and suggestions, on files alone."""


app.add_typer(directory.app, name="directory")
app.command("open")(opening_hours.opening)
app.command("eligible")(eligibility.eligible)
app.command("suggest")(suggestion.suggest)
add_service_commands(app, "referrals")

if __name__ == "__main__":
    app()
