"""The application factory, which gives every service's API the same middleware, errors and common routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from solidary.language.problems import Problem
from solidary.platform.clients import ServiceClients, ServiceTokens
from solidary.platform.database import Database
from solidary.platform.identity import KeyRing, TokenVerifier, service_client_id
from solidary.platform.settings import Settings
from solidary.platform.telemetry import NATIVE_OFF, TraceRequests
from solidary.platform.web import api_page, error_handlers, health, openapi_document, uploads, work
from solidary.platform.web.access import declaration_of, public_forms
from solidary.platform.web.cors import cors
from solidary.platform.web.deprecation import deprecation_of
from solidary.platform.web.front_door import FrontDoor
from solidary.platform.web.front_end import FrontEnd
from solidary.platform.web.limits import Limits, PageCaller
from solidary.platform.web.queries import require_known_queries
from solidary.platform.web.request_id import RequestId
from solidary.platform.web.response_headers import ResponseHeaders
from solidary.platform.web.runtime import Runtime
from solidary.platform.web.versions import EXTENSION, versioned_of

ConstraintProblems: TypeAlias = Mapping[str, type[Problem]]
"""The problem that each constraint of the database means, by the constraint's name."""


def application(
    *,
    service: str,
    title: str,
    description: str,
    version: str,
    routers: Sequence[APIRouter],
    constraint_problems: ConstraintProblems,
    settings: Settings | None = None,
    has_database: bool = True,
    connection_check: str | None = None,
    pages: FastAPI | None = None,
    page_caller: PageCaller | None = None,
) -> FastAPI:
    """Return a service's API. Without settings it can only describe itself (OpenAPI).

    `pages` are those of a front end; they share the runtime, and their forms are read without a token. Their state may
    have `public_forms`: the paths of forms for people without a login.

    Raises TypeError where a route does not declare who may call it.
    """
    app = FastAPI(
        title=title,
        description=description,
        version=version,
        lifespan=_lifespan(settings, service, constraint_problems, has_database, connection_check)
        if settings
        else None,
        responses={"default": {"description": "A problem (RFC 9457)"}},
        generate_unique_id_function=lambda route: f"{route.tags[0] if route.tags else ''}-{route.name}",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the redirect would lead to whatever host the caller names
        telemetry=NATIVE_OFF,
    )
    all_routes = [route for router in all_routers(routers, has_database) for route in routes(router)]
    for route in all_routes:
        route.deprecated = route.deprecated or deprecation_of(route.endpoint) is not None or None
        route.openapi_extra = (route.openapi_extra or {}) | declaration_of(route).openapi_extensions
        if versioned_of(route.endpoint):
            route.openapi_extra[EXTENSION] = True
    for router in all_routers(routers, has_database):
        app.include_router(router, dependencies=[Depends(require_known_queries)])
    error_handlers.install(app)
    api_page.install(app, service, settings.issuer if settings else None)
    upload_limits = uploads.describe(app, all_routes)
    openapi_document.install(app)
    if settings:
        forms = public_forms(all_routes)
        if pages is not None:
            forms |= getattr(pages.state, "public_forms", set())
            pages.state = app.state
            app.add_middleware(FrontEnd, pages=pages)
        app.add_middleware(
            Limits,
            body_limit=settings.body_limit,
            rate=settings.rate,
            upload_limits=upload_limits,
            takes_forms=pages is not None,
            public_forms=forms,
            form_rate=settings.form_rate,
            page_caller=page_caller,
        )
        app.add_middleware(ResponseHeaders)
        app.add_middleware(TraceRequests)
        app.add_middleware(RequestId)
        if settings.cors_origins:
            app.add_middleware(CORSMiddleware, **cors(settings.cors_origins))
        app.add_middleware(FrontDoor, trusted=settings.trusted_proxies)
    return app


def all_routers(routers: Sequence[APIRouter], has_database: bool) -> list[APIRouter]:
    """Return a service's own routers and those that every service has; long work needs a database."""
    return [*routers, *((work.router,) if has_database else ()), health.router]


def routes(router: APIRouter) -> list[APIRoute]:
    """Return the routes of a router."""
    return [route for route in router.routes if isinstance(route, APIRoute)]


def open_runtime(
    settings: Settings,
    service: str,
    constraint_problems: ConstraintProblems,
    has_database: bool = True,
    connection_check: str | None = None,
) -> Runtime:
    """Open the database, the keys and the clients of one process; `close_runtime` closes them."""
    database = None
    if has_database:
        database = Database(
            settings.app_database_url,
            service=service,
            country=settings.country,
            pool_size=settings.pool_size,
            connection_check=connection_check,
        )
    verifier = TokenVerifier(
        issuer=settings.issuer, audience=service_client_id(service), keys=KeyRing(settings.jwks_url)
    )
    return Runtime(settings, verifier, open_clients(settings), constraint_problems, opened_database=database)


def open_clients(settings: Settings) -> ServiceClients:
    """Return clients of the instance's other services, with this service's own token where it has an account."""
    tokens = None
    if settings.token_url and settings.client_id and settings.client_secret:
        secret = settings.client_secret.get_secret_value()
        tokens = ServiceTokens(
            token_url=settings.token_url, client_id=settings.client_id, client_secret=secret
        )
    return ServiceClients.open(settings.peers, tokens)


async def close_runtime(runtime: Runtime) -> None:
    """Close the database and the clients."""
    await runtime.clients.close()
    if runtime.opened_database is not None:
        await runtime.opened_database.close()


def _lifespan(
    settings: Settings,
    service: str,
    constraint_problems: ConstraintProblems,
    has_database: bool,
    connection_check: str | None,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.runtime = open_runtime(
            settings, service, constraint_problems, has_database, connection_check
        )
        app.state.readiness = health.Readiness()
        try:
            yield
        finally:
            await close_runtime(app.state.runtime)

    return lifespan
