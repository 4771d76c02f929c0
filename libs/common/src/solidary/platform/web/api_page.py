"""`/docs`: the API's description as a page, whose scripts and styles come from this service and from nowhere else.

Its «Authorize» logs a person in (code flow with PKCE, a public client). The token stays in the page's memory.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import fastapi_offline  # its files only: Swagger UI, which FastAPI would load from a content network
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.staticfiles import StaticFiles

from solidary.platform.identity import API_PAGES_CLIENT, SECOND_FACTOR, audience_scope

ASSETS = Path(fastapi_offline.__file__).parent / "static"
NO_ICON = "data:,"
AFTER_LOGIN = "/oauth2-redirect.html"
"""The path beside the page to which a login leads back."""
LOGIN = "login"


def install(app: FastAPI, service: str, issuer: str | None) -> None:
    """Add the page and its files. `issuer` is the realm's public address."""
    page = get_swagger_ui_html(
        openapi_url="docs/openapi.json",
        title=app.title,
        swagger_js_url="docs/files/swagger-ui-bundle.js",
        swagger_css_url="docs/files/swagger-ui.css",
        swagger_favicon_url=NO_ICON,
        init_oauth={
            "clientId": API_PAGES_CLIENT,
            "scopes": " ".join(_scopes(service)),
            "usePkceWithAuthorizationCodeGrant": True,
            "additionalQueryStringParams": {"acr_values": SECOND_FACTOR},
        },
    )
    pages = {"/docs": bytes(page.body), AFTER_LOGIN: bytes(get_swagger_ui_oauth2_redirect_html().body)}
    for path, content in pages.items():
        _add(app, path, content)

    @app.get("/docs/openapi.json", include_in_schema=False)
    async def description(request: Request) -> JSONResponse:
        document = {**app.openapi(), "servers": [{"url": request.scope.get("root_path", "") or "/"}]}
        return JSONResponse(document if issuer is None else _with_login(document, service, issuer))

    app.mount("/docs/files", StaticFiles(directory=ASSETS))


def _add(app: FastAPI, path: str, content: bytes) -> None:
    headers = {"Content-Security-Policy": _policy(content), "Referrer-Policy": "no-referrer"}

    @app.get(path, include_in_schema=False)
    async def show() -> HTMLResponse:
        return HTMLResponse(content, headers=headers)


def _scopes(service: str) -> dict[str, str]:
    """Return the scopes that a token for this service needs, with their meanings."""
    return {
        "openid": "who you are",
        "organization:*": "your agencies, and your duties there",
        audience_scope(service): f"the service {service}",
    }


def _with_login(document: dict[str, Any], service: str, issuer: str) -> dict[str, Any]:
    """Return a description with one more way to get a token: the page's own."""
    protocol = f"{issuer}/protocol/openid-connect"
    flow = {
        "authorizationUrl": f"{protocol}/auth",
        "tokenUrl": f"{protocol}/token",
        "scopes": _scopes(service),
    }
    components = document.get("components", {})
    schemes = {
        **components.get("securitySchemes", {}),
        LOGIN: {"type": "oauth2", "flows": {"authorizationCode": flow}},
    }
    paths = {
        path: {method: _permit(each) for method, each in found.items()}
        for path, found in document["paths"].items()
    }
    return {**document, "paths": paths, "components": {**components, "securitySchemes": schemes}}


def _permit(operation: Any) -> Any:
    if not isinstance(operation, dict) or not operation.get("security"):
        return operation
    return {**operation, "security": [*operation["security"], {LOGIN: []}]}


def _policy(page: bytes) -> str:
    """Return a policy that lets the page run its own script and files, and load nothing from elsewhere."""
    scripts = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(f"'sha256-{b64encode(hashlib.sha256(text).digest()).decode()}'" for text in scripts)
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
