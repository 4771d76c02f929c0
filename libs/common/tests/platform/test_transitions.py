"""The trigger that admits only the recorded transitions of a state machine."""

from __future__ import annotations

import psycopg
import pytest


@pytest.fixture
def bicycles(sample_database):
    """A connection to a table of bicycles, which begin as new and may be sold once."""
    with psycopg.connect(sample_database.admin, autocommit=True) as connection:
        connection.execute("CREATE TABLE data.bicycle (id int PRIMARY KEY, state text, colour text)")
        connection.execute(
            "INSERT INTO machinery.transition VALUES ('bicycle', NULL, 'new'), ('bicycle', 'new', 'sold')"
        )
        connection.execute(
            "CREATE TRIGGER bicycle_transition BEFORE INSERT OR UPDATE OF state ON data.bicycle FOR EACH ROW "
            "EXECUTE FUNCTION machinery.check_transition('bicycle')"
        )
        connection.execute("INSERT INTO data.bicycle VALUES (1, 'new')")
        yield connection
        connection.execute("DROP TABLE data.bicycle")
        connection.execute("DELETE FROM machinery.transition WHERE machine = 'bicycle'")


def test_recorded_transition_is_admitted(bicycles):
    bicycles.execute("UPDATE data.bicycle SET state = 'new', colour = 'red'")
    bicycles.execute("UPDATE data.bicycle SET state = 'sold'")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO data.bicycle VALUES (2, 'sold')",
        "UPDATE data.bicycle SET state = 'stolen'",
        "UPDATE data.bicycle SET state = NULL",
    ],
)
def test_any_other_change_of_state_is_refused_by_name(bicycles, statement):
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        bicycles.execute(statement)
    assert refused.value.diag.constraint_name == "bicycle_transition"


def test_service_can_read_the_transitions_but_not_add_any(sample_database, bicycles):
    with psycopg.connect(sample_database.roles["app"], autocommit=True) as app:
        app.execute("SELECT FROM machinery.transition")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("INSERT INTO machinery.transition VALUES ('bicycle', 'sold', 'new')")
