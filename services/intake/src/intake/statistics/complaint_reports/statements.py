"""The SQL that counts reports. A sensitive complaint is in no count."""

from __future__ import annotations

from sqlalchemy import text

REPORTS_BY_GROUP = text(
    """
    SELECT area, kind, count(*) FROM data.complaint
    WHERE agency = :agency AND NOT is_sensitive AND created >= :first AND created < :end AND kind = ANY(:kinds)
    GROUP BY 1, 2
    """
)
