from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.desk.procedures.schemas import AdviceOut, Language
from intake.registry.people.schemas import Name, Strict


class GuidanceIn(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"route": "pa-asylum", "language": "es"}]})

    route: Name = Field(examples=["pa-asylum"])
    language: Language = "es"


class GuidanceOut(BaseModel):
    """What was explained, in the words that were used."""

    guidance_id: UUID
    at: datetime
    language: str
    advice: AdviceOut
