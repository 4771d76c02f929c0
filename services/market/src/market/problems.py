"""The problems that constraints of the market database mean, by constraint."""

from __future__ import annotations

from solidary.language.problems import Conflict, Problem


class SectorAlreadyRecorded(Conflict):
    """An assessment records a sector (ISIC code) a second time."""

    slug = "sector-already-recorded"
    title = "This sector is recorded in this assessment already"
    action = "Change the sector that is recorded."


CONSTRAINT_PROBLEMS: dict[str, type[Problem]] = {"uq_sector_ciiu": SectorAlreadyRecorded}
