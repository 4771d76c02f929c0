"""The runtime of an API's process: its settings, database, token verifier and clients."""

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
    """The resources that all requests of a process share; `runtime(request)` returns them in a route."""

    settings: Settings
    verifier: TokenVerifier
    clients: ServiceClients
    constraint_problems: Mapping[str, type[Problem]] = field(default_factory=dict)
    """The problem that each constraint of the database means, by the constraint's name."""
    opened_database: Database | None = None
    """None in a service without a database."""

    @property
    def database(self) -> Database:
        """The service's database. Raises RuntimeError in a service without one."""
        if self.opened_database is None:
            raise RuntimeError("This service has no database.")
        return self.opened_database


def runtime(request: Request) -> Runtime:
    """Return the runtime of the process that handles a request."""
    return cast(Runtime, request.app.state.runtime)
