"""The rendering of a page: the templates, and the headers that every page has."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader
from starlette.responses import HTMLResponse

from console.interface.language import formats
from console.interface.language.catalogue import LANGUAGES, translator
from console.interface.language.labels import label
from console.interface.pages.files import version

TEMPLATES = Path(__file__).parents[2] / "templates"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def _environment() -> Environment:
    components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    loader = ChoiceLoader([FileSystemLoader(TEMPLATES), components])
    # The macros of GOV.UK Frontend read parameters that are not given.
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)


environment = _environment()


def render(
    template: str,
    language: str,
    country: str,
    *,
    status: int = 200,
    **content: Any,
) -> HTMLResponse:
    """Return a page as a response that no cache keeps."""
    now = datetime.now(UTC)
    words = {
        "_": translator(language),
        "label": partial(_label, language, country),
        "day": partial(formats.day, language=language),
        "moment": partial(formats.moment, language=language, country=country),
        "time_to": partial(formats.time_to, now=now, language=language),
        "is_past": partial(formats.is_past, now=now),
        "assets": f"/assets/{version()}",
        "languages": LANGUAGES,
        "language": language,
        "now": now,
    }
    text = environment.get_template(template).render(**words, **content)
    return HTMLResponse(text, status, HEADERS)


def _label(language: str, country: str, kind: str, code: str | None) -> str:
    return label(kind, code, language, country)
