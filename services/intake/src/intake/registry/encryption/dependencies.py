"""The key of the instance, as a dependency of routes."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from fastapi import Depends, Request
from solidary.platform.web import runtime

from intake.registry.encryption.rules import InstanceKey

_instance_key = lru_cache(maxsize=4)(InstanceKey)


async def instance_key(request: Request) -> InstanceKey:
    """Return the instance's key. Raises RuntimeError without SOLIDARY_PERSON_KEY: nothing is stored in plain text."""
    secret = runtime(request).settings.person_key
    if secret is None:
        raise RuntimeError(
            "SOLIDARY_PERSON_KEY is not set. Set it, or restart a stack that an older release has started."
        )
    return _instance_key(secret.get_secret_value())


CurrentInstanceKey = Annotated[InstanceKey, Depends(instance_key)]
