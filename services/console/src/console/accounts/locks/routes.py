"""The lock: by its person, or after some minutes without use; the password opens it, and no entry is lost."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from solidary.platform.web.runtime import runtime
from starlette.responses import RedirectResponse, Response

from console.accounts.logins.routes import own_path
from console.accounts.sessions.cookies import session_cookie
from console.accounts.sessions.rules import form_token
from console.accounts.visitors.visitor import (
    AnyVisitor,
    checked_form,
    keep_form,
    language_of,
    store_of,
)
from console.interface.pages.rendering import render

router = APIRouter(include_in_schema=False)


def locked_path(page: str) -> str:
    """Return the address of the lock that leads back to a page."""
    return f"/locked?{urlencode({'next': page})}"


@router.post("/lock")
async def lock(request: Request) -> Response:
    """Lock the session, and keep what was entered on the page."""
    store = store_of(request)
    stored = await store.find(request.cookies.get(session_cookie(runtime(request).settings)))
    if stored is None:
        return RedirectResponse("/", 303)
    form = await checked_form(request, stored.cookie)
    page = own_path(str(form.get("locked-page", "/")))
    await keep_form(request, stored.cookie, form, page)
    await store.update(stored.cookie, needs_password=True)
    return RedirectResponse(locked_path(page), 303)


@router.get("/locked")
async def show_lock(request: Request) -> Response:
    """Show that the page is locked, and nothing of it."""
    settings = runtime(request).settings
    page = own_path(request.query_params.get("next", "/"))
    stored = await store_of(request).find(request.cookies.get(session_cookie(settings)))
    if stored is None or stored.is_over or not stored.is_locked:
        return RedirectResponse(page, 303)
    response: Response = render(
        "locked.html",
        language_of(request),
        settings.country,
        name=stored.content.name,
        login=f"/login?{urlencode({'next': page})}",
        csrf=form_token(stored.cookie),
        visitor=None,
        path="/locked",
    )
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.get("/account")
async def show_account(visitor: AnyVisitor) -> Response:
    """Show at how many browsers the person is logged in."""
    number = await store_of(visitor.request).count(visitor.stored.subject)
    return await visitor.page("account.html", number=number)
