"""The caller by whom the rate of pages is counted."""

from __future__ import annotations

from fastapi import Request
from solidary.platform.web.runtime import runtime

from console.accounts.sessions.cookies import session_cookie
from console.accounts.sessions.rules import is_own_cookie, session_id


def page_caller(request: Request) -> str | None:
    """Return the session of a request, or None for a login and for an invented cookie: they count by their address.

    The people of an office share an address. Nobody gets a new count without a login.
    """
    settings = runtime(request).settings
    cookie = request.cookies.get(session_cookie(settings), "")
    if request.url.path.startswith("/login") or not is_own_cookie(cookie, settings.request_secret):
        return None
    return f"page {session_id(cookie).hex()}"
