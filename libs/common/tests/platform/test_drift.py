import re

import pytest
from sample_service import Sample
from solidary.platform.service import Service
from solidary_testing.drift import assert_models_match, assert_platform_models_match

SAMPLES = Service(name=Sample.__module__, description="", routers=[])
UNMAPPED = ("data.sample_count",)


def test_models_of_the_platform_match_their_tables(sample_database):
    assert_platform_models_match(sample_database)


def test_models_that_match_their_tables_pass(sample_database):
    assert_models_match(sample_database, SAMPLES, unmapped=UNMAPPED)


def test_each_table_has_a_model_or_is_listed_as_unmapped(sample_database):
    with pytest.raises(AssertionError, match=r"data\.sample_count: only in the database"):
        assert_models_match(sample_database, SAMPLES)
    with pytest.raises(AssertionError, match=r"data\.sample: listed as unmapped, but it has a model"):
        assert_models_match(sample_database, SAMPLES, unmapped=(*UNMAPPED, "data.sample"))
    with pytest.raises(AssertionError, match=r"data\.gone: listed as unmapped, but it does not exist"):
        assert_models_match(sample_database, SAMPLES, unmapped=(*UNMAPPED, "data.gone"))


@pytest.mark.parametrize(
    ("change", "restore", "difference"),
    [
        (
            "ADD COLUMN pages int",
            "DROP COLUMN pages",
            "data.sample.pages: only in the table",
        ),
        (
            "RENAME COLUMN content TO text",
            "RENAME COLUMN text TO content",
            "data.sample.content: only in the model",
        ),
        (
            "ALTER COLUMN content TYPE varchar(9)",
            "ALTER COLUMN content TYPE text",
            "data.sample.content: Text() in the model, VARCHAR(length=9) in the table",
        ),
        (
            "ALTER COLUMN content DROP NOT NULL",
            "ALTER COLUMN content SET NOT NULL",
            "data.sample.content: nullable in the table, NOT NULL in the model",
        ),
        (
            "ALTER COLUMN created SET DEFAULT now()",
            "ALTER COLUMN created SET DEFAULT clock_timestamp()",
            "data.sample.created: default clock_timestamp() in the model, now() in the table",
        ),
        (
            "DROP CONSTRAINT sample_pkey",
            "ADD PRIMARY KEY (id)",
            "data.sample: primary key (id) in the model, () in the table",
        ),
    ],
)
async def test_each_difference_is_reported(sample_database, admin, change, restore, difference):
    await admin.execute(f"ALTER TABLE data.sample {change}")
    try:
        with pytest.raises(AssertionError, match=re.escape(difference)):
            assert_models_match(sample_database, SAMPLES, unmapped=UNMAPPED)
    finally:
        await admin.execute(f"ALTER TABLE data.sample {restore}")


async def test_column_that_only_statements_use_is_listed_as_unmapped(sample_database, admin):
    await admin.execute("ALTER TABLE data.sample ADD COLUMN transaction xid8")
    try:
        assert_models_match(sample_database, SAMPLES, unmapped=(*UNMAPPED, "data.sample.transaction"))
    finally:
        await admin.execute("ALTER TABLE data.sample DROP COLUMN transaction")
