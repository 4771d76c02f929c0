"""Public pages: what somebody without a login sends and sees."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Depends, Request
from solidary.platform.web import matches_etag
from solidary.platform.web.runtime import runtime
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from console.accounts.sessions.cookies import origin
from console.accounts.visitors.calls import Services
from console.accounts.visitors.visitor import FormRefused, language_of
from console.interface.forms.form import Form
from console.interface.language.catalogue import Translate, translator
from console.interface.pages.rendering import render

CACHED = "public, max-age=300"


@dataclass
class Guest:
    """A visitor of a public page. Nothing is kept of them: neither a session nor a cookie."""

    request: Request
    form: FormData = field(default_factory=FormData)

    @property
    def language(self) -> str:
        return language_of(self.request)

    @property
    def country(self) -> str:
        return runtime(self.request).settings.country

    @property
    def translate(self) -> Translate:
        return translator(self.language)

    @property
    def services(self) -> Services:
        """The services, called without a token."""
        return Services(runtime(self.request).clients)

    @property
    def key(self) -> str:
        """The reference of a form that is sent twice."""
        return str(self.form.get("key", ""))[:100]

    def page(self, template: str, *, status: int = 200, **content: Any) -> HTMLResponse:
        """Return a page that no cache keeps."""
        return render(
            template,
            self.language,
            self.country,
            status=status,
            visitor=None,
            path=self.request.url.path,
            is_public=True,
            csrf="",
            key=self.key or str(uuid4()),
            **content,
        )

    def form_page(self, template: str, form: Form, **content: Any) -> HTMLResponse:
        """Return a page with a form."""
        return self.page(template, status=422 if form.is_faulty else 200, form=form, **content)

    def cached(self, template: str, **content: Any) -> Response:
        """Return a page that caches may keep, or 304 to who has it already. It must hold nothing of this visitor."""
        response = self.page(template, **content)
        etag = hashlib.sha256(response.body).hexdigest()[:32]
        headers = {"ETag": f'"{etag}"', "Cache-Control": CACHED, "Vary": "Accept-Language, Cookie"}
        if matches_etag(self.request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        response.headers.update(headers)
        return response


async def _open_guest(request: Request) -> Guest:
    if request.method != "POST":
        return Guest(request)
    sent_from = request.headers.get("origin")
    if sent_from not in (None, "null", origin(runtime(request).settings)):
        raise FormRefused
    return Guest(request, await request.form(max_files=0, max_fields=20))


AnyGuest = Annotated[Guest, Depends(_open_guest)]
