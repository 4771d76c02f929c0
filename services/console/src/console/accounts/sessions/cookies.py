"""The cookies of the pages: the session's, the login's, and the one that remembers a language."""

from __future__ import annotations

from urllib.parse import urlsplit

from solidary.platform.settings import Settings
from starlette.responses import Response

LANGUAGE_COOKIE = "language"
YEAR_SECONDS = 365 * 86400


def origin(settings: Settings) -> str:
    """Return the instance's public address, which is that of its issuer: never what a request names as its host."""
    place = urlsplit(settings.issuer)
    return f"{place.scheme}://{place.netloc}"


def is_secure(settings: Settings) -> bool:
    """Return true where the instance is reached by https."""
    return urlsplit(settings.issuer).scheme == "https"


def session_cookie(settings: Settings) -> str:
    """Return the name of the session's cookie; by https no other host and no http page can set one of that name."""
    return "__Host-solidary" if is_secure(settings) else "solidary"


def login_cookie(settings: Settings) -> str:
    """Return the name of the cookie that holds a login on its way."""
    return "__Host-solidary-login" if is_secure(settings) else "solidary-login"


def set_cookie(
    response: Response, settings: Settings, name: str, value: str, *, seconds: int | None = None
) -> None:
    """Set a cookie that no script reads and that no other site's form carries."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=is_secure(settings), httponly=True, samesite="lax"
    )


def delete_cookie(response: Response, settings: Settings, name: str) -> None:
    """Delete a cookie."""
    response.delete_cookie(name, path="/", secure=is_secure(settings), httponly=True, samesite="lax")
