"""The state of a request that the middleware (`solidary.platform.web.limits`) leaves for the route."""

from __future__ import annotations

from typing import TypeAlias

from starlette.requests import Request
from starlette.types import Scope

from solidary.language.problems import Problem
from solidary.platform.clients import HumanRequest
from solidary.platform.identity import Claims, bearer_token
from solidary.platform.web.bodies import Body

Verified: TypeAlias = Claims | Problem
"""The claims of a request's token, or the problem for which it is refused."""


def verified_claims(request: Request) -> Claims:
    """Return the claims of the request's token. Raises the problem for which it is refused."""
    verified: Verified = request.state.verified
    if isinstance(verified, Problem):
        raise verified
    return verified


def origin_of(request: Request) -> HumanRequest:
    """Return the request as the origin of calls to other services, which then carry its caller."""
    return HumanRequest(bearer_token(request.headers.get("authorization")), verified_claims(request).expires)


def service_path(scope: Scope) -> str:
    """Return a request's path within the service, without the front door's prefix."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def body_of(request: Request) -> Body:
    """Return the request's body, which was read before the route began."""
    body: Body = request.state.body
    return body
