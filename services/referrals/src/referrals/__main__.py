"""The command line of the referrals service: `python -m referrals …`."""

from __future__ import annotations

import typer
from solidary.platform.program import add_service_commands

from referrals.engines.eligibility import cli as eligibility
from referrals.engines.hsds import cli as hsds
from referrals.engines.opening_hours import cli as opening_hours
from referrals.engines.suggestion import cli as suggestion

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def referrals() -> None:
    """Validate directory files, compute opening hours, eligibility and suggestions, and run the service."""


app.add_typer(hsds.app, name="directory")
app.command("open")(opening_hours.opening)
app.command("eligible")(eligibility.eligible)
app.command("suggest")(suggestion.suggest)
add_service_commands(app, "referrals")

if __name__ == "__main__":
    app()
