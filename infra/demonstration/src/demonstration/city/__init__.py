"""A request to import a city: a small invented one of a country, or the real La Chorrera from a folder."""

from demonstration.city.folder import read_city
from demonstration.city.small import small_city

__all__ = ["read_city", "small_city"]
