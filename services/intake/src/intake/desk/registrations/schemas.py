"""The API schemas of registrations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from solidary.language.external_ids import ExternalIds
from solidary.language.validation import at_most
from solidary.platform.external_ids import HasExternalIds

from intake.desk.needs.schemas import NeedIn
from intake.fields import RequestBody
from intake.registry.people.rules import RegistrationState, Relation
from intake.registry.people.schemas import HouseholdIn, PersonIn

EXAMPLE: JsonValue = {
    "household": {"area": "PA110403", "shelter": "rented_room"},
    "members": [
        {
            "given_name": "Ana",
            "surname": "Ejemplo",
            "second_surname": "Prueba",
            "born": "1991-04-12",
            "entered_on": "2026-08-03",
            "nationality": "VE",
            "relation": "head",
            "sex": "female",
            "population_group": "asylum_seeker",
            "language": "spa",
            "phones": [{"number": "+50760000000", "safe": True}],
            "needs": [{"code": "LP-ND", "severity": "high"}],
        }
    ],
}


class MemberIn(PersonIn):
    """A member of the household with the ordinary needs that the desk already knows."""

    needs: Annotated[tuple[NeedIn, ...], at_most(20)] = Field(default=(), max_length=20)
    external_ids: ExternalIds = ()


class RegisteredHouseholdIn(HouseholdIn):
    """The place and the means of the household, and your agency's own identifiers of it."""

    external_ids: ExternalIds = ()


class RegistrationIn(RequestBody):
    """A household to register.

    `search_id` is the search that came first; without it, people who may be registered already stay provisional.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    household: RegisteredHouseholdIn
    members: Annotated[list[MemberIn], Field(min_length=1, max_length=30)]
    search_id: UUID | None = None

    @model_validator(mode="after")
    def _require_one_head(self) -> RegistrationIn:
        heads = sum(member.relation is Relation.HEAD for member in self.members)
        if heads != 1:
            raise ValueError(f"A household has exactly one head, but this one has {heads}.")
        return self


class RegisteredMember(HasExternalIds):
    """A registered member of the household."""

    person_id: UUID
    relation: Relation
    state: RegistrationState


class RegistrationWarning(BaseModel):
    """An unusual value in a registration, which is kept as it was sent."""

    model_config = ConfigDict(from_attributes=True)

    pointer: str
    detail: str


class RegistrationOut(HasExternalIds):
    """A registration, with the members in the order of the request. Its identifiers are those of the household."""

    registration_id: UUID
    household_id: UUID
    members: list[RegisteredMember]
    warnings: list[RegistrationWarning]
