"""PostgreSQL: whose row it is, the unit of work, and the outbox it writes.

Every database has three schemas. `data`: agency tables under forced row-level security. `machinery`: outbox,
inbox, parked keys, jobs and the like, without agencies' content. `published`: what is public.
"""

from solidary.platform.database.engine import Database
from solidary.platform.database.entity import AgencyEntity, Entity, Published, moment, money
from solidary.platform.database.scope import Level, Share
from solidary.platform.database.unit_of_work import UnitOfWork

__all__ = [
    "AgencyEntity",
    "Database",
    "Entity",
    "Level",
    "Published",
    "Share",
    "UnitOfWork",
    "moment",
    "money",
]
