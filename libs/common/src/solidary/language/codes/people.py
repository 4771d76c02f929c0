"""The groups in which people are counted: population group, mobility, age band and sex.

Legal status, mobility and nationality are three different things. The grouping of a report is derived, never stored.
"""

from __future__ import annotations

from datetime import date

from solidary.language.codes.code_list import CodeList


class Community(CodeList):
    """The three communities that plans and ballots are reported by."""

    REFUGEE = "refugee", "Refugiada", "Refugee"
    MIGRANT = "migrant", "Migrante", "Migrant"
    HOST = "host", "De acogida", "Host"


class PopulationGroup(CodeList):
    """UNHCR's population groups, with *other people in need of international protection* (since 2022)."""

    REFUGEE = "refugee", "Persona refugiada", "Refugee"
    ASYLUM_SEEKER = "asylum_seeker", "Persona solicitante de asilo", "Asylum seeker"
    OTHER_IN_NEED_OF_PROTECTION = (
        "other_in_need_of_protection",
        "Otra persona que necesita protección internacional",
        "Other person in need of international protection",
    )
    MIGRANT = "migrant", "Persona migrante", "Migrant"
    RETURNEE = "returnee", "Persona retornada", "Returnee"
    INTERNALLY_DISPLACED = "internally_displaced", "Persona desplazada interna", "Internally displaced person"
    STATELESS = "stateless", "Persona apátrida", "Stateless person"
    HOST_COMMUNITY = "host_community", "Comunidad de acogida", "Host community"

    @property
    def community(self) -> Community:
        """The community by which plans and ballots report this group.

        Returnees and internally displaced people are counted with the host community, because they are nationals.
        """
        return _COMMUNITY[self]


_COMMUNITY = {
    PopulationGroup.REFUGEE: Community.REFUGEE,
    PopulationGroup.ASYLUM_SEEKER: Community.REFUGEE,
    PopulationGroup.OTHER_IN_NEED_OF_PROTECTION: Community.REFUGEE,
    PopulationGroup.STATELESS: Community.REFUGEE,
    PopulationGroup.MIGRANT: Community.MIGRANT,
    PopulationGroup.RETURNEE: Community.HOST,
    PopulationGroup.INTERNALLY_DISPLACED: Community.HOST,
    PopulationGroup.HOST_COMMUNITY: Community.HOST,
}


class Mobility(CodeList):
    """The five groups in which the regional response plan (R4V) counts people."""

    IN_DESTINATION = "in_destination", "En destino", "In destination"
    IN_TRANSIT = "in_transit", "En tránsito", "In transit"
    PENDULAR = "pendular", "Pendular", "Pendular"
    RETURNEE = "returnee", "Retornada", "Returnee"
    AFFECTED_HOST = "affected_host", "Comunidad de acogida afectada", "Affected host community"


class Sex(CodeList):
    """The sex that a person states; `unknown` when it was not asked or not answered."""

    FEMALE = "female", "Mujer", "Female"
    MALE = "male", "Hombre", "Male"
    OTHER = "other", "Otro", "Other"
    UNKNOWN = "unknown", "Sin respuesta", "Unknown"


class AgeBand(CodeList):
    """UNHCR's age bands, in completed years."""

    UNDER_5 = "0-4", "0 a 4 años", "0 to 4 years"
    FROM_5_TO_11 = "5-11", "5 a 11 años", "5 to 11 years"
    FROM_12_TO_17 = "12-17", "12 a 17 años", "12 to 17 years"
    FROM_18_TO_59 = "18-59", "18 a 59 años", "18 to 59 years"
    FROM_60 = "60+", "60 años o más", "60 years or more"

    @classmethod
    def of_age(cls, years: int) -> AgeBand:
        """Return the band of an age in completed years. Raises ValueError for a negative age."""
        if years < 0:
            raise ValueError(f"An age cannot be negative: {years}.")
        return next((band for upper, band in _LAST_YEAR_OF_BAND if years <= upper), cls.FROM_60)

    @classmethod
    def of_birth(cls, born: date, on: date) -> AgeBand:
        """Return the band, on the day `on`, of a person born on `born`."""
        return cls.of_age(age(born, on))


_LAST_YEAR_OF_BAND = (
    (4, AgeBand.UNDER_5),
    (11, AgeBand.FROM_5_TO_11),
    (17, AgeBand.FROM_12_TO_17),
    (59, AgeBand.FROM_18_TO_59),
)


def age(born: date, on: date) -> int:
    """Return the completed years on a day. People born on 29 February complete a year on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
