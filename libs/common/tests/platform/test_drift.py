import re

import pytest
from solidary.platform.service import Service
from solidary_testing.drift import assert_models_match, assert_platform_models_match
from toy import Letter

TOY = Service(name=Letter.__module__, description="", routers=[])
UNMAPPED = ("data.tally",)


def test_models_of_the_platform_match_their_tables(place):
    assert_platform_models_match(place)


def test_models_that_match_their_tables_pass(place):
    assert_models_match(place, TOY, unmapped=UNMAPPED)


def test_each_table_has_a_model_or_is_listed_as_unmapped(place):
    with pytest.raises(AssertionError, match=r"data\.tally: only in the database"):
        assert_models_match(place, TOY)
    with pytest.raises(AssertionError, match=r"data\.letter: listed as unmapped, but it has a model"):
        assert_models_match(place, TOY, unmapped=(*UNMAPPED, "data.letter"))
    with pytest.raises(AssertionError, match=r"data\.gone: listed as unmapped, but it does not exist"):
        assert_models_match(place, TOY, unmapped=(*UNMAPPED, "data.gone"))


@pytest.mark.parametrize(
    ("change", "restore", "difference"),
    [
        (
            "ADD COLUMN pages int",
            "DROP COLUMN pages",
            "data.letter.pages: only in the table",
        ),
        (
            "RENAME COLUMN words TO text",
            "RENAME COLUMN text TO words",
            "data.letter.words: only in the model",
        ),
        (
            "ALTER COLUMN words TYPE varchar(9)",
            "ALTER COLUMN words TYPE text",
            "data.letter.words: Text() in the model, VARCHAR(length=9) in the table",
        ),
        (
            "ALTER COLUMN words DROP NOT NULL",
            "ALTER COLUMN words SET NOT NULL",
            "data.letter.words: nullable in the table, NOT NULL in the model",
        ),
        (
            "ALTER COLUMN created SET DEFAULT now()",
            "ALTER COLUMN created SET DEFAULT clock_timestamp()",
            "data.letter.created: default clock_timestamp() in the model, now() in the table",
        ),
        (
            "DROP CONSTRAINT letter_pkey",
            "ADD PRIMARY KEY (id)",
            "data.letter: primary key (id) in the model, () in the table",
        ),
    ],
)
async def test_each_difference_is_reported(place, admin, change, restore, difference):
    await admin.execute(f"ALTER TABLE data.letter {change}")
    try:
        with pytest.raises(AssertionError, match=re.escape(difference)):
            assert_models_match(place, TOY, unmapped=UNMAPPED)
    finally:
        await admin.execute(f"ALTER TABLE data.letter {restore}")


async def test_column_that_only_statements_use_is_listed_as_unmapped(place, admin):
    await admin.execute("ALTER TABLE data.letter ADD COLUMN transaction xid8")
    try:
        assert_models_match(place, TOY, unmapped=(*UNMAPPED, "data.letter.transaction"))
    finally:
        await admin.execute("ALTER TABLE data.letter DROP COLUMN transaction")
