"""The small city of the demonstration, with invented figures.

Names and P-codes of La Chorrera's corregimientos are public facts (OCHA, common operational datasets of Panama). Six of
them have cells: H3 hexagons of about a tenth of a square kilometre around the location of the corregimiento, rounded to
a hundredth of a degree. The cells are not boundaries, and their figures are invented.
"""

from __future__ import annotations

import hashlib
from typing import Any

import h3

CODE = "la-chorrera-demo"
PCODE = "PA1104"
CORREGIMIENTOS = {
    "PA110401": "Amador",
    "PA110402": "Arosemena",
    "PA110403": "Barrio Balboa",
    "PA110404": "Barrio Colón",
    "PA110405": "El Arado",
    "PA110406": "El Coco",
    "PA110407": "Feuillet",
    "PA110408": "Guadalupe",
    "PA110409": "Herrera",
    "PA110410": "Hurtado",
    "PA110411": "Iturralde",
    "PA110412": "La Represa",
    "PA110413": "Los Díaz",
    "PA110414": "Mendoza",
    "PA110415": "Obaldía",
    "PA110416": "Playa Leona",
    "PA110417": "Puerto Caimito",
    "PA110418": "Santa Rita",
}
LOCATIONS = {
    "PA110403": (8.88, -79.79),
    "PA110404": (8.89, -79.77),
    "PA110406": (8.88, -79.82),
    "PA110408": (8.85, -79.81),
    "PA110416": (8.82, -79.78),
    "PA110417": (8.87, -79.71),
}
"""Latitude and longitude of the corregimientos that have cells."""

RESOLUTION, RINGS = 9, 3
INDICATOR_RANGES = {
    "water_share": (55, 99),
    "sanitation_share": (40, 98),
    "school_metres": (80, 2400),
    "health_metres": (120, 4200),
    "informal_work_share": (18, 46),
}
"""The lowest and the highest invented value of each indicator."""


def small_city() -> dict[str, Any]:
    """Return a request to import the city. The figures depend on the cells' ids only, so they are always the same."""
    return {
        "code": CODE,
        "name": "La Chorrera (demostración)",
        "pcode": PCODE,
        "dataset": {
            "title": "Invented figures on H3 cells; corregimientos by OCHA's P-codes",
            "publisher": "Solidary",
            "licence": "Apache-2.0",
            "period": "2026",
            "synthetic": True,
        },
        "areas": {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": {"pcode": pcode, "name": name}, "geometry": None}
                for pcode, name in CORREGIMIENTOS.items()
            ],
        },
        "cells": {
            "type": "FeatureCollection",
            "features": [_cell(cell, area) for cell, area in sorted(_areas_of_cells().items())],
        },
    }


def _areas_of_cells() -> dict[str, str]:
    """Return the nearest area of each cell near an area's location."""
    centres = {area: h3.latlng_to_cell(*location, RESOLUTION) for area, location in LOCATIONS.items()}
    cells = {cell for centre in centres.values() for cell in h3.grid_disk(centre, RINGS)}
    return {
        cell: min(
            LOCATIONS, key=lambda area: h3.great_circle_distance(h3.cell_to_latlng(cell), LOCATIONS[area])
        )
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
