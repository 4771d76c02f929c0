"""The four perspectives by which a city's inclusion plan groups its needs and actions."""

from __future__ import annotations

from solidary.language.codes.code_list import CodeList


class Perspective(CodeList):
    """A perspective of an inclusion plan."""

    HOUSING_HABITAT = "housing_habitat", "Vivienda y hábitat", "Housing and habitat"
    SOCIAL_INCLUSION = "social_inclusion", "Inclusión social", "Social inclusion"
    SOCIOECONOMIC_CULTURAL = (
        "socioeconomic_cultural",
        "Inclusión socioeconómica y cultural",
        "Socio-economic and cultural inclusion",
    )
    LEGISLATION_GOVERNANCE = (
        "legislation_governance",
        "Legislación y gobernanza",
        "Legislation and governance",
    )
