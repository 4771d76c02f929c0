from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from solidary.language.codes.need_categories import NeedCategory

from intake.desk.needs.rules import NeedState, Severity
from intake.registry.people.schemas import PastDay, Strict, Words

NeedCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z]{2,4})?$")]


class NeedIn(Strict):
    """`category` only where the desk knows better than the list; `day` of a paper record typed in later."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "CR-NE", "severity": "high"}]})

    code: NeedCode = Field(examples=["CR-NE"])
    severity: Severity = Severity.MEDIUM
    category: NeedCategory | None = None
    day: PastDay | None = None


class NeedOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    need_id: UUID = Field(validation_alias="id")
    code: str
    tier: str
    list_version: str
    category: str
    severity: str
    day: date
    state: str


class NeedStateIn(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "met"}]})

    to: NeedState


class RestrictedNeedIn(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "TR", "severity": "high"}]})

    code: NeedCode
    severity: Severity = Severity.MEDIUM
    note: Words | None = None


class RestrictedNeedOut(BaseModel):
    need_id: UUID
    code: str
    tier: str
    list_version: str
    severity: str
    note: str | None
