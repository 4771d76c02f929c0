"""What a route takes from its instance: the country's pack."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from solidary.language.country import CountryPack, load_pack
from solidary.platform.web import runtime


def country_pack(request: Request) -> CountryPack:
    return load_pack(runtime(request).settings.country.upper())


Country = Annotated[CountryPack, Depends(country_pack)]
