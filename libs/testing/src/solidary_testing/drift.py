"""The comparison of SQLAlchemy models with the tables that the migrations make (Alembic's `compare_metadata`)."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from importlib import import_module
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from solidary.platform.database.engine import driver_url
from solidary.platform.database.entity import metadata_of
from solidary.platform.service import Service
from sqlalchemy import (
    Column,
    Connection,
    DefaultClause,
    Inspector,
    MetaData,
    Table,
    create_engine,
    inspect,
    pool,
    text,
)
from sqlalchemy.exc import SAWarning
from sqlalchemy.schema import CreateTable

from solidary_testing.servers import TestDatabase

PLATFORM = "solidary"
SCHEMAS = ("data", "keys", "published")
"""The schemas whose tables are mapped; `machinery` is read and written by SQL statements."""
ONLY_IN_DATABASE = ("remove_index", "remove_constraint", "remove_fk", "remove_table_comment")
"""Differences that are no drift: models need not repeat indexes and constraints of the migrations."""
WRITER_COLUMNS = ("recorded_by", "changed_by")
"""The columns of `guard` with the writer of a row, which only models that read them map."""


def assert_models_match(database: TestDatabase, service: Service, *, unmapped: Collection[str] = ()) -> None:
    """Fail with one line for each place where a service's models and its migrated tables differ.

    Compared are the tables of `SCHEMAS`, their columns, types, nullability and primary keys, and the server defaults
    and generated columns that models declare. `unmapped` names the tables (`data.payment_batch`) and
    columns (`data.access_entry.xid`) that only SQL statements use.
    """
    _fail_on(_differences(database, metadata_of(service.name), unmapped))


def assert_platform_models_match(database: TestDatabase) -> None:
    """Fail where the models of `solidary` itself (`share`, `work`) differ from the platform's tables."""
    platform = _platform_metadata()
    with _connection(database) as connection:
        others = _existing_tables(inspect(connection)) - _names(platform)
    _fail_on(_differences(database, platform, others))


def _fail_on(differences: Iterator[str]) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Did not recognize type", SAWarning)  # of a column that is left out
        found = list(differences)
    assert not found, "\n".join(["The models and the tables differ:", *found])


def _differences(database: TestDatabase, metadata: MetaData, unmapped: Collection[str]) -> Iterator[str]:
    mapped = _names(metadata)
    platform = _names(_platform_metadata()) - mapped
    with _connection(database) as connection, connection.begin() as transaction:
        inspector = inspect(connection)
        existing = _existing_tables(inspector)
        for name in sorted(unmapped):
            if name in mapped:
                yield f"{name}: listed as unmapped, but it has a model"
            elif name.count(".") == 1 and name not in existing:
                yield f"{name}: listed as unmapped, but it does not exist"
        yield from _alembic_differences(connection, metadata, platform | set(unmapped))
        for table in metadata.tables.values():
            if table.fullname in existing:
                yield from _primary_key_difference(inspector, table)
                yield from _default_differences(connection, inspector, table)
        transaction.rollback()


def _platform_metadata() -> MetaData:
    """Return the tables of the platform's own models; those outside `solidary.platform.database` are loaded first."""
    for module in ("bulk.models", "external_ids"):
        import_module(f"solidary.platform.{module}")
    return metadata_of(PLATFORM)


def _connection(database: TestDatabase) -> Connection:
    # A table of the default schema would be reflected without its schema: no schema of ours may be the default.
    outside = {"options": "-c search_path=public"}
    url = driver_url(database.roles["migrate"])
    return create_engine(url, poolclass=pool.NullPool, connect_args=outside).connect()


def _names(metadata: MetaData) -> set[str]:
    return {table.fullname for table in metadata.tables.values()}


def _existing_tables(inspector: Inspector) -> set[str]:
    return {f"{schema}.{name}" for schema in SCHEMAS for name in inspector.get_table_names(schema)}


def _alembic_differences(connection: Connection, metadata: MetaData, left_out: set[str]) -> Iterator[str]:
    def is_compared(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        if kind == "table":
            return item.fullname not in left_out
        if kind == "column" and reflected and other is None and name in WRITER_COLUMNS:
            return False
        return kind != "column" or f"{item.table.fullname}.{name}" not in left_out

    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name in SCHEMAS,
            "include_object": is_compared,
            "compare_type": True,
            "compare_server_default": False,
        },
    )
    for difference in compare_metadata(context, metadata):
        for change in difference if isinstance(difference, list) else [difference]:
            if change[0] not in ONLY_IN_DATABASE:
                yield _described(change)


def _described(change: tuple[Any, ...]) -> str:
    match change:
        case ("add_table", table):
            return f"{table.fullname}: only in the models"
        case ("remove_table", table):
            return f"{table.fullname}: only in the database"
        case ("add_column", schema, table, column):
            return f"{schema}.{table}.{column.name}: only in the model"
        case ("remove_column", schema, table, column):
            return f"{schema}.{table}.{column.name}: only in the table"
        case ("modify_nullable", schema, table, column, _, bool(actual), _):
            nullable, required = ("table", "model") if actual else ("model", "table")
            return f"{schema}.{table}.{column}: nullable in the {nullable}, NOT NULL in the {required}"
        case ("modify_type", schema, table, column, _, actual, declared):
            return f"{schema}.{table}.{column}: {declared!r} in the model, {actual!r} in the table"
    return f"{change[0]}: {change[1]} only in the models"


def _primary_key_difference(inspector: Inspector, table: Table) -> Iterator[str]:
    actual = inspector.get_pk_constraint(table.name, table.schema)["constrained_columns"]
    declared = [column.name for column in table.primary_key]
    if set(actual) != set(declared):
        keys = f"({', '.join(declared)}) in the model, ({', '.join(actual)}) in the table"
        yield f"{table.fullname}: primary key {keys}"


def _default_differences(connection: Connection, inspector: Inspector, table: Table) -> Iterator[str]:
    """Compare what models declare with what the table has; a default that only the table has is no drift."""
    actual = {column["name"]: column for column in inspector.get_columns(table.name, table.schema)}
    for column in table.columns:
        in_table = actual.get(column.name)
        if in_table is None:
            continue
        if ("computed" in in_table) != (column.computed is not None):
            where = "table" if "computed" in in_table else "model"
            yield f"{table.fullname}.{column.name}: generated only in the {where}"
        elif isinstance(column.server_default, DefaultClause):
            declared = _as_postgresql_writes_it(connection, column)
            if declared != in_table["default"]:
                place = f"{table.fullname}.{column.name}"
                yield f"{place}: default {declared} in the model, {in_table['default']} in the table"


def _as_postgresql_writes_it(connection: Connection, column: Any) -> str:
    """Return a column's declared default in PostgreSQL's own spelling, as its catalogue has it."""
    connection.execute(text("DROP TABLE IF EXISTS pg_temp.drift"))
    connection.execute(CreateTable(Table("drift", MetaData(), _copy(column), prefixes=["TEMPORARY"])))
    query = "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'pg_temp.drift'::regclass"
    return str(connection.scalar(text(query)))


def _copy(column: Any) -> Column[Any]:
    return Column(column.name, column.type, server_default=column.server_default.arg)
