"""The database of intake: its tables as the models declare them, and the state machines as the rules do."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from intake.centres.queue.rules import TICKET_TRANSITIONS
from intake.complaints.cases.rules import COMPLAINT_TRANSITIONS
from intake.desk.needs.rules import NEED_TRANSITIONS
from intake.desk.procedures.rules import PROCEDURE_TRANSITIONS
from intake.problems import CONSTRAINT_PROBLEMS
from intake.registry.people.rules import REGISTRATION_TRANSITIONS
from intake.service import service
from intake.sharing.consents.rules import CONSENT_TRANSITIONS
from solidary_testing.drift import assert_models_match
from solidary_testing.transitions import recorded_transitions

TABLES = [
    pytest.param(table, id=table.machine)
    for table in (
        REGISTRATION_TRANSITIONS,
        NEED_TRANSITIONS,
        PROCEDURE_TRANSITIONS,
        CONSENT_TRANSITIONS,
        COMPLAINT_TRANSITIONS,
        TICKET_TRANSITIONS,
    )
]
PAGES = Path(__file__).parents[3] / "docs/using"


@pytest.mark.parametrize("table", TABLES)
def test_the_database_has_the_transitions_of_the_rules(test_database, table):
    assert recorded_transitions(test_database.admin, table.machine) == table.pairs


@pytest.mark.parametrize("table", TABLES)
def test_the_documentation_has_the_transitions_of_the_rules(table):
    page = PAGES / ("complaints.md" if table in (COMPLAINT_TRANSITIONS, TICKET_TRANSITIONS) else "intake.md")
    assert table.markdown() in page.read_text(encoding="utf-8")


def test_models_match_the_tables(test_database):
    unmapped = (
        "data.access_entry.number",
        "data.access_entry.seal",
        "data.access_cut",
        "data.question_match",
    )
    assert_models_match(test_database, service, unmapped=unmapped)


def test_every_problem_of_a_constraint_names_an_existing_constraint(test_database):
    with psycopg.connect(test_database.admin) as admin:
        names = admin.execute(
            r"""SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class UNION SELECT tgname FROM pg_trigger
            UNION SELECT (regexp_matches(prosrc, 'CONSTRAINT = .(\w+)', 'g'))[1] FROM pg_proc"""
        ).fetchall()
    assert set(CONSTRAINT_PROBLEMS) <= {name for (name,) in names}
