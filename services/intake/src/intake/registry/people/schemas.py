"""A person on the wire, and the identity that is kept sealed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from solidary.language.codes.languages import Language
from solidary.language.codes.people import PopulationGroup, Sex

from intake.registry.people.rules import Relation, Status


def _telephone(text: str) -> str:
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        raise ValueError("not a telephone number: write it with + and the country's code") from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError("not a possible telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _not_in_the_future(day: date) -> date:
    if day > date.today():
        raise ValueError("this day has not come yet")
    return day


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Telephone = Annotated[str, StringConstraints(max_length=40), AfterValidator(_telephone)]
PastDay = Annotated[date, Field(ge=date(1900, 1, 1)), AfterValidator(_not_in_the_future)]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Strict(BaseModel):
    """What comes in: a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(Strict):
    """`kind` is a code of the country pack's documents."""

    kind: Name
    number: Name
    issuer: CountryCode | None = None


class Phone(Strict):
    """`safe`: the person said that they may be called here. `shared`: others hear or read it."""

    number: Telephone
    safe: bool = False
    shared: bool = False


class Payout(Strict):
    """Where money can reach the person."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "collection", "reference": "Sucursal La Chorrera"}]}
    )

    kind: Literal["account", "wallet", "collection"]
    reference: Name = Field(description="Account or wallet number, or where it is collected")
    provider: Name | None = None


class Identity(Strict):
    """What identifies a person: sealed as one piece."""

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
    surname: Name
    second_surname: Name | None = None
    born: PastDay | None = None
    nationality: CountryCode | None = None
    entered_on: PastDay | None = None
    documents: tuple[Document, ...] = Field(default=(), max_length=20)
    phones: tuple[Phone, ...] = Field(default=(), max_length=10)
    note: Words | None = None

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, (self.given_name, self.surname, self.second_surname)))

    @property
    def safe_phone(self) -> str | None:
        """The first telephone that the person called safe."""
        return next((phone.number for phone in self.phones if phone.safe), None)


class PersonIn(Identity):
    """One member of a household as the desk writes them down."""

    model_config = ConfigDict(json_schema_extra={})

    relation: Relation
    sex: Sex
    population_group: PopulationGroup
    language: Language = Language.SPANISH

    @property
    def identity(self) -> Identity:
        return Identity.model_validate(self.model_dump(include=set(Identity.model_fields)))


class PersonOut(BaseModel):
    """A person as their own agency reads them. Nothing of the restricted tier stands here."""

    person_id: UUID
    household_id: UUID
    created: datetime
    status: Status
    relation: Relation
    sex: str
    population_group: str
    language: str
    identity: Identity


class PersonListed(BaseModel):
    person_id: UUID
    household_id: UUID
    status: Status
    relation: Relation
    name: str


class StatusIn(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "verified"}]})

    to: Status
