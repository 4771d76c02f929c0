"""The SQL that counts groups of people. No statement reads the restricted needs."""

from __future__ import annotations

from sqlalchemy import text

_AREA = """
    coalesce((SELECT t.id::text FROM published.tiu t WHERE h.cell = ANY(t.cells) ORDER BY t.id LIMIT 1), h.area)
"""
"""Each household is counted in one place: the territorial unit that contains its cell, else its area."""

NEEDS_BY_GROUP = text(
    f"""
    SELECT n.category, {_AREA}, p.population_group, p.sex, p.birth_year, count(DISTINCT p.id)
    FROM data.need n JOIN data.person p ON p.id = n.root JOIN data.household h ON h.id = p.household_id
    WHERE n.agency = :agency AND n.day BETWEEN :first AND :last GROUP BY 1, 2, 3, 4, 5
    """
)
PEOPLE_BY_GROUP = text(
    f"""
    SELECT NULL, {_AREA}, p.population_group, p.sex, p.birth_year, count(*)
    FROM data.person p JOIN data.household h ON h.id = p.household_id
    WHERE p.agency = :agency GROUP BY 1, 2, 3, 4, 5
    """
)
