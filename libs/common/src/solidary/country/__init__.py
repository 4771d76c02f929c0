"""Country packs: what differs from country to country, as files that an operator may read and correct."""

from solidary.country.pack import COUNTRIES, BrokenPack, Pack, pack, read
from solidary.country.routes import Deadline, Review, Route, Source, Step, Window

__all__ = [
    "COUNTRIES",
    "BrokenPack",
    "Deadline",
    "Pack",
    "Review",
    "Route",
    "Source",
    "Step",
    "Window",
    "pack",
    "read",
]
