"""The country of the instance, as a parameter of routes."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from solidary.language.country import CountryPack, load_pack
from solidary.platform.web.runtime import runtime


async def country_pack(request: Request) -> CountryPack:
    """Return the pack of the instance's country."""
    return load_pack(runtime(request).settings.country.upper())


CurrentCountry: TypeAlias = Annotated[CountryPack, Depends(country_pack)]
"""A route parameter: the pack of the instance's country."""
