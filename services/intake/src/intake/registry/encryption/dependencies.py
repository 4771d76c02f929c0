"""The keys of the instance, as a dependency of routes."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from fastapi import Depends, Request
from solidary.platform.settings import Settings, ring
from solidary.platform.web import runtime

from intake.registry.encryption.rules import InstanceKey

_instance_key = lru_cache(maxsize=4)(InstanceKey)


def instance_key_of(settings: Settings) -> InstanceKey:
    """Return the keys that the settings name. Raises RuntimeError without them: nothing is stored in plain text."""
    if settings.person_keys is None or settings.search_keys is None:
        raise RuntimeError("SOLIDARY_PERSON_KEYS and SOLIDARY_SEARCH_KEYS are not set.")
    digest = settings.request_secret.decode()
    return _instance_key(ring(settings.person_keys), ring(settings.search_keys), digest)


async def instance_key(request: Request) -> InstanceKey:
    """Return the instance's keys."""
    return instance_key_of(runtime(request).settings)


CurrentInstanceKey = Annotated[InstanceKey, Depends(instance_key)]
