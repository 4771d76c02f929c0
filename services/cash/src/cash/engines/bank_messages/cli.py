"""`python -m cash read-status`, `write-order`, `check-message`: bank messages on files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import cli_errors, print_spooled, show_progress, spooled


@cli_errors
def read_status(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="pain.002, camt.053 or camt.054")],
    as_json: Annotated[bool, typer.Option("--json", help="as one JSON object")] = False,
) -> None:
    """What a bank says of each payment."""
    from cash.engines.bank_messages.meaning import meaning
    from cash.engines.bank_messages.reports import StatusFile

    report = StatusFile(file)
    with spooled() as payments:
        for count, payment in enumerate(report):
            amount = None if payment.amount is None else str(payment.amount)
            if as_json:
                line = {
                    "end_to_end_id": payment.end_to_end_id,
                    "status": payment.status,
                    "reason": payment.reason,
                    "amount": amount,
                    "currency": payment.currency,
                }
                payments.write((", " if count else "") + json.dumps(line, ensure_ascii=False))
            else:
                said = (payment.end_to_end_id, payment.status, payment.reason, amount, payment.currency)
                state = meaning(report.message, payment)
                payments.write("\t".join(str(part or "-") for part in (*said, state)) + "\n")
            if (count + 1) % 10_000 == 0:
                show_progress(count + 1, None, "payments")
        head = {"message": report.message, "version": report.version, "group_status": report.group_status}
        if as_json:
            typer.echo(json.dumps(head)[:-1] + ', "payments": [', nl=False)
            payments.write("]}\n")
        else:
            typer.echo(f"{report.message}.{report.version}, group status {report.group_status or '-'}")
            typer.echo("end_to_end_id\tstatus\treason\tamount\tcurrency\tpayment")
        print_spooled(payments)


@cli_errors
def write_order(
    order: Annotated[Path, typer.Argument(metavar="ORDER.json", help="who pays, from where, when")],
    transfers: Annotated[Path, typer.Argument(metavar="TRANSFERS.csv", help="one line per payment")],
    out: Annotated[Path, typer.Option(help="the pain.001 to write")],
    as_json: Annotated[bool, typer.Option("--json", help="what was written, as JSON")] = False,
) -> None:
    """Writes a payment order for a bank, pain.001.001.09."""
    from cash.engines.bank_messages.files import write_order_file

    written = write_order_file(order, transfers, out)
    if as_json:
        total = written.total
        shown = {"message_id": written.message_id, "transactions": written.count}
        typer.echo(json.dumps({**shown, "control_sum": str(total.major), "currency": total.currency}))
    else:
        typer.echo(f"{written.message_id}: {written.count:,} payments, {written.total} together, in {out}")


@cli_errors
def check_message(
    file: Annotated[Path, typer.Argument(metavar="FILE.xml", help="any ISO 20022 payment message")],
    schema: Annotated[Path, typer.Option(help="its schema (XSD), from the standard's site or the bank")],
    as_json: Annotated[bool, typer.Option("--json", help="what was found, as JSON")] = False,
) -> None:
    """Whether a message keeps a schema; exit 1 and the reason where it does not."""
    from cash.engines.bank_messages.files import keeps_schema

    payments = keeps_schema(file, schema)
    if as_json:
        typer.echo(json.dumps({"file": str(file), "schema": schema.name, "payments": payments}))
    else:
        typer.echo(f"{file} keeps {schema.name}: {payments:,} payments")
