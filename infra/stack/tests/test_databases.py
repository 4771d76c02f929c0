"""The roles of a service's database, tested in a temporary database of the real PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo
from stack import Run
from stack.provision.databases import EXTENSIONS, provision_database
from stack.secret_file import load_or_create_secrets
from stack.services import DATABASE_ROLES, SERVICES, DatabaseRole, Service


@pytest.fixture
def database(run: Run) -> Iterator[str]:
    name = f"intake_test_{secrets.token_hex(4)}"
    passwords = load_or_create_secrets(run.folder / "secrets.json", demonstration=True).databases["intake"]
    for _ in range(2):
        provision_database(run.postgres.admin, "intake", name, passwords)
    yield name
    with psycopg.connect(run.postgres.admin, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def connect_as(
    run: Run, database: str, role: DatabaseRole, service: Service = "intake"
) -> psycopg.Connection:
    return psycopg.connect(make_conninfo(run.databases[service][role], dbname=database), autocommit=True)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("role", DATABASE_ROLES)
def test_every_role_connects_to_the_database_of_its_service(
    run: Run, service: Service, role: DatabaseRole
) -> None:
    with psycopg.connect(run.databases[service][role]) as connection:
        row = connection.execute("SELECT current_database(), current_user").fetchone()
        assert row == (service, f"{service}_{role}")


def test_service_cannot_connect_to_the_database_of_another(run: Run, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        connect_as(run, database, "app", service="cash")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        connect_as(run, "keycloak", "app")


def test_wrong_password_is_refused(run: Run) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(run.databases["intake"]["app"], password="guess")


def test_application_role_creates_nothing_and_never_bypasses_row_security(run: Run, database: str) -> None:
    with connect_as(run, database, "app") as app:
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("CREATE SCHEMA unwanted")
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("CREATE TABLE public.unwanted (x int)")
        bypass = "SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user"
        assert app.execute(bypass).fetchone() == (False,)


def test_migrations_create_schemas_and_the_backup_role_reads_all_and_writes_nothing(
    run: Run, database: str
) -> None:
    with connect_as(run, database, "migrate") as migrate:
        migrate.execute("CREATE SCHEMA data")
        migrate.execute("CREATE TABLE visit (agency text)")
        migrate.execute("ALTER TABLE visit ENABLE ROW LEVEL SECURITY")
        migrate.execute("ALTER TABLE visit FORCE ROW LEVEL SECURITY")
        migrate.execute("INSERT INTO data.visit VALUES ('unhcr')")
    with connect_as(run, database, "backup") as backup:
        assert backup.execute("SELECT agency FROM visit").fetchall() == [("unhcr",)]
        with pytest.raises((errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)):
            backup.execute("DELETE FROM visit")
        backup.execute("SET default_transaction_read_only = off")
        with pytest.raises(errors.InsufficientPrivilege):
            backup.execute("DELETE FROM visit")


def test_required_extensions_are_installed(run: Run, database: str) -> None:
    with connect_as(run, database, "app") as app:
        installed = {name for (name,) in app.execute("SELECT extname FROM pg_extension")}
        assert set(EXTENSIONS) <= installed
        assert app.execute("SELECT unaccent('Ñandú')").fetchone() == ("Nandu",)


def test_failed_statement_leaves_no_name_in_the_log(run: Run, database: str) -> None:
    with connect_as(run, database, "migrate") as migrate:
        migrate.execute("CREATE SCHEMA data")
        migrate.execute("CREATE TABLE person (name text PRIMARY KEY)")
        migrate.execute("INSERT INTO person VALUES ('Canaria Quetzal')")
        for statement in ("INSERT INTO person VALUES ('Canaria Quetzal')", "SELECT 'Canaria Quetzal'::int"):
            with pytest.raises((errors.UniqueViolation, errors.InvalidTextRepresentation)):
                migrate.execute(statement)
        with pytest.raises(errors.UniqueViolation):
            migrate.execute("INSERT INTO person VALUES (%s)", ("Canaria Quetzal",))
    log = (run.folder / "logs" / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "Canaria Quetzal" not in log


def test_server_has_no_process_that_nothing_uses(run: Run) -> None:
    # Beside these and the postmaster, each process is a connection of a service or of Keycloak.
    with psycopg.connect(run.postgres.admin) as connection:
        found = connection.execute(
            "SELECT backend_type FROM pg_stat_activity WHERE backend_type <> ALL('{client backend, autovacuum worker}')"
        )
        own = sorted(kind for (kind,) in found)
    assert own == ["autovacuum launcher", "background writer", "checkpointer", "walwriter"]
