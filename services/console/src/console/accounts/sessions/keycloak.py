"""Keycloak as this service calls it: the authorization code flow with PKCE, renewal and logout."""

from __future__ import annotations

import json
import secrets
import time
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from solidary.platform.identity import audience_scope
from solidary.platform.settings import Settings

from console.accounts.sessions.cookies import origin
from console.accounts.sessions.rules import is_fresh

CALLBACK = "/login/callback"
SECONDS = 10.0


class LoginFailed(Exception):
    """Keycloak gave no tokens, or not for this login."""


class KeycloakSilent(Exception):
    """Keycloak does not answer."""


@dataclass(frozen=True)
class Grant:
    """The tokens of a person, and their name."""

    access_token: str
    refresh_token: str
    expires: float
    name: str = ""


@dataclass(frozen=True)
class Login:
    """A login on its way, which only the browser that began it can complete."""

    state: str
    nonce: str
    verifier: str
    next: str
    begun: float
    needs_password: bool = True
    """False where an open session only adds a one-time code."""

    @classmethod
    def begin(cls, next_path: str, *, needs_password: bool) -> Login:
        """Return a new login that leads to a path of this site."""
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        return cls(state, nonce, verifier, next_path, time.time(), needs_password)


class Keycloak:
    """The realm's endpoints for the pages. Its methods raise LoginFailed or KeycloakSilent."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def address(self, login: Login, *, language: str, factor: str | None) -> str:
        """Return the address at which the person logs in, with a one-time code where `factor` asks for one."""
        extra = {"acr_values": factor} if factor else {}
        if login.needs_password:
            extra["prompt"] = "login"
        address, _ = self._client().create_authorization_url(
            f"{self._settings.issuer}/protocol/openid-connect/auth",
            state=login.state,
            nonce=login.nonce,
            code_verifier=login.verifier,
            ui_locales=language,
            **extra,
        )
        return str(address)

    async def complete(self, login: Login, code: str) -> Grant:
        """Return the tokens for the code of a login."""
        granted = await self._token("fetch_token", code=code, code_verifier=login.verifier)
        identity = _payload(granted.get("id_token", ""))
        if identity.get("nonce") != login.nonce or identity.get("aud") != self._settings.client_id:
            raise LoginFailed("The identity belongs to another login.")
        if login.needs_password and not is_fresh(identity.get("auth_time"), login.begun):
            raise LoginFailed("Nobody gave a password.")
        name = identity.get("name") or identity.get("preferred_username") or ""
        return _grant(granted, str(name))

    async def renew(self, refresh_token: str) -> Grant:
        """Return new tokens for a refresh token, which is used up."""
        return _grant(await self._token("refresh_token", refresh_token=refresh_token))

    async def log_out(self, refresh_token: str) -> None:
        """End the person's session at Keycloak, so that no other page takes it up."""
        form = {"client_id": self._settings.client_id, "refresh_token": refresh_token}
        address = str(self._settings.token_url).removesuffix("/token") + "/logout"
        try:
            async with httpx2.AsyncClient(timeout=SECONDS) as http:
                await http.post(address, data=form)
        except httpx2.HTTPError:
            raise KeycloakSilent from None

    async def _token(self, method: str, **form: str) -> dict[str, Any]:
        try:
            async with self._client() as client:
                granted: dict[str, Any] = await getattr(client, method)(self._settings.token_url, **form)
                return granted
        except (AuthlibBaseError, KeyError, ValueError):
            raise LoginFailed from None
        except httpx2.HTTPStatusError:
            raise KeycloakSilent from None
        except httpx2.HTTPError:
            raise KeycloakSilent from None

    def _client(self) -> AsyncOAuth2Client:
        scopes = ["openid", "profile", "organization:*", audience_scope("console")]
        return AsyncOAuth2Client(
            client_id=self._settings.client_id,
            token_endpoint_auth_method="none",
            redirect_uri=origin(self._settings) + CALLBACK,
            code_challenge_method="S256",
            scope=" ".join([*scopes, *map(audience_scope, sorted(self._settings.peers))]),
            timeout=SECONDS,
        )


def _grant(granted: dict[str, Any], name: str = "") -> Grant:
    try:
        return Grant(granted["access_token"], granted["refresh_token"], float(granted["expires_at"]), name)
    except (KeyError, TypeError, ValueError):
        raise LoginFailed from None


def _payload(token: str) -> dict[str, Any]:
    """Return the payload of an identity token, which came from Keycloak itself and needs no other proof."""
    try:
        body = token.split(".")[1]
        payload = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        raise LoginFailed from None
    if not isinstance(payload, dict):
        raise LoginFailed
    return payload
