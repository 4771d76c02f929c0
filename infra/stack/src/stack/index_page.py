"""The page at `/` of the front door: what runs, where the documentation is and how to log in; without any script."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib.resources import files
from string import Template


def index_page(services: Iterable[str]) -> str:
    """Return the page, in Spanish and in English."""
    template = Template((files("stack") / "index.html").read_text(encoding="utf-8"))
    return template.substitute(services="\n".join(_service(escape(name)) for name in services))


def _service(name: str) -> str:
    base = f"/api/{name}/v1"
    page, document = f'<a href="{base}/docs">{name}</a>', f'<a href="{base}/openapi.json">OpenAPI</a>'
    return f"    <li>{page} · <code>{base}</code> · {document}</li>"
