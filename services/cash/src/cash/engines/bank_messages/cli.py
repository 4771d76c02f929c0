"""The commands `python -m cash read-status`, `write-order` and `check-message`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import cli_errors, print_spooled, show_progress, spooled
from solidary.files.tables import DecimalOption
from solidary.language.problems import count_of


@cli_errors
def read_status(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A pain.002, camt.053 or camt.054.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print a bank's report on each payment of a file."""
    from cash.engines.bank_messages.reports import StatusReportFile
    from cash.engines.bank_messages.statuses import reported_status

    source = StatusReportFile(file)
    with spooled() as payments:
        for count, report in enumerate(source):
            amount = None if report.amount is None else str(report.amount)
            if as_json:
                line = {
                    "end_to_end_id": report.end_to_end_id,
                    "status": report.status,
                    "reason": report.reason,
                    "amount": amount,
                    "currency": report.currency,
                }
                if report.fault:
                    line["fault"] = report.fault
                payments.write((", " if count else "") + json.dumps(line, ensure_ascii=False))
            else:
                status = reported_status(source.message, report)
                cells = (report.end_to_end_id, report.status, report.reason, amount, report.currency, status)
                payments.write("\t".join(str(cell or "-") for cell in cells) + "\n")
            if (count + 1) % 10_000 == 0:
                show_progress(count + 1, None, "payments")
        head = {"message": source.message, "version": source.version, "group_status": source.group_status}
        if as_json:
            typer.echo(json.dumps(head)[:-1] + ', "payments": [', nl=False)
            payments.write("]}\n")
        else:
            typer.echo(f"{source.message}.{source.version}, group status {source.group_status or '-'}")
            typer.echo("end_to_end_id\tstatus\treason\tamount\tcurrency\tpayment")
        print_spooled(payments)


@cli_errors
def write_order(
    order: Annotated[
        Path, typer.Argument(metavar="ORDER.json", help="The debtor, the account and the date.")
    ],
    transfers: Annotated[Path, typer.Argument(metavar="TRANSFERS.csv", help="One line per payment.")],
    out: Annotated[Path, typer.Option(help="The pain.001 to write.")],
    decimal: DecimalOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Write a payment order for a bank, pain.001.001.09."""
    from cash.engines.bank_messages.files import write_order_file

    written = write_order_file(order, transfers, out, decimal)
    if as_json:
        summary = {
            "message_id": written.message_id,
            "transactions": written.count,
            "control_sum": str(written.total.major),
            "currency": written.total.currency,
        }
        typer.echo(json.dumps(summary))
    else:
        payments = count_of(written.count, "payment")
        typer.echo(f"{written.message_id}: {payments}, {written.total} in total, written to {out}")


@cli_errors
def check_message(
    file: Annotated[Path, typer.Argument(metavar="FILE.xml", help="Any payment message of ISO 20022.")],
    schema: Annotated[
        Path, typer.Option(help="The schema (XSD) of the message, from the standard's site or the bank.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Check that a message conforms to a schema. Exit with 1 and the reason where it does not."""
    from cash.engines.bank_messages.files import validate_message

    payments = validate_message(file, schema)
    if as_json:
        typer.echo(json.dumps({"file": str(file), "schema": schema.name, "payments": payments}))
    else:
        typer.echo(f"{file} conforms to {schema.name}: {count_of(payments, 'payment')}")
