"""The API schemas of guidance."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.desk.procedures.schemas import AdviceLanguage, PathwayAdviceOut
from intake.fields import Name, RequestBody


class GuidanceIn(RequestBody):
    """A pathway to explain, and the language."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"pathway": "pa-asylum", "language": "es"}]})

    pathway: Name = Field(examples=["pa-asylum"])
    language: AdviceLanguage = "es"


class GuidanceOut(BaseModel):
    """The advice that was given, in the language that was used."""

    guidance_id: UUID
    at: datetime
    language: str
    advice: PathwayAdviceOut
