"""The base classes and common types of the API's schemas."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from solidary.language.strict import StrictModel
from solidary.language.text import require_meaning

Title = Annotated[str, Field(min_length=3, max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(require_meaning)]
Text = Annotated[str, Field(min_length=3, max_length=4000)]
Reason = Annotated[str, Field(min_length=10, max_length=4000, description="Published with the plan.")]
MinorAmount = Annotated[int, Field(gt=0, le=10**15, description="In minor units of the plan's currency.")]


class RequestBody(StrictModel):
    """The base of what a request contains: unknown fields are refused."""


class ResponseBody(BaseModel):
    """The base of what is made from a row."""

    model_config = ConfigDict(from_attributes=True)


class RowOut(ResponseBody):
    """The base of what shows a row with its id and the time of its creation."""

    id: UUID
    created: datetime
