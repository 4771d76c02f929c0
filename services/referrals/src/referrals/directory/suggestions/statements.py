"""The statements that select the services that meet a need, from the public ones and the confidential ones in reach.

The parameter `pcode` is null, or the area in which the services are, unless they are available remotely.
"""

from __future__ import annotations

from sqlalchemy import TextClause, text

COLUMNS = """id, agency, name, organization, confidential, category, needs, eligibility, languages, latitude, longitude,
    remote, answers_within_hours, available, waiting_list, capacity_updated_at"""

OPENING_HOURS = """CAST(jsonb_build_object('version', details -> 'version', 'schedules', details -> 'schedules')
    AS text)"""
"""The opening hours of a service's details, with the version of their form. Equal ones are equal texts."""

IN_AREA = """AND (remote OR area COLLATE "C" BETWEEN CAST(:pcode AS text) AND CAST(:pcode AS text) || '~')"""
"""A P-code begins with the codes of the areas that contain it, and is of digits and capital letters."""


def _meeting(columns: str, *, in_area: bool) -> str:
    condition = f"""status = 'active' AND array_append(needs, category) @> ARRAY[CAST(:need AS text)]
        {IN_AREA if in_area else ""}"""
    return f"""SELECT {columns} FROM published.service WHERE {condition}
    UNION ALL SELECT {columns} FROM data.service WHERE confidential AND {condition}"""


def count_by_rule(*, in_area: bool) -> TextClause:
    """Return the statement for the rules of the services, the most frequent first, and the number of all services."""
    return text(
        f"""SELECT eligibility, CAST(sum(count(*)) OVER () AS bigint)
        FROM ({_meeting("eligibility", in_area=in_area)}) AS meeting
        GROUP BY eligibility ORDER BY count(*) DESC, eligibility LIMIT :rules"""
    )


KILOMETRES = """2 * 6371.0088 * asin(sqrt(least(1, power(sin(radians(latitude - CAST(:latitude AS float8)) / 2), 2)
    + cos(radians(CAST(:latitude AS float8))) * cos(radians(latitude))
    * power(sin(radians(longitude - CAST(:longitude AS float8)) / 2), 2))))"""

KNOWN_POINTS = f"""CAST(:eligibility_weight AS int) * CASE
        WHEN eligibility = ANY(CAST(:met AS text[])) THEN 100
        WHEN eligibility = ANY(CAST(:unmet AS text[])) THEN 0
        ELSE 50 END
    + CAST(:distance_weight AS int) * CASE
        WHEN remote THEN 100
        WHEN CAST(:latitude AS float8) IS NULL OR latitude IS NULL THEN 50
        ELSE 100 / (1 + {KILOMETRES} / CAST(:halfway_km AS float8)) END
    + CAST(:capacity_weight AS int) * CASE
        WHEN coalesce(capacity_updated_at < CAST(:capacity_since AS timestamptz), true) THEN 50
        WHEN available > 0 THEN 100
        WHEN waiting_list THEN 25
        ELSE 0 END
    + CAST(:languages_weight AS int) * CASE
        WHEN CAST(:languages AS text[]) IS NULL OR languages = '{{}}' THEN 50
        WHEN languages && CAST(:languages AS text[]) THEN 100
        ELSE 0 END"""
"""The points of the parts that need no opening hours, as `referrals.engines.suggestion.rules` scores them."""


def select_candidates(*, in_area: bool) -> TextClause:
    """Return the statement for one part of the services, in the order of what is known without opening hours."""
    return text(
        f"""SELECT {COLUMNS}, {OPENING_HOURS} AS opening_hours
        FROM ({_meeting(f"{COLUMNS}, details", in_area=in_area)}) AS meeting
        ORDER BY coalesce(eligibility = ANY(CAST(:unmet AS text[])), false), {KNOWN_POINTS} DESC, id
        OFFSET :offset LIMIT :limit"""
    )
