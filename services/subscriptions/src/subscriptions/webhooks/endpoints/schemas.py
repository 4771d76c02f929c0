"""The requests and answers of the API about webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from solidary.language.strict import StrictModel

from subscriptions.webhooks.endpoints.rules import PauseReason, WebhookState

Url = Annotated[str, Field(max_length=1_000, examples=["https://receiver.example.org/solidary"])]
Types = Annotated[
    list[Annotated[str, Field(max_length=200)]],
    Field(max_length=50, examples=[["org.solidary.referrals.referral.accepted.v1"]]),
]
Description = Annotated[str, Field(min_length=1, max_length=200, examples=["Case management system"])]


class WebhookIn(StrictModel):
    """A new webhook. `types`: only events of these types; an empty list means all. It may begin paused."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"url": "https://receiver.example.org/solidary"}]}
    )

    url: Url
    types: Types = Field(default=[])
    description: Description | None = None
    paused: bool = False


class WebhookChanges(StrictModel):
    """Changes of a webhook; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"description": "Case management system"}]})

    url: Url | None = None
    types: Types | None = None
    description: Description | None = None


class ReplayIn(StrictModel):
    """The moment from which the events of the feed are sent again, by the time at which they arrived."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"since": "2026-11-30T00:00:00Z"}]})

    since: AwareDatetime = Field(examples=["2026-11-30T00:00:00Z"])


class WebhookOut(BaseModel):
    """A webhook as its agency sees it. `failing_since`: it has accepted nothing since then."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    url: str
    types: list[str]
    description: str | None
    state: WebhookState
    pause_reason: PauseReason | None
    failures: int
    failing_since: datetime | None
    retry_at: datetime | None
    previous_until: datetime | None = Field(description="Until then the secret before signs too")
    created: datetime


class WebhookWithSecret(WebhookOut):
    """A webhook with its new secret, which is shown in this answer and never again."""

    secret: str = Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])


class Replayed(BaseModel):
    """The number of events that are sent again."""

    events: int
