"""Country packs: the differences between countries, as files that an operator can read and correct."""

from solidary.language.country.complaints import ComplaintKind, Complaints
from solidary.language.country.pack import (
    FOLDER_VARIABLE,
    CountriesFolderMissing,
    CountryPack,
    DataProtection,
    Demonstration,
    DocumentType,
    InvalidPack,
    RecordKind,
    countries,
    load_pack,
    packs_folder,
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
    "FOLDER_VARIABLE",
    "ApplicationWindow",
    "ComplaintKind",
    "Complaints",
    "CountriesFolderMissing",
    "CountryPack",
    "DataProtection",
    "Deadline",
    "Demonstration",
    "DocumentType",
    "InvalidPack",
    "Pathway",
    "PathwayStep",
    "RecordKind",
    "ReviewStatus",
    "Source",
    "countries",
    "load_pack",
    "packs_folder",
    "parse_pack",
]
