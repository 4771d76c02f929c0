"""The command line of the cash service: `python -m cash …`."""

from __future__ import annotations

import typer
from solidary.platform.program import add_service_commands

from cash.auditing.cli import audit
from cash.engines.bank_messages import cli as bank_messages
from cash.engines.entitlement.cli import entitle
from cash.engines.sampling.cli import sample
from cash.engines.scores.cli import score

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def cash() -> None:
    """Cash-based interventions: entitlements, samples, scores and bank messages on files, and the audit."""


app.command("entitle")(entitle)
app.command("read-status")(bank_messages.read_status)
app.command("write-order")(bank_messages.write_order)
app.command("check-message")(bank_messages.check_message)
app.command("score")(score)
app.command("sample")(sample)
app.command("audit")(audit)
add_service_commands(app, "cash")

if __name__ == "__main__":
    app()
