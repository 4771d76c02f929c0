"""Alembic's entry: each revision in a transaction of its own, one migration of a database at a time."""

import time

from alembic import context
from sqlalchemy import create_engine, pool, text

from solidary.platform.database.engine import driver_url
from solidary.platform.database.migrations import LOCK_TIMEOUT

config = context.config
engine = create_engine(driver_url(config.attributes["url"]), poolclass=pool.NullPool)
with engine.connect() as connection:
    # Polled, not waited for: an index that is built concurrently waits for every open statement, also for one that
    # waits for this lock.
    while not connection.scalar(text("SELECT pg_try_advisory_lock(hashtext('migrate'))")):
        connection.rollback()
        time.sleep(0.2)
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS machinery"))
    connection.commit()
    context.configure(
        connection=connection,
        version_table="revision",
        version_table_schema="machinery",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
