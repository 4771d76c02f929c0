"""Country packs: the differences between countries, as files that an operator can read and correct."""

from solidary.language.country.pack import (
    COUNTRIES,
    CountryPack,
    DataProtection,
    DocumentType,
    InvalidPack,
    RecordKind,
    load_pack,
    parse_pack,
)
from solidary.language.country.pathways import (
    ApplicationWindow,
    Deadline,
    Pathway,
    PathwayStep,
    ReviewStatus,
    Source,
)

__all__ = [
    "COUNTRIES",
    "ApplicationWindow",
    "CountryPack",
    "DataProtection",
    "Deadline",
    "DocumentType",
    "InvalidPack",
    "Pathway",
    "PathwayStep",
    "RecordKind",
    "ReviewStatus",
    "Source",
    "load_pack",
    "parse_pack",
]
