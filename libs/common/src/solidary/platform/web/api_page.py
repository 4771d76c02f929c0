"""`/docs`: the API's description as a page, whose scripts and styles come from this service and from nowhere else."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from pathlib import Path

import fastapi_offline  # its files only: Swagger UI, which FastAPI would load from a content network
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

ASSETS = Path(fastapi_offline.__file__).parent / "static"
NO_ICON = "data:,"


def install(app: FastAPI) -> None:
    """Add the page and its files."""
    page = get_swagger_ui_html(
        openapi_url="openapi.json",
        title=app.title,
        swagger_js_url="docs/files/swagger-ui-bundle.js",
        swagger_css_url="docs/files/swagger-ui.css",
        swagger_favicon_url=NO_ICON,
    )
    content = bytes(page.body)
    headers = {"Content-Security-Policy": _policy(content)}

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(content, headers=headers)

    app.mount("/docs/files", StaticFiles(directory=ASSETS))


def _policy(page: bytes) -> str:
    """Return a policy that lets the page run its own script and files, and load nothing from elsewhere."""
    scripts = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(f"'sha256-{b64encode(hashlib.sha256(text).digest()).decode()}'" for text in scripts)
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
