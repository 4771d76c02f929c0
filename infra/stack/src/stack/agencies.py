"""The demonstration's invented agencies and their staff, modelled on those of La Chorrera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from solidary.language.country import load_pack
from solidary.platform.identity import SOFTWARE_DUTIES, Duty


@dataclass(frozen=True)
class Agency:
    """An organization of the realm; tokens carry its `alias`."""

    alias: str
    name: str
    own_domain: str | None = None
    unlisted: bool | None = None
    """True where other agencies do not see that this one takes part; None leaves that as it is."""

    @property
    def domain(self) -> str:
        """The domain of the agency's addresses; a demonstration's agency has an invented one."""
        return self.own_domain or f"{self.alias}.example"


AGENCIES = (
    Agency("unhcr", "UNHCR Panama (demonstration)"),
    Agency("iom", "IOM Panama (demonstration)"),
    Agency("unhabitat", "UN-Habitat Panama (demonstration)"),
    Agency("chorrera", "Municipio de La Chorrera (demostración)"),
    Agency("casa-abierta", "Casa Abierta (organización ficticia)"),
    Agency("manos-vecinas", "Manos Vecinas (organización ficticia)"),
)


def agencies_of(country: str) -> tuple[Agency, ...]:
    """Return the agencies with the names that they have in a country; their aliases are the same everywhere."""
    pack = load_pack(country.upper())
    if pack.demonstration is None:
        return AGENCIES
    names = {"Panama": pack.name.en, "La Chorrera": pack.demonstration.city}

    def name(agency: Agency) -> str:
        for before, after in names.items():
            agency = replace(agency, name=agency.name.replace(before, after))
        return agency.name

    return tuple(replace(agency, name=name(agency)) for agency in AGENCIES)


@dataclass(frozen=True)
class StaffMember:
    """One human with one account (`sub`) and the duties they have in each agency, by its alias."""

    username: str
    first_name: str
    last_name: str
    duties: Mapping[str, tuple[str, ...]] = field(hash=False)

    @property
    def email(self) -> str:
        return f"{self.username}@{next(iter(self.duties))}.example"


def _one_person_per_duty(agency: str, *people: tuple[str, str, str]) -> list[StaffMember]:
    """Return one person per duty; a number after a duty is part of the username only."""
    return [
        StaffMember(f"{agency}.{duty}", first, last, {agency: (duty.rstrip("0123456789"),)})
        for duty, first, last in people
    ]


STAFF: tuple[StaffMember, ...] = (
    *_one_person_per_duty(
        "unhcr",
        ("front_desk", "Marisol", "Quintero"),
        ("case_worker", "Tomás", "Batista"),
        ("protection_officer", "Ifeoma", "Adeyemi"),
        ("directory_editor", "Lía", "Montezuma"),
        ("auditor", "Henrik", "Solberg"),
        ("data_protection_officer", "Paula", "Urriola"),
        ("operator", "Saúl", "Camarena"),
    ),
    *_one_person_per_duty(
        "iom",
        ("front_desk", "Yadira", "Pinzón"),
        ("case_worker", "Ernesto", "Guevara Ríos"),
        ("protection_officer", "Noor", "Haddad"),
        ("directory_editor", "Itzel", "Cedeño"),
        ("provider", "Bolívar", "Ábrego"),
        ("cash_maker", "Dayana", "Rentería"),
        ("cash_controller", "Irina", "Delgado"),
        ("cash_checker1", "Rodrigo", "Villalaz"),
        ("cash_checker2", "Aminata", "Diallo"),
        ("cash_releaser", "Celeste", "Arosemena"),
        ("auditor", "Jean-Marc", "Lefèvre"),
        ("data_protection_officer", "Graciela", "Tuñón"),
    ),
    *_one_person_per_duty(
        "unhabitat",
        ("planner", "Beatriz", "Aizprúa"),
        ("facilitator", "Kwame", "Mensah"),
        ("market_analyst", "Ximena", "Delvalle"),
    ),
    *_one_person_per_duty(
        "chorrera",
        ("front_desk", "Elida", "Chacón"),
        ("provider", "Rubén", "Castrellón"),
        ("directory_editor", "Nereida", "Ovalle"),
        ("planner", "Gabriel", "Icaza"),
        ("facilitator", "Zuleika", "Barría"),
        ("authority", "Magali", "Espinosa"),
        ("market_analyst", "Aurelio", "Sanjur"),
        ("auditor", "Teresa", "Bósquez"),
        ("integrator", "Octavio", "Rangel"),
    ),
    *_one_person_per_duty(
        "casa-abierta",
        ("front_desk", "Rosa", "Him"),
        ("case_worker", "Iván", "Moreno"),
        ("provider", "Clara", "Lezcano"),
    ),
    *_one_person_per_duty(
        "manos-vecinas", ("provider", "Abdiel", "Jaén"), ("case_worker", "Fátima", "Nassar")
    ),
    # Seconded by the municipality to a local organisation: one human, two agencies, different duties.
    StaffMember(
        "samira.robles",
        "Samira",
        "Robles",
        {"chorrera": ("case_worker",), "casa-abierta": ("provider", "directory_editor")},
    ),
)


AGENCY_CLIENTS = {
    "integrator": tuple(sorted(SOFTWARE_DUTIES - {Duty.BANK_REPORTER})),
    "bank": (Duty.BANK_REPORTER,),
}
"""The machine clients of an agency and the duties of each: its own software, and its bank's channel."""


def agency_client_id(agency: Agency, kind: str = "integrator") -> str:
    """Return the client id of a machine client of an agency."""
    return f"{agency.alias}-{kind}"


def agency_client_ids() -> list[str]:
    """Return the client ids of all machine clients of the demonstration's agencies."""
    return [agency_client_id(agency, kind) for agency in AGENCIES for kind in AGENCY_CLIENTS]
