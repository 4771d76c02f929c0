"""The declaration of who may call a route, at the route itself.

A route of an agency takes its unit of work by its declaration:

    FrontDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER)]

    @router.post("/visits", status_code=201)
    async def record(unit: FrontDesk, ...): ...

*agency*: the acting agency's own rows. *shared*: also rows that another agency shares with it. *service_only*: for the
named services of the platform, in a human's name or for a cause of their own; they may call no other route. A route
without any of these must be `@public`. The application factory refuses other routes, and the isolation test follows the
declarations.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.routing import BaseRoute

from solidary.language.problems import Forbidden
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import (
    CAUSE_HEADER,
    ON_BEHALF_OF_HEADER,
    SECOND_FACTOR_DUTIES,
    SOFTWARE_DUTIES,
    Duty,
    PeopleOnly,
    Principal,
    principal_of,
)
from solidary.platform.web import idempotency
from solidary.platform.web.front_door import is_through_front_door
from solidary.platform.web.request_state import verified_claims
from solidary.platform.web.runtime import runtime
from solidary.platform.web.versions import at_version

Reach = Literal["public", "agency", "shared", "service"]
R = TypeVar("R", bound=Callable[..., Any])

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

bearer = HTTPBearer(auto_error=False, description="An access token of the instance's Keycloak realm")


@dataclass(frozen=True)
class Declaration:
    """A route's reach and the duties of which its caller needs one. Empty duties: any member of the agency.

    `services`: the services that may call a route of the reach `service`. Where it has duties too, a call without a
    human is refused.

    `read_only`: a POST that changes nothing, so that a repetition is harmless and an `Idempotency-Key` is ignored.

    `needs_code`: the route approves something, or opens it to others, although duties without a second factor
    permit it.

    `is_form`: a public route that reads a small body without a token, from each address at a rate of its own.
    """

    reach: Reach
    duties: frozenset[Duty] = frozenset()
    services: frozenset[str] = frozenset()
    read_only: bool = False
    needs_code: bool = False
    is_form: bool = False

    @property
    def second_factor(self) -> bool:
        """True where the caller must have given a second factor recently.

        They must on a route that only duties of SECOND_FACTOR_DUTIES permit, and on one that is declared so. Of a
        human whom another service carries, that service has required it.
        """
        is_privileged = bool(self.duties) and self.duties <= SECOND_FACTOR_DUTIES
        return self.reach != "service" and (is_privileged or self.needs_code)

    @property
    def for_software(self) -> bool:
        """True where an agency's software may call the route: one of its duties is named, or none is needed.

        It has no second factor, so it may call no route that asks for one.
        """
        return not self.second_factor and (not self.duties or not self.duties.isdisjoint(SOFTWARE_DUTIES))

    @property
    def openapi_extensions(self) -> dict[str, Any]:
        """The declaration as OpenAPI extensions."""
        extensions = {
            "x-reach": self.reach,
            "x-duties": sorted(self.duties),
            "x-services": sorted(self.services),
            "x-second-factor": self.second_factor,
        }
        return {name: value for name, value in extensions.items() if value}

    def check(self, principal: Principal) -> None:
        """Raise DutyMissing, PeopleOnly or Forbidden where the principal may not call the route."""
        if self.reach == "service":
            if principal.caller not in self.services:
                raise Forbidden(f"Only these services may call this: {', '.join(sorted(self.services))}.")
        elif principal.caller is not None:
            raise Forbidden("Only people and agencies may call this, not services.")
        if principal.software is not None and not self.for_software:
            raise PeopleOnly
        if self.duties:
            principal.require(*self.duties)


@dataclass(frozen=True)
class _UnitDependency:
    """The dependency that checks the caller, opens the unit of work, and commits it before the response is sent.

    The token was verified when the request arrived; `credentials` is there for OpenAPI, to show that one is needed.
    """

    declaration: Declaration

    async def __call__(
        self,
        request: Request,
        response: Response,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
        solidary_agency: Annotated[
            str | None,
            Header(
                max_length=100,
                description="The agency that you act for; required from members of several agencies",
            ),
        ] = None,
        idempotency_key: Annotated[
            str | None,
            Header(max_length=200, description="On a POST: the same key with the same body acts only once"),
        ] = None,
    ) -> AsyncIterator[UnitOfWork]:
        principal = principal_of(
            verified_claims(request),
            solidary_agency,
            cause=request.headers.get(CAUSE_HEADER),
            on_behalf_of=request.headers.get(ON_BEHALF_OF_HEADER),
        )
        self.declaration.check(principal)
        if self.declaration.reach == "service" and is_through_front_door(request):
            raise Forbidden("Services call this directly; it cannot be called through the front door.")
        if request.method not in SAFE_METHODS:
            principal.require_separate_duties(self.declaration.duties)
        if self.declaration.second_factor:
            age = 60 * runtime(request).settings.second_factor_minutes
            principal.require_second_factor(since=time.time() - age)
        request.state.principal = principal
        async with runtime(request).database.unit(principal) as unit, at_version(unit, request):
            if idempotency_key is None or request.method != "POST" or self.declaration.read_only:
                yield unit
                return
            async with idempotency.idempotent(unit, request, response, idempotency_key):
                yield unit


def _depends(declaration: Declaration) -> Any:
    return Depends(_UnitDependency(declaration), scope="function")


def agency(*duties: Duty, read_only: bool = False, needs_code: bool = False) -> Any:
    """Give the route the acting agency's own rows.

    `read_only` is also for a route that claims its key itself (`idempotency.idempotent`), because it calls another
    service before it writes anything. `needs_code` asks for a second factor whatever the duties are.
    """
    return _depends(Declaration("agency", frozenset(duties), read_only=read_only, needs_code=needs_code))


def shared(*duties: Duty, read_only: bool = False, needs_code: bool = False) -> Any:
    """Give the route the acting agency's rows and those shared with it; the options are as for `agency`."""
    return _depends(Declaration("shared", frozenset(duties), read_only=read_only, needs_code=needs_code))


