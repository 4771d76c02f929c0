from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from intake.desk.needs.schemas import NeedIn
from intake.registry.households.schemas import HouseholdIn
from intake.registry.people.rules import Relation, Status
from intake.registry.people.schemas import PersonIn, Strict

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
    """A person of the household, and the ordinary needs that the desk already knows."""

    needs: tuple[NeedIn, ...] = Field(default=(), max_length=20)


class RegistrationIn(Strict):
    """`search_id`: the search that came first. Without it whoever looks known stays provisional."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    household: HouseholdIn
    members: Annotated[list[MemberIn], Field(min_length=1, max_length=30)]
    search_id: UUID | None = None

    @model_validator(mode="after")
    def _has_one_head(self) -> RegistrationIn:
        heads = sum(member.relation is Relation.HEAD for member in self.members)
        if heads != 1:
            raise ValueError(f"a household has one head; this one has {heads}")
        return self


class RegisteredMember(BaseModel):
    person_id: UUID
    relation: Relation
    status: Status


class RegistrationOut(BaseModel):
    """The members in the order in which they were sent."""

    registration_id: UUID
    household_id: UUID
    members: list[RegisteredMember]
