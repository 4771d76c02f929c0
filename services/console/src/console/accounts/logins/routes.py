"""Login, logout, the choice of an agency and of a language."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import asdict

from fastapi import APIRouter, Request
from solidary.platform.identity import SECOND_FACTOR
from solidary.platform.web.runtime import runtime
from starlette.responses import RedirectResponse, Response

from console.accounts.sessions.cookies import (
    LANGUAGE_COOKIE,
    YEAR_SECONDS,
    delete_cookie,
    login_cookie,
    origin,
    session_cookie,
    set_cookie,
)
from console.accounts.sessions.keycloak import Keycloak, KeycloakSilent, Login, LoginFailed
from console.accounts.sessions.records import PageSession
from console.accounts.sessions.rules import is_form_token, seal, unseal
from console.accounts.visitors.visitor import language_of, store_of
from console.interface.language.catalogue import LANGUAGES
from console.interface.pages.rendering import render

router = APIRouter(include_in_schema=False)
LOGIN_SECONDS = 600
OWN_PATH = re.compile(r"/|(/[A-Za-z0-9_-]+)+")
"""A path of this site, as its pages have them: nothing that a browser could read as another host."""


def own_path(text: str) -> str:
    """Return a path of this site, and `/` for any address that leads elsewhere."""
    return text if len(text) <= 500 and OWN_PATH.fullmatch(text) else "/"


@router.get("/login")
async def begin_login(request: Request) -> Response:
    """Lead to Keycloak, with a note of the login that only this service can read."""
    settings = runtime(request).settings
    factor = SECOND_FACTOR if request.query_params.get("factor") == SECOND_FACTOR else None
    open_session = await store_of(request).find(request.cookies.get(session_cookie(settings)))
    is_open = open_session is not None and not (open_session.is_over or open_session.is_locked)
    # A login at Keycloak that somebody left behind at this computer opens nothing: the password is asked for each time.
    login = Login.begin(
        own_path(request.query_params.get("next", "/")), needs_password=not (factor and is_open)
    )
    address = Keycloak(settings).address(login, language=language_of(request), factor=factor)
    response = RedirectResponse(address, 303)
    sealed = seal(json.dumps(asdict(login)), secret=settings.request_secret)
    set_cookie(response, settings, login_cookie(settings), sealed, seconds=LOGIN_SECONDS)
    return response


@router.get("/login/callback")
async def complete_login(request: Request) -> Response:
    """Take the code of a login that this browser began, and open a new session."""
    opened = runtime(request)
    settings = opened.settings
    login = _login_of(request)
    if login is None or request.query_params.get("state") != login.state:
        return _failed(request, 400)
    try:
        grant = await Keycloak(settings).complete(login, request.query_params.get("code", ""))
        claims = await opened.verifier.verify(grant.access_token)
    except LoginFailed:
        return _failed(request, 400)
    except KeycloakSilent:
        return _failed(request, 503)
    store = store_of(request)
    before = await store.find(request.cookies.get(session_cookie(settings)))
    content = PageSession(
        access_token=grant.access_token,
        refresh_token=grant.refresh_token,
        expires=grant.expires,
        name=grant.name,
    )
    if before is not None:
        # The value of a cookie from before the login never becomes that of a session; drafts go to their writer only.
        if before.subject == claims.subject:
            kept = before.content
            content = content.model_copy(
                update={"agency": kept.agency, "drafts": kept.drafts, "kept": kept.kept}
            )
        await store.delete(before.cookie)
    response = RedirectResponse(login.next, 303)
    set_cookie(response, settings, session_cookie(settings), await store.create(claims.subject, content))
    delete_cookie(response, settings, login_cookie(settings))
    return response


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session here and at Keycloak, and with `everywhere` those of the person at all browsers."""
    settings = runtime(request).settings
    store = store_of(request)
    stored = await store.find(request.cookies.get(session_cookie(settings)))
    response = RedirectResponse("/", 303)
    if stored is not None:
        form = await request.form(max_files=0)
        if not is_form_token(stored.cookie, form.get("csrf")):
            return RedirectResponse("/", 303)
        if form.get("everywhere"):
            await store.delete_all(stored.subject)
        await store.delete(stored.cookie)
        # Where Keycloak is silent, its session ends by itself, and nothing here can use it any more.
        with suppress(KeycloakSilent):
            await Keycloak(settings).log_out(stored.content.refresh_token)
    delete_cookie(response, settings, session_cookie(settings))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.post("/language")
async def choose_language(request: Request) -> Response:
    """Remember the language of the pages."""
    form = await request.form(max_files=0)
    response = RedirectResponse(own_path(str(form.get("next", "/"))), 303)
    chosen = str(form.get("language", ""))
    if chosen in LANGUAGES and request.headers.get("origin") in (None, origin(runtime(request).settings)):
        set_cookie(response, runtime(request).settings, LANGUAGE_COOKIE, chosen, seconds=YEAR_SECONDS)
    return response


def _login_of(request: Request) -> Login | None:
    settings = runtime(request).settings
    text = unseal(request.cookies.get(login_cookie(settings), ""), secret=settings.request_secret)
    try:
        return None if text is None else Login(**json.loads(text))
    except (ValueError, TypeError):
        return None


def _failed(request: Request, status: int) -> Response:
    settings = runtime(request).settings
    response = render(
        "login_failed.html", language_of(request), settings.country, status=status, path="/", visitor=None
    )
    delete_cookie(response, settings, login_cookie(settings))
    return response
