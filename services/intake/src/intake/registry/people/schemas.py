"""The API schemas of people and households."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from solidary.language.codes.languages import Language
from solidary.language.codes.people import PopulationGroup, Sex
from solidary.language.validation import at_most
from solidary.platform.external_ids import HasExternalIds

from intake.fields import (
    AreaCode,
    CountryCode,
    GridCell,
    IdentifyingNumber,
    LocalCode,
    Name,
    NoteText,
    PastDay,
    RequestBody,
    Telephone,
    require_number,
)
from intake.registry.people.records import IdentityRecord, PayoutRecord
from intake.registry.people.rules import RegistrationState, Relation

MonthlyAmount = Annotated[
    int, Field(ge=0, le=10**15, description="A monthly amount in minor units of the country's currency.")
]


class DocumentIn(RequestBody):
    """A document; `kind` is a code of the country pack's documents."""

    kind: Name
    number: IdentifyingNumber
    issuer: CountryCode | None = None


class DocumentOut(BaseModel):
    """A document as it was recorded."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    number: str
    issuer: str | None


class PhoneIn(RequestBody):
    """A telephone. `safe`: the person may be called there. `shared`: other people answer or read it."""

    number: Telephone
    safe: bool = False
    shared: bool = False


class PhoneOut(BaseModel):
    """A telephone as it was recorded."""

    model_config = ConfigDict(from_attributes=True)

    number: str
    safe: bool
    shared: bool


class PayoutIn(RequestBody):
    """The account, wallet or collection point at which a person is paid."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "collection", "reference": "Sucursal La Chorrera"}]}
    )

    kind: Literal["account", "wallet", "collection"]
    reference: Name = Field(description="The number of the account or wallet, or the place of collection.")
    provider: Name | None = None

    @model_validator(mode="after")
    def _require_account(self) -> PayoutIn:
        if self.kind != "collection":
            require_number(self.reference)
        return self

    def to_record(self) -> PayoutRecord:
        """Return the record to store."""
        return PayoutRecord.model_validate(self.model_dump())


class PayoutOut(BaseModel):
    """The account, wallet or collection point as it was recorded."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    reference: str
    provider: str | None


class PayoutConfirmationOut(BaseModel):
    """The confirmation of an account, in one version, by somebody who did not write it."""

    model_config = ConfigDict(from_attributes=True)

    payout_version: int
    confirmed_by: UUID


class IdentityIn(RequestBody):
    """The identifying attributes of a person."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "given_name": "Ana",
                    "surname": "Ejemplo",
                    "second_surname": "Prueba",
                    "born": "1991-04-12",
                    "nationality": "VE",
                    "documents": [{"kind": "passport", "number": "EJEMPLO-0001", "issuer": "VE"}],
                    "phones": [{"number": "+50760000000", "safe": True}],
                }
            ]
        }
    )

    given_name: Name
    surname: Name | None = Field(default=None, description="Left out for a person who has one name.")
    second_surname: Name | None = None
    born: PastDay | None = None
    nationality: CountryCode | None = None
    entered_on: PastDay | None = None
    documents: Annotated[tuple[DocumentIn, ...], at_most(20)] = Field(default=(), max_length=20)
    phones: Annotated[tuple[PhoneIn, ...], at_most(10)] = Field(default=(), max_length=10)
    note: NoteText | None = None

    def to_identity_record(self) -> IdentityRecord:
        """Return the record to store."""
        return IdentityRecord.model_validate(self.model_dump(include=set(IdentityIn.model_fields)))


class IdentityOut(BaseModel):
    """The identifying attributes of a person as they were recorded."""

    model_config = ConfigDict(from_attributes=True)

    given_name: str
    surname: str | None
    second_surname: str | None
    born: date | None
    nationality: str | None
    entered_on: date | None
    documents: list[DocumentOut]
    phones: list[PhoneOut]
    note: str | None


class PersonIn(IdentityIn):
    """A member of a household as the desk records them."""

    model_config = ConfigDict(json_schema_extra={})

    relation: Relation
    sex: Sex
    population_group: PopulationGroup
    language: Language = Language.SPANISH


class StatementsIn(RequestBody):
    """The statements of a person about themselves that are counted."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sex": "female", "population_group": "migrant", "language": "spa"}]}
    )

    sex: Sex
    population_group: PopulationGroup
    language: Language


class PersonOut(HasExternalIds):
    """A person as their own agency reads them, without anything of the restricted tier."""

    person_id: UUID
    household_id: UUID
    created: datetime
    state: RegistrationState
    same_as: UUID | None = Field(
        default=None, description="The person who a provisional one is, where somebody has decided so."
    )
    relation: Relation
    sex: str
    population_group: str
    language: str
    identity: IdentityOut
    note_withheld: bool = Field(
        default=False,
        description="There is a note, but you are not assigned to the person and stated no reason.",
    )


class PersonListed(BaseModel):
    """A person in the list of a household."""

    person_id: UUID
    household_id: UUID
    state: RegistrationState
    relation: Relation
    name: str


class OfPerson(BaseModel):
    """An item of a list that belongs to a person."""

    person_id: UUID = Field(validation_alias="root")
    name: str = ""


class PersonOfList(PersonListed):
    """A person in a user's list of people."""

    created: datetime


class RegistrationStateIn(RequestBody):
    """The state that a registration changes to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "verified"}]})

    to: RegistrationState


class HouseholdIn(RequestBody):
    """A household's place and means.

    `area` is the P-code of the smallest known area; `cell` is the grid cell, where the desk knows it.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"area": "PA110403", "shelter": "rented_room", "own_income": 18000}]}
    )

    area: AreaCode
    cell: GridCell | None = Field(
        default=None, description="An H3 index of resolution 9 (a tenth of a square kilometre) or coarser."
    )
    shelter: LocalCode | None = Field(default=None, examples=["rented_room"])
    own_income: MonthlyAmount = 0
    other_aid: MonthlyAmount = 0


class HouseholdOut(HasExternalIds):
    """A household with its members."""

    household_id: UUID
    version: int
    area: str
    cell: str | None
    shelter: str | None
    own_income: int
    other_aid: int
    members: list[PersonListed]
