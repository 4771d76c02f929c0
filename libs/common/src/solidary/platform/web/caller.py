"""Who may call a route, said once, at the route.

A route of an agency takes its unit of work by its declaration:

    FrontDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER)]

    @router.post("/visits", status_code=201)
    async def record(unit: FrontDesk, ...): ...

*agency*: reaches the acting agency's own rows. *shared*: also rows that another agency shares with it.
*service_only*: for our own services, which name the agency they act for. A route without any of these must be
`@public`; the factory refuses it otherwise, and the isolation test follows what was declared.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from solidary.language.problems import Forbidden
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty, Principal, act
from solidary.platform.web import idempotency
from solidary.platform.web.request_state import verified
from solidary.platform.web.runtime import runtime

Reach = Literal["public", "agency", "shared", "service"]
R = TypeVar("R", bound=Callable[..., Any])

bearer = HTTPBearer(auto_error=False, description="An access token of the instance's Keycloak realm")


@dataclass(frozen=True)
class Declaration:
    """A route's reach and the duties of which its caller needs one. Empty duties: any member.

    `asks` where a POST changes nothing: acting twice is then no harm, and an `Idempotency-Key` is not looked at.
    """

    reach: Reach
    duties: frozenset[Duty] = frozenset()
    services: frozenset[str] = frozenset()
    read_only: bool = False

    @property
    def described(self) -> dict[str, Any]:
        """As OpenAPI shows it, in extensions of ours."""
        said = {"x-reach": self.reach, "x-duties": sorted(self.duties), "x-services": sorted(self.services)}
        return {name: value for name, value in said.items() if value}

    def admit(self, principal: Principal) -> None:
        """Raises DutyMissing or Forbidden."""
        if self.reach == "service":
            if principal.service not in self.services:
                raise Forbidden(f"for the services {', '.join(sorted(self.services))} only")
        elif principal.service is not None:
            raise Forbidden("for people and agencies, not for services")
        elif self.duties:
            principal.require(*self.duties)


@dataclass(frozen=True)
class _Opening:
    """The dependency: admits the caller, opens the unit, commits before the answer.

    The token was verified when the request arrived; `shown` says in OpenAPI that there must be one.
    """

    declaration: Declaration

    async def __call__(
        self,
        request: Request,
        response: Response,
        shown: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
        solidary_agency: Annotated[
            str | None, Header(description="The agency acted for; needed by members of several")
        ] = None,
        idempotency_key: Annotated[
            str | None, Header(max_length=200, description="On a POST: the same key and body act only once")
        ] = None,
    ) -> AsyncIterator[UnitOfWork]:
        principal = act(verified(request), solidary_agency)
        self.declaration.admit(principal)
        request.state.principal = principal
        async with runtime(request).database.unit(principal) as unit:
            if idempotency_key is None or request.method != "POST" or self.declaration.read_only:
                yield unit
                return
            async with idempotency.idempotent(unit, request, response, idempotency_key):
                yield unit


def _opens(declaration: Declaration) -> Any:
    return Depends(_Opening(declaration), scope="function")


def agency(*duties: Duty, read_only: bool = False) -> Any:
    """The acting agency's own rows; `asks` also where a route claims its key itself (`idempotency.once`), because
    it has to ask another service before it writes anything."""
    return _opens(Declaration("agency", frozenset(duties), read_only=read_only))


def shared(*duties: Duty) -> Any:
    """The acting agency's rows, and those shared with it."""
    return _opens(Declaration("shared", frozenset(duties)))


def read_only(*duties: Duty) -> Any:
    """As `shared`, for a question that is asked by POST because it must not stand in an address."""
    return _opens(Declaration("shared", frozenset(duties), read_only=True))


def service_only(*services: str, read_only: bool = False) -> Any:
    """Rows of the agency that one of our own services names; `asks` as for `read_only`."""
    return _opens(Declaration("service", services=frozenset(services), read_only=read_only))


def public(endpoint: R) -> R:
    """Marks a route that needs no token: published things only."""
    endpoint.__dict__["declaration"] = Declaration("public")
    return endpoint


def declaration_of(route: APIRoute) -> Declaration:
    """What a route declared. Raises TypeError when it declared nothing."""
    marked = getattr(route.endpoint, "declaration", None)
    found = [marked] if marked else list(_declared(route.dependant))
    if len(found) != 1:
        raise TypeError(f"{route.methods} {route.path} declares {len(found)} reaches; it must declare one")
    declaration: Declaration = found[0]
    return declaration


def _declared(dependant: Dependant) -> list[Declaration]:
    found = [dependant.call.declaration] if isinstance(dependant.call, _Opening) else []
    for dependency in dependant.dependencies:
        found += _declared(dependency)
    return found
