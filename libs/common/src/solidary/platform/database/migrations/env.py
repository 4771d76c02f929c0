"""Alembic's entry: runs the revisions on one connection, in one transaction."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from solidary.platform.database.engine import driver_url

config = context.config
engine = create_engine(driver_url(config.attributes["url"]), poolclass=pool.NullPool)
with engine.begin() as connection:
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('migrate'))"))
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS machinery"))
    context.configure(connection=connection, version_table="revision", version_table_schema="machinery")
    context.run_migrations()
engine.dispose()
