"""The categories of need by which services, plans and reports are grouped.

They are close to the sectors of the regional response plan (R4V), so that a report to it is a sum of these.
"""

from __future__ import annotations

from solidary.language.codes.code_list import CodeList


class NeedCategory(CodeList):
    """A category of need."""

    EDUCATION = "education", "Educación", "Education"
    HEALTH = "health", "Salud", "Health"
    NUTRITION = "nutrition", "Nutrición", "Nutrition"
    FOOD = "food", "Alimentación", "Food"
    SHELTER = "shelter", "Vivienda y alojamiento", "Shelter"
    WATER_SANITATION = "water_sanitation", "Agua y saneamiento", "Water and sanitation"
    LIVELIHOODS = "livelihoods", "Medios de vida", "Livelihoods"
    DOCUMENTATION = "documentation", "Documentación y asistencia legal", "Documents and legal assistance"
    PROTECTION = "protection", "Protección", "Protection"
    BASIC_NEEDS = "basic_needs", "Necesidades básicas", "Basic needs"


_CATEGORY_BY_CODE = {
    "CR-NE": NeedCategory.EDUCATION,
    "CR-SE": NeedCategory.EDUCATION,
    "WR-LC": NeedCategory.NUTRITION,
    "LP-ND": NeedCategory.DOCUMENTATION,
    "LP-BN": NeedCategory.BASIC_NEEDS,
}
_CATEGORY_BY_GROUP = {
    "SM": NeedCategory.HEALTH,
    "WG": NeedCategory.HEALTH,
    "DS": NeedCategory.HEALTH,
    "SP": NeedCategory.LIVELIHOODS,
}


def category_of(code: str) -> NeedCategory:
    """Return the category in which a specific need is counted, unless the front desk chooses another one."""
    return _CATEGORY_BY_CODE.get(code) or _CATEGORY_BY_GROUP.get(
        code.partition("-")[0], NeedCategory.PROTECTION
    )