def read_only(*duties: Duty) -> Any:
    """Give the route the same rows as `shared`, for a query sent by POST because its content must not be in a URL."""
    return _depends(Declaration("shared", frozenset(duties), read_only=True))


def service_only(*services: str, duties: tuple[Duty, ...] = (), read_only: bool = False) -> Any:
    """Give the route the rows of the agency that the call is made for; only these services may call it.

    With `duties`, each call must carry a human who has one of them; without, a service may also call by itself.
    """
    return _depends(Declaration("service", frozenset(duties), frozenset(services), read_only))


def public(endpoint: R) -> R:
    """Mark a route that needs no token, because it serves only what is published."""
    endpoint.__dict__["declaration"] = Declaration("public")
    return endpoint


def public_form(endpoint: R) -> R:
    """Mark a POST that needs no token, and takes a small body: what a person without a login sends.

    Its path has no parameters. It is limited by SOLIDARY_FORM_LIMIT beside the rate of every request.
    """
    endpoint.__dict__["declaration"] = Declaration("public", is_form=True)
    return endpoint


def public_forms(routes: Iterable[BaseRoute]) -> set[str]:
    """Return the paths of those routes that people without a login send forms to."""
    declared = (
        (each, getattr(each.endpoint, "declaration", None)) for each in routes if isinstance(each, APIRoute)
    )
    return {route.path for route, declaration in declared if declaration is not None and declaration.is_form}


def declaration_of(route: APIRoute) -> Declaration:
    """Return a route's declaration. Raises TypeError where it has none, or several."""
    marked = getattr(route.endpoint, "declaration", None)
    found = [marked] if marked else list(_declarations(route.dependant))
    if len(found) != 1:
        methods = ", ".join(sorted(route.methods or ()))
        raise TypeError(
            f"{methods} {route.path} has {len(found)} declarations of its callers. It must have one."
        )
    declaration: Declaration = found[0]
    return declaration


def _declarations(dependant: Dependant) -> list[Declaration]:
    found = [dependant.call.declaration] if isinstance(dependant.call, _UnitDependency) else []
    for dependency in dependant.dependencies:
        found += _declarations(dependency)
    return found
