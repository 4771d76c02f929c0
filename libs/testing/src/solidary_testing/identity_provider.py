"""An identity provider in miniature: real keys and real HTTP, and a clock that tests move."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc.jwk import ECKey, Key, RSAKey

RSA, OTHER_RSA = (RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}) for kid in ("rsa", "other"))
EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})


@dataclass
class Clock:
    """A clock that moves only when a test moves it."""

    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now


@dataclass
class IdentityProvider:
    """Publishes `keys` and issues tokens over HTTP, counts its requests, and can be made to fail."""

    keys: list[Key] = field(default_factory=lambda: [RSA, EC])
    key_requests: int = 0
    token_requests: list[dict[str, list[str]]] = field(default_factory=list)
    status: int = 200
    error: str | None = None
    """The error of its answers about tokens, if any."""
    answer_after: float = 0.0
    extra_keys: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    @property
    def jwks_url(self) -> str:
        return f"{self.url}/certs"

    @property
    def token_url(self) -> str:
        return f"{self.url}/token"

    def answer_keys(self) -> dict[str, Any]:
        self.key_requests += 1
        return {"keys": [key.as_dict(private=False) for key in self.keys] + self.extra_keys}

    def answer_token(self, body: bytes) -> dict[str, Any]:
        self.token_requests.append(parse_qs(body.decode()))
        if self.error is not None:
            return {"error": self.error}
        return {"access_token": f"token-{len(self.token_requests)}", "expires_in": 300}


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(provider.answer_keys())

        def do_POST(self) -> None:
            self._send(provider.answer_token(self.rfile.read(int(self.headers["Content-Length"]))))

        def _send(self, content: dict[str, Any]) -> None:
            time.sleep(provider.answer_after)
            self.send_response(provider.status)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        provider.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield provider
        server.shutdown()


@pytest.fixture
def clock() -> Clock:
    return Clock()
