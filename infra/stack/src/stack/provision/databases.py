"""A database per service with its four roles, and Keycloak's database.

Grants on the schemas `data`, `machinery` and `published` belong to the migrations that make them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from stack.services import DATABASE_ROLES, DatabaseRole, Service

EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist", "fuzzystrmatch")
SEARCH_PATH = ("data", "machinery", "published", "public")
# `migrate` owns the database and `backup` reads all of it, so both pass row-level security; `app` and `relay`
# own nothing and never pass it.
ROLE_ATTRIBUTES: dict[DatabaseRole, LiteralString] = {
    "migrate": "BYPASSRLS",
    "app": "NOBYPASSRLS",
    "relay": "NOBYPASSRLS",
    "backup": "BYPASSRLS",
}
ROLE_SETTINGS: dict[DatabaseRole, dict[str, str]] = {
    "app": {"statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s"},
    "backup": {"default_transaction_read_only": "on"},
}
"""Defaults for connections that set nothing themselves; long work raises its own limits."""
COMMON_DATABASES = ("postgres", "template1")
"""The databases of every cluster, which PUBLIC may connect to by default."""
LARGE_OBJECT_FUNCTIONS = """
    SELECT p.oid::regprocedure::text FROM pg_proc p JOIN aclexplode(coalesce(proacl, acldefault('f', proowner))) a
        ON a.grantee = 0 AND a.privilege_type = 'EXECUTE'
    WHERE pronamespace = 'pg_catalog'::regnamespace AND (proname LIKE 'lo\\_%' OR proname IN ('loread', 'lowrite'))
"""
"""The functions of large objects, with which a role that owns nothing could still fill the disk."""
KEYCLOAK = "keycloak"
_PROVISIONING_LOCK = 0x50_11_DA


def role_name(service: Service, role: DatabaseRole) -> str:
    """Return the name of a service's role in the cluster: `intake_app`."""
    return f"{service}_{role}"


def provision_database(
    admin: str,
    service: Service,
    database: str,
    passwords: Mapping[DatabaseRole, str],
    *,
    template: str = "template1",
) -> None:
    """Create or update a database for a service, with its roles `<service>_migrate|app|relay|backup`.

    `admin` is a superuser's connection string. It is safe to repeat, and to run from several programs at once;
    tests make temporary databases with it. The service's own database has the service's name. `template`: the database
    that a new one is a copy of; nobody may be connected to it.
    """
    with _locked(admin) as cluster:
        for role in DATABASE_ROLES:
            _ensure_role(cluster, role_name(service, role), passwords[role], ROLE_ATTRIBUTES[role])
        backup = sql.Identifier(role_name(service, "backup"))
        cluster.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(backup))
        for role, settings in ROLE_SETTINGS.items():
            for setting, value in settings.items():
                cluster.execute(
                    sql.SQL("ALTER ROLE {} SET {} = {}").format(
                        sql.Identifier(role_name(service, role)), sql.Identifier(setting), sql.Literal(value)
                    )
                )
        for common in COMMON_DATABASES:
            cluster.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(common)))
        _ensure_database(cluster, database, owner=role_name(service, "migrate"), template=template)
        names = sql.SQL(", ").join(sql.Identifier(role_name(service, role)) for role in DATABASE_ROLES)
        cluster.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), names))
        cluster.execute(
            sql.SQL("ALTER DATABASE {} SET search_path = {}").format(
                sql.Identifier(database), sql.SQL(", ").join(map(sql.Identifier, SEARCH_PATH))
            )
        )
    with psycopg.connect(make_conninfo(admin, dbname=database), autocommit=True) as inside:
        for extension in EXTENSIONS:
            inside.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public").format(sql.Identifier(extension))
            )
        _close_to_public(inside)


def provision_keycloak_database(admin: str, password: str) -> None:
    """Create or update Keycloak's database and the role that owns it."""
    with _locked(admin) as cluster:
        _ensure_role(cluster, KEYCLOAK, password, "NOBYPASSRLS")
        _ensure_database(cluster, KEYCLOAK, owner=KEYCLOAK, template="template1")


def _close_to_public(inside: psycopg.Connection) -> None:
    """Revoke in one database what PUBLIC may do by default: large objects."""
    for (function,) in inside.execute(LARGE_OBJECT_FUNCTIONS).fetchall():
        inside.execute(sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(sql.SQL(function)))


@contextmanager
def _locked(admin: str) -> Iterator[psycopg.Connection]:
    """Yield a connection under an advisory lock, because PostgreSQL refuses concurrent ALTERs of one role."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute("SELECT pg_advisory_lock(%s)", (_PROVISIONING_LOCK,))
        yield connection


def _ensure_role(cluster: psycopg.Connection, name: str, password: str, attributes: LiteralString) -> None:
    exists = cluster.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    cluster.execute(
        sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE {} PASSWORD {}").format(
            sql.SQL("ALTER" if exists else "CREATE"),
            sql.Identifier(name),
            sql.SQL(attributes),
            sql.Literal(password),
        )
    )


def _ensure_database(cluster: psycopg.Connection, name: str, *, owner: str, template: str) -> None:
    database, role = sql.Identifier(name), sql.Identifier(owner)
    exists = cluster.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
    if not exists:
        cluster.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                database, role, sql.Identifier(template)
            )
        )
    cluster.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, role))
    cluster.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
