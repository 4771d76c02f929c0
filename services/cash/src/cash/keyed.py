"""A POST that moves money, or leads there, acts once however often it is sent: it must carry its key."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request
from solidary.language.problems import Problem


class KeyMissing(Problem):
    """A POST of this service came without an `Idempotency-Key`."""

    slug, title = "idempotency-key-missing", "This request needs an Idempotency-Key"


def require_key(request: Request, idempotency_key: Annotated[str | None, Header()] = None) -> None:
    """Raises KeyMissing."""
    if request.method == "POST" and not idempotency_key:
        raise KeyMissing("send an Idempotency-Key: the same key and body act only once")


KEYED = [Depends(require_key)]
