"""PostgreSQL: entities, the agency scope, the unit of work, and the outbox that it writes.

Every database has three schemas. `data`: agency tables under forced row-level security. `machinery`: outbox,
inbox, parked keys, jobs and the like, without agencies' content. `published`: public data.
"""

from solidary.platform.database.engine import Database
from solidary.platform.database.entity import (
    AgencyEntity,
    Aggregate,
    Entity,
    Published,
    RecordedBy,
    Updated,
    money,
    timestamp,
)
from solidary.platform.database.parts import read_parts
from solidary.platform.database.record_column import RecordColumn
from solidary.platform.database.scope import Share, ShareLevel
from solidary.platform.database.unit_of_work import UnitOfWork

__all__ = [
    "AgencyEntity",
    "Aggregate",
    "Database",
    "Entity",
    "Published",
    "RecordColumn",
    "RecordedBy",
    "Share",
    "ShareLevel",
    "UnitOfWork",
    "Updated",
    "money",
    "read_parts",
    "timestamp",
]
