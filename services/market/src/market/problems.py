"""The problems of the market service, by the database constraint that each of them explains."""

from __future__ import annotations

from collections.abc import Mapping

from solidary.language.problems import Conflict, Problem


class SectorAlreadyRecorded(Conflict):
    """An assessment records a sector (an ISIC code) a second time."""

    slug = "sector-already-recorded"
    title = "The assessment has already recorded this sector"
    action = "Read the findings of the assessment, or record another sector."


CONSTRAINT_PROBLEMS: Mapping[str, type[Problem]] = {"uq_sector_root_code": SectorAlreadyRecorded}
