"""What a running API has at hand, one per process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from starlette.requests import Request

from solidary.language.problems import Problem
from solidary.platform.clients import ServiceClients
from solidary.platform.database import Database
from solidary.platform.identity import TokenVerifier

if TYPE_CHECKING:
    from solidary.platform.settings import Settings


@dataclass
class Runtime:
    """Made by `solidary.platform.service`; reached from a route by `runtime(request)`."""

    settings: Settings
    database: Database
    verifier: TokenVerifier
    clients: ServiceClients
    constraint_problems: Mapping[str, type[Problem]] = field(default_factory=dict)
    """The problem that each constraint of the database means, by the constraint's name."""


def runtime(request: Request) -> Runtime:
    return cast(Runtime, request.app.state.runtime)
