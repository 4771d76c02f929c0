"""An agency's own identifiers of what it records: the key of a row in the agency's own system."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from solidary.language.strict import StrictModel
from solidary.language.validation import at_most

MAX_EXTERNAL_IDS = 10
MAX_FOUND = 200


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("This identifier has characters that cannot be seen. Copy it from its system again.")
    return text


SystemName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,39}$"),
    Field(description="The agency's own name of the system, in small letters.", examples=["primero"]),
]
SystemValue = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_printable),
    Field(description="The identifier there, compared letter by letter.", examples=["CASE-000123"]),
]


class ExternalIdIn(StrictModel):
    """An identifier in a system of the agency. It belongs to one thing of a kind only, within the agency."""

    model_config = ConfigDict(
        frozen=True, json_schema_extra={"examples": [{"system": "primero", "value": "CASE-000123"}]}
    )

    system: SystemName
    value: SystemValue


def _unique(external_ids: tuple[ExternalIdIn, ...]) -> tuple[ExternalIdIn, ...]:
    if len(set(external_ids)) < len(external_ids):
        raise ValueError("An identifier stands here twice. Name each once.")
    return external_ids


ExternalIds = Annotated[
    tuple[ExternalIdIn, ...],
    Field(max_length=MAX_EXTERNAL_IDS),
    at_most(MAX_EXTERNAL_IDS),
    AfterValidator(_unique),
]


class ExternalIdsIn(StrictModel):
    """All identifiers of one thing, which replace those that it had."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"external_ids": [{"system": "primero", "value": "CASE-000123"}]}]}
    )

    external_ids: ExternalIds


class ExternalIdQuery(StrictModel):
    """The identifiers to find, in a body and never in an address."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"external_ids": [{"system": "primero", "value": "CASE-000123"}]}]}
    )

    external_ids: Annotated[
        tuple[ExternalIdIn, ...], Field(min_length=1, max_length=MAX_FOUND), at_most(MAX_FOUND)
    ]


class ExternalIdOut(BaseModel):
    """An identifier in a system of the agency."""

    model_config = ConfigDict(from_attributes=True)

    system: str
    value: str
