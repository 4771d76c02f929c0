"""The country pack of the instance, as a dependency of routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from solidary.language.country import CountryPack, load_pack
from solidary.platform.web import runtime


async def country_pack(request: Request) -> CountryPack:
    """Return the pack of the instance's country."""
    return load_pack(runtime(request).settings.country.upper())


CurrentCountry = Annotated[CountryPack, Depends(country_pack)]
