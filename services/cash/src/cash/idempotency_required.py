"""The rule that every POST of this service has an `Idempotency-Key`, so that a repeated request acts once."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from cash.problems import IdempotencyKeyMissing


def require_idempotency_key(
    request: Request, idempotency_key: Annotated[str | None, Header()] = None
) -> None:
    """Refuse a POST without a key. Raises IdempotencyKeyMissing."""
    if request.method == "POST" and not idempotency_key:
        raise IdempotencyKeyMissing


IDEMPOTENCY_REQUIRED = [Depends(require_idempotency_key)]
"""The dependencies of a router whose POSTs move money or prepare to."""
