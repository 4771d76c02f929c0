"""The check of revisions for statements that hold a lock for long."""

from __future__ import annotations

from pathlib import Path

import pytest
from workspace import locks

REVISION = """
from alembic import op
from solidary.platform.database.migrations import create_index_concurrently, guard, record_transitions

revision = "parcel_{number}"
down_revision = {before}
branch_labels = {labels}
depends_on = {depends}


def upgrade():
    {body}
"""


def findings_of(folder: Path, body: str) -> list[str]:
    """Return the findings in a second revision with that body."""
    for number, text in (("0001", 'op.execute("CREATE INDEX ix ON data.parcel (weight)")'), ("0002", body)):
        first = number == "0001"
        values = {
            "before": None if first else '"parcel_0001"',
            "labels": '("service",)' if first else None,
            "depends": '"machinery_0001"' if first else None,
        }
        file = folder / f"parcel_{number}.py"
        file.write_text(REVISION.format(number=number, body=text, **values))
    return list(locks.findings([("market", folder)]))


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("CREATE INDEX ix_w ON data.parcel (weight)", "require-concurrent-index-creation"),
        ("ALTER TABLE data.parcel ADD COLUMN x uuid DEFAULT gen_random_uuid()", "adding-field-with-default"),
        ("ALTER TABLE data.parcel ADD CONSTRAINT c CHECK (weight > 0)", "constraint-missing-not-valid"),
        ("ALTER TABLE data.parcel ALTER COLUMN weight SET NOT NULL", "adding-not-nullable-field"),
        ("ALTER TABLE data.parcel ALTER COLUMN weight TYPE text", "changing-column-type"),
        ("ALTER TABLE data.parcel RENAME COLUMN weight TO grams", "renaming-column"),
        ("DROP TABLE data.parcel", "ban-drop-table"),
    ],
)
def test_statement_that_stops_a_desk_is_named_with_its_revision(
    tmp_path: Path, statement: str, rule: str
) -> None:
    (finding,) = findings_of(tmp_path, f'op.execute("{statement}")')
    assert finding.startswith(f"parcel_0002: {rule}: ")
    assert finding.endswith(f"Near: {statement};"[:110])


@pytest.mark.parametrize(
    "body",
    [
        'op.execute("ALTER TABLE data.parcel ADD COLUMN height int")',
        'create_index_concurrently("ix_weight", "data.parcel (weight)")',
        'op.execute("CREATE TABLE data.crate (id uuid PRIMARY KEY)"); guard("crate", root=True)',
        'op.execute("CREATE TABLE data.crate (n int)"); op.execute("CREATE INDEX ON data.crate (n)")',
        'op.execute("ALTER TABLE data.parcel ADD CONSTRAINT c CHECK (weight > 0) NOT VALID")',
        'record_transitions("parcel", [(None, "made")])',
        'op.execute("-- squawk-ignore ban-drop-table\\nDROP TABLE data.parcel")',
    ],
)
def test_revision_with_short_locks_passes(tmp_path: Path, body: str) -> None:
    assert findings_of(tmp_path, body) == []


def test_revision_that_asks_the_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(locks.CommandError, match="parcel_0002 cannot be read without a database"):
        findings_of(tmp_path, 'op.get_bind().execute("SELECT 1").scalar_one()')
