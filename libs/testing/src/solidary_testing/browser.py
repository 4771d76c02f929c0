"""A browser that logs in at Keycloak's pages, as people do."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
import ssl
from urllib.parse import parse_qs, urlsplit

import httpx
from solidary.platform.identity import audience_scope
from solidary.platform.registry import service_names
from stack.one_time_code import one_time_code
from stack.run_file import CONSOLE_CLIENT, DemonstrationUser, Run


class Browser:
    """A browser that logs in, by default at the console."""

    def __init__(
        self, run: Run, client: str = CONSOLE_CLIENT, redirect: str = "http://127.0.0.1:23456/login"
    ) -> None:
        self.run, self.client, self.redirect = run, client, redirect
        verify = ssl.create_default_context(cafile=run.certificate) if run.certificate else True
        self.http = httpx.Client(timeout=30, verify=verify, event_hooks={"response": [self._accept_cookies]})
        self.page = httpx.Response(200)

    def _accept_cookies(self, response: httpx.Response) -> None:
        """Send secure cookies over a loopback address too, as browsers do."""
        self.http.cookies.extract_cookies(response)
        for cookie in self.http.cookies.jar:
            cookie.secure = False

    def open(self, acr: str | None = None) -> None:
        """Ask for a login, with a second factor where `acr` demands it."""
        self.verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest())
        scope = ["openid", "organization:*", *map(audience_scope, service_names())]
        query = {
            "client_id": self.client,
            "response_type": "code",
            "scope": " ".join(scope),
            "redirect_uri": self.redirect,
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
            "state": "s",
        } | ({"acr_values": acr} if acr else {})
        self.page = self.http.get(f"{self.run.keycloak.issuer}/protocol/openid-connect/auth", params=query)

    def send(self, **fields: str) -> None:
        """Send the form of the current page."""
        action = re.search(r'action="([^"]+)"', self.page.text)
        assert action is not None, self.page.text
        self.page = self.http.post(html.unescape(action[1]), data=fields)
        while self.page.is_redirect and self.page.headers["Location"].startswith(self.run.keycloak.issuer):
            self.page = self.http.get(self.page.headers["Location"])

    def log_in(self, user: DemonstrationUser) -> None:
        """Give the username and the password."""
        if 'name="password"' not in self.page.text:
            self.send(username=user.username)
        self.send(username=user.username, password=user.password)

    def send_code(self, user: DemonstrationUser) -> None:
        """Give the code of the moment; where Keycloak asks again, because a half minute has passed, the next one."""
        for _ in range(2):
            if self.page.status_code == 200:
                self.send(otp=one_time_code(user.code_secret))

    def enrol(self, password: str) -> str:
        """Choose a password and enrol a second factor, as a new account must; return the secret of its codes."""
        code_secret = ""
        while "password-new" in self.page.text or "totpSecret" in self.page.text:
            if secret := re.search(r'name="totpSecret"[^>]*value="([^"]+)"', self.page.text):
                code_secret = html.unescape(secret[1])
                self.send(totpSecret=code_secret, totp=one_time_code(code_secret), userLabel="telephone")
            else:
                self.send(**{"password-new": password, "password-confirm": password})
        assert code_secret, self.page.text
        return code_secret

    def tokens(self) -> dict[str, str]:
        """Return the tokens after a complete login."""
        reasons = re.findall(r"<[^>]*(?:input-error|feedback|alert)[^>]*>([^<]*)", self.page.text)
        assert self.page.status_code == 302, reasons or self.page.text
        code = parse_qs(urlsplit(self.page.headers["Location"]).query)["code"][0]
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client,
            "redirect_uri": self.redirect,
            "code": code,
            "code_verifier": self.verifier,
        }
        answer = self.http.post(self.run.keycloak.public_token_url, data=form).raise_for_status()
        found: dict[str, str] = answer.json()
        return found

    def refresh(self, refresh_token: str) -> httpx.Response:
        """Use a refresh token."""
        form = {"grant_type": "refresh_token", "client_id": CONSOLE_CLIENT, "refresh_token": refresh_token}
        return self.http.post(self.run.keycloak.token_url, data=form)
