"""The check that look-ups use an index: PostgreSQL explains the statements that a service sent during its tests.

The tables of a test have a few rows, and PostgreSQL reads the whole of a small table, whatever its indexes are. So the
check records in the catalogue that each of them has a million rows, in a transaction that it rolls back, and then reads
the plans. A statement scans a table where its plan

- reads the table, or an index of all its rows, from end to end;
- finds the rows of an agency by an index, and then looks through them for an id.

The check sees what is sent through SQLAlchemy, not what functions of the database do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row
from solidary.platform.database.event_connection import EventUnit
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from solidary_testing.statements import record_event_units

READS_ALL = "/* reads all"
"""A statement with this comment must read a whole table; the comment goes on to say why."""

FEW_ROWS = frozenset({"data.assessment", "data.budget_line", "data.plan", "data.tiu"})
"""Tables of which an agency has tens of rows; its list of them may look through all."""

EXPLAINED = re.compile(r"\s*(SELECT|WITH|UPDATE|DELETE)\b", re.IGNORECASE)
ID_CONDITION = re.compile(r"\b(root|id|\w+_id) = (ANY \()?('|\$)")

OURS = """IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname IN ('data', 'keys'))"""
FILL = f"UPDATE pg_class SET reltuples = 1e6, relpages = 1 WHERE oid {OURS}"
"""The planner takes the number of rows in a page times the pages of the file, which has one page at least."""
EMPTY = f"""SELECT relnamespace::regnamespace || '.' || relname FROM pg_class
    WHERE oid {OURS} AND pg_relation_size(oid) = 0"""
"""Empty tables, of which every index is as good as another: only a scan of the table itself is a finding."""
PARTIAL = "SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL"
"""An index of some rows may be read from end to end: it is there to find them."""
FORGET = f"DELETE FROM pg_statistic WHERE starelid {OURS}"
SCOPE = """SELECT set_config('app.agency', gen_random_uuid()::text, true), set_config('enable_seqscan', 'off', true),
    set_config('app.subject', gen_random_uuid()::text, true), set_config('app.duties', '', true)"""

Plan = Mapping[str, Any]
_sent: dict[tuple[str | None, str | None], dict[str, Any]] = {}
"""Database and role → statement → its parameters, as they were sent last."""


def _record(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> None:
    if EXPLAINED.match(statement):
        url = connection.engine.url
        last = parameters[-1] if isinstance(parameters, list) else parameters
        _sent.setdefault((url.database, url.username), {})[statement] = last


def _record_event_unit(unit: EventUnit, statement: str, values: Any) -> None:
    if EXPLAINED.match(statement):
        server = unit._raw.info
        _sent.setdefault((server.dbname, server.user), {})[statement] = values


event.listen(Engine, "before_cursor_execute", _record)
record_event_units(_record_event_unit)


def assert_no_scans(database: str, admin: str, role: str) -> None:
    """Fail where a statement that a role sent to a database scans a table. `admin`: the URL of an administrator."""
    found = []
    with psycopg.connect(admin) as connection:
        connection.execute(FORGET)
        small = {name for (name,) in connection.execute(EMPTY)} | {
            name.rpartition(".")[2] for (name,) in connection.execute(PARTIAL)
        }
        connection.execute(FILL)
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        connection.execute(SCOPE)
        for statement, parameters in _sent.pop((database, role), {}).items():
            if READS_ALL not in statement:
                found += [
                    f"{scan}\n{statement}" for scan in _scans_of(connection, statement, parameters, small)
                ]
        connection.rollback()
    assert not found, "\n\n".join(["These statements scan a table:", *found])


def _scans_of(
    connection: psycopg.Connection, statement: str, parameters: Any, small: Set[str]
) -> Iterator[str]:
    cursor = connection.cursor(row_factory=tuple_row)
    try:
        with connection.transaction():
            plans = cursor.execute("EXPLAIN (FORMAT JSON, VERBOSE) " + statement, parameters).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return  # a test tried what its role may not do
    assert plans is not None
    yield from _scans(plans[0][0]["Plan"], small, is_limited=False)


def _scans(plan: Plan, small: Set[str], *, is_limited: bool) -> Iterator[str]:
    kind, table = plan["Node Type"], f"{plan.get('Schema')}.{plan.get('Relation Name')}"
    is_limited = kind == "Limit" or (is_limited and kind not in ("Sort", "Aggregate", "Hash", "WindowAgg"))
    if plan.get("Schema") in ("data", "keys") and "Scan" in kind and table not in FEW_ROWS:
        if kind == "Seq Scan":
            yield f"{table}: the whole table is read"
        elif _reads_whole_index(plan) and not is_limited and not {table, plan["Index Name"]} & small:
            yield f"{table}: the whole index {plan['Index Name']} is read"
        elif table not in small and ID_CONDITION.search(plan.get("Filter", "")):
            yield f"{table}: an id is looked for among many rows: {plan['Filter']}"
    for part in plan.get("Plans", ()):
        yield from _scans(part, small, is_limited=is_limited)


def _reads_whole_index(plan: Plan) -> bool:
    return "Index Name" in plan and "Index Cond" not in plan
