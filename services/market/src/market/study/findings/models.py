"""Findings as entities. Their root is the assessment."""

from __future__ import annotations

from fractions import Fraction

from solidary.platform.database import AgencyEntity
from sqlalchemy.orm import Mapped

from market.engines.sectors.rules import BarrierFactors
from market.study.findings import rules


class Sector(AgencyEntity):
    """The figures of one sector of the local economy: employment in two periods, and vacancies."""

    __tablename__ = "sector"

    code: Mapped[str]
    """A section or division of ISIC Rev. 4 (CIIU Rev. 4)."""
    employment_before: Mapped[int]
    employment_after: Mapped[int]
    self_employed_after: Mapped[int]
    vacancies: Mapped[int]

    @property
    def growth(self) -> Fraction | None:
        """The relative change of employment."""
        return rules.employment_growth(self.employment_before, self.employment_after)


class Barrier(AgencyEntity):
    """A barrier between people and work in a sector. Its three factors are stored in thousandths."""

    __tablename__ = "barrier"

    sector: Mapped[str]
    kind: Mapped[str]
    scope: Mapped[str]
    severity: Mapped[int]
    share_affected: Mapped[int]
    removability: Mapped[int]

    @property
    def priority(self) -> Fraction:
        """Severity × share affected × removability, from 0 to 1."""
        factors = (self.severity, self.share_affected, self.removability)
        return BarrierFactors(*(Fraction(factor, 1000) for factor in factors)).priority
