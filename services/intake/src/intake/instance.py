"""What a route takes from its instance: the country's pack, and the key that wraps people's keys."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from fastapi import Depends, Request
from solidary.language.country import CountryPack, load_pack
from solidary.platform.web import runtime

from intake.registry.encryption.rules import InstanceKey

_instance_key = lru_cache(maxsize=4)(InstanceKey)


async def instance_key(request: Request) -> InstanceKey:
    """Raises RuntimeError where the setting is missing: nothing may be stored unsealed."""
    secret = runtime(request).settings.person_key
    if secret is None:
        raise RuntimeError("SOLIDARY_PERSON_KEY is not set; of an older stack: stop it and start it again")
    return _instance_key(secret.get_secret_value())


async def country_pack(request: Request) -> CountryPack:
    return load_pack(runtime(request).settings.country.upper())


Held = Annotated[InstanceKey, Depends(instance_key)]
Country = Annotated[CountryPack, Depends(country_pack)]
