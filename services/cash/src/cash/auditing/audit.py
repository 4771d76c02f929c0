"""The audit: the ledger is replayed and the content of plans under review, or later, is hashed again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import dict_row
from solidary.files.command_line import CommandError

from cash.accounting.ledger.rules import Balance, TransferCode, TransferKind
from cash.auditing.ledger import LedgerAccount, LedgerReplay, LedgerTransfer, Reservation
from cash.auditing.statements import ACCOUNTS, PLAN_PAYMENTS, PLANS, TRANSFERS
from cash.delivery.payments.content import PaymentLine, content_hash


@dataclass
class AuditResult:
    """The numbers of transfers and plans that were checked, and a sentence for each difference."""

    transfers: int = 0
    plans: int = 0
    differences: list[str] = field(default_factory=list)


def audit(database: str) -> AuditResult:
    """Audit the database at a URL, in one snapshot that other transactions do not change.

    The role needs to read the rows of all agencies, as `cash_backup` may. Raises CommandError where the database cannot
    be read.
    """
    result = AuditResult()
    try:
        with psycopg.connect(database, row_factory=dict_row) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            result.differences += _replay_ledger(connection, result)
            result.differences += _check_plans(connection, result)
    except psycopg.Error as error:
        raise CommandError(f"The database cannot be read. {error}") from error
    return result


def _replay_ledger(connection: psycopg.Connection[dict[str, Any]], result: AuditResult) -> Iterator[str]:
    replay = LedgerReplay()
    with connection.cursor("transfers") as rows:
        for row in rows.execute(TRANSFERS):
            result.transfers += 1
            yield from replay.add(_transfer(row))
    recorded = {
        LedgerAccount(str(row["root"]), row["currency"], row["name"]): Balance(
            row["debits_pending"], row["debits_posted"], row["credits_pending"], row["credits_posted"]
        )
        for row in connection.execute(ACCOUNTS)
    }
    yield from replay.compare(recorded)


def _transfer(row: dict[str, Any]) -> LedgerTransfer:
    debit = LedgerAccount(str(row["debit_line"]), row["debit_currency"], row["debit_name"])
    credit = LedgerAccount(str(row["credit_line"]), row["credit_currency"], row["credit_name"])
    reservation = None
    if row["reserved_kind"] is not None:
        same = row["has_same_accounts"]
        unknown = LedgerAccount("", "", "")
        reservation = Reservation(
            TransferKind(row["reserved_kind"]),
            TransferCode(row["reserved_code"]),
            debit if same else unknown,
            credit if same else unknown,
            row["reserved_amount"],
            row["resolutions"],
        )
    return LedgerTransfer(
        str(row["id"]),
        TransferKind(row["kind"]),
        TransferCode(row["code"]),
        debit,
        credit,
        row["amount"],
        reservation,
    )


def _check_plans(connection: psycopg.Connection[dict[str, Any]], result: AuditResult) -> Iterator[str]:
    for plan in connection.execute(PLANS).fetchall():
        result.plans += 1
        with connection.cursor("payments", row_factory=psycopg.rows.tuple_row) as payments:
            computed = content_hash(
                PaymentLine(*payment) for payment in payments.execute(PLAN_PAYMENTS, [plan["id"]])
            )
        if computed != plan["content_hash"]:
            yield (
                f"Payment plan {plan['id']}: its approvals are bound to the SHA-256 {plan['content_hash']}, but its "
                f"payments have {computed}."
            )
