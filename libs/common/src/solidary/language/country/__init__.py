"""Country packs: what differs from country to country, as files that an operator may read and correct."""

from solidary.language.country.pack import COUNTRIES, BrokenPack, Pack, pack, read
from solidary.language.country.pathways import Deadline, Review, Route, Source, Step, Window

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
