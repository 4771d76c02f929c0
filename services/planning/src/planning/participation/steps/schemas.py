"""The request of the API that takes a step."""

from __future__ import annotations

from pydantic import ConfigDict

from planning.participation.plans.rules import PlanState
from planning.schemas import RequestBody


class PlanStepIn(RequestBody):
    """A step to the next state of a plan."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "diagnosis"}]})

    to: PlanState
