"""The API schemas of needs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.codes.need_categories import NeedCategory

from intake.desk.needs.rules import NeedState, Severity
from intake.fields import NeedCode, NoteText, PastDay, RequestBody
from intake.registry.people.schemas import OfPerson


class NeedIn(RequestBody):
    """An ordinary need.

    Send `category` only to override the category of the list, and `day` for a paper record that is entered later.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "CR-NE", "severity": "high"}]})

    code: NeedCode = Field(examples=["CR-NE"])
    severity: Severity = Severity.MEDIUM
    category: NeedCategory | None = None
    day: PastDay | None = None


class NeedOut(BaseModel):
    """An ordinary need as it was recorded."""

    model_config = ConfigDict(from_attributes=True)

    need_id: UUID = Field(validation_alias="id")
    code: str
    tier: str
    list_version: str
    category: str
    severity: str
    day: date
    state: str


class NeedOfList(OfPerson, NeedOut):
    """An ordinary need in a user's list, with the person who has it."""


class NeedStateIn(RequestBody):
    """The state that a need changes to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "met"}]})

    to: NeedState


class RestrictedNeedIn(RequestBody):
    """A restricted need, as a protection officer records it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "TR-HO", "severity": "high"}]})

    code: NeedCode
    severity: Severity = Severity.MEDIUM
    note: NoteText | None = None


class RestrictedNeedOut(BaseModel):
    """A restricted need with its note."""

    need_id: UUID
    code: str
    tier: str
    list_version: str
    severity: str
    note: str | None
