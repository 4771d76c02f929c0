"""The small city of the demonstration, with invented figures.

The country pack has the names, codes and locations of its areas. Those with a location have cells: H3 hexagons of about
a tenth of a square kilometre around it. The cells are not boundaries, and their figures are invented.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import h3

from demonstration.place import Place

DEMONSTRATION = {"es": "demostración", "en": "demonstration"}
RESOLUTION, RINGS = 9, 3
INDICATOR_RANGES = {
    "water_share": (55, 99),
    "sanitation_share": (40, 98),
    "school_metres": (80, 2400),
    "health_metres": (120, 4200),
    "informal_work_share": (18, 46),
}
"""The lowest and the highest invented value of each indicator."""


def small_city(place: Place) -> dict[str, Any]:
    """Return a request to import the city. The figures depend on the cells' ids only, so they are always the same."""
    city = place.city
    return {
        "code": f"{re.sub('[^a-z]+', '-', _without_accents(city.city))}-demo",
        "name": f"{city.city} ({DEMONSTRATION[place.text_language]})",
        "pcode": city.pcode,
        "dataset": {
            "title": "Invented figures on H3 cells",
            "publisher": "Solidary",
            "licence": "Apache-2.0",
            "period": "2026",
            "synthetic": True,
        },
        "areas": {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": {"pcode": pcode, "name": area.name}, "geometry": None}
                for pcode, area in city.areas.items()
            ],
        },
        "cells": {
            "type": "FeatureCollection",
            "features": [_cell(cell, area) for cell, area in sorted(_areas_of_cells(place.located).items())],
        },
    }


def _areas_of_cells(located: Mapping[str, tuple[float, float]]) -> dict[str, str]:
    """Return the nearest area of each cell near an area's location."""
    centres = {area: h3.latlng_to_cell(*location, RESOLUTION) for area, location in located.items()}
    cells = {cell for centre in centres.values() for cell in h3.grid_disk(centre, RINGS)}
    return {
        cell: min(located, key=lambda area: h3.great_circle_distance(h3.cell_to_latlng(cell), located[area]))
        for cell in cells
    }


def _cell(cell: str, area: str) -> dict[str, Any]:
    ring = [[round(lng, 6), round(lat, 6)] for lat, lng in h3.cell_to_boundary(cell)]
    return {
        "type": "Feature",
        "id": cell,
        "properties": {
            "area": area,
            "indicators": {
                code: _invented_value(cell, code, *limits) for code, limits in INDICATOR_RANGES.items()
            },
        },
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }


def _invented_value(cell: str, code: str, low: int, high: int) -> float:
    digest = hashlib.sha256(f"{cell} {code}".encode()).digest()
    return round(low + (high - low) * int.from_bytes(digest[:4]) / 2**32, 1)


def _without_accents(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name.lower())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
