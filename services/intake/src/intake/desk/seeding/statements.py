"""The SQL that adds invented people, a batch by each statement."""

from __future__ import annotations

from sqlalchemy import text

ADD_HOUSEHOLDS = text(
    "INSERT INTO data.household (id, root, area) SELECT id, id, :area FROM unnest(CAST(:id AS uuid[])) AS added (id)"
)
ADD_KEYS = text(
    """
    INSERT INTO keys.subject_key (id, root, wrapped, wrapped_by)
    SELECT id, id, wrapped, :wrapped_by
    FROM unnest(CAST(:id AS uuid[]), CAST(:wrapped AS bytea[])) AS added (id, wrapped)
    """
)
ADD_PEOPLE = text(
    """
    INSERT INTO data.person (id, root, household_id, state, relation, sex, birth_year, population_group, language,
        indexed_by, identity)
    SELECT id, id, household_id, 'registered', relation, sex, birth_year, 'refugee', 'spa', :indexed_by, identity
    FROM unnest(CAST(:id AS uuid[]), CAST(:household_id AS uuid[]), CAST(:relation AS text[]), CAST(:sex AS text[]),
        CAST(:birth_year AS int[]), CAST(:identity AS bytea[]))
        AS added (id, household_id, relation, sex, birth_year, identity)
    """
)
ADD_LOG_ENTRIES = text(
    """
    INSERT INTO data.access_entry (id, root, action, reference, service)
    SELECT gen_random_uuid(), id, :action, household_id, :service
    FROM unnest(CAST(:id AS uuid[]), CAST(:household_id AS uuid[])) AS added (id, household_id)
    """
)
ADD_TIMELINE_ENTRIES = text(
    """
    INSERT INTO data.timeline_entry (id, root, at, kind, reference)
    SELECT gen_random_uuid(), id, now(), 'person_registered', household_id
    FROM unnest(CAST(:id AS uuid[]), CAST(:household_id AS uuid[])) AS added (id, household_id)
    """
)
ADD_NEEDS = text(
    """
    INSERT INTO data.need (id, root, code, tier, list_version, category, severity, day, state)
    SELECT gen_random_uuid(), id, :code, 'ordinary', :list_version, :category, 'medium', :day, 'open'
    FROM unnest(CAST(:id AS uuid[])) AS added (id)
    """
)
AGENCIES_WITH_PEOPLE = text("SELECT agency FROM machinery.agencies_with_people()")
