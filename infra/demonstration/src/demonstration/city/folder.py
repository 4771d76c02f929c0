"""A real city from a folder with `cells.geojson` and `corregimientos.geojson` of UN-Habitat's viewer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CODE = "la-chorrera"
DISTRICT, PCODE = "La Chorrera", "PA1104"
NOT_INDICATORS = frozenset({"GRID_ID", "DISTRITO", "CODIGO", "CORR_NOM"})
"""The properties of a cell that identify it or its area."""


def read_city(folder: Path) -> dict[str, Any]:
    """Return a request to import the district's cells with every numeric indicator they have.

    Cells identify their corregimiento by its census code; the areas map this code to the P-code.
    """
    areas = [
        feature["properties"]
        for feature in _features(folder / "corregimientos.geojson")
        if feature["properties"]["ADM2_PCODE"] == PCODE
    ]
    pcodes = {area["CODIGO"]: area["ADM3_PCODE"] for area in areas}
    return {
        "code": CODE,
        "name": DISTRICT,
        "pcode": PCODE,
        "dataset": {
            "title": "Visor de Panamá: grilla urbana y corregimientos",
            "publisher": "UN-Habitat, Andean countries office",
            "url": "https://github.com/UNHabitatAndinos/UNhabitat_Visor_Panama.github.io",
            "licence": "none stated",
            "period": "2010/2020",
        },
        "areas": {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"pcode": area["ADM3_PCODE"], "name": area["CORR_NOM"]},
                    "geometry": None,
                }
                for area in areas
            ],
        },
        "cells": {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": feature["properties"]["GRID_ID"],
                    "properties": {
                        "area": pcodes[feature["properties"]["CODIGO"]],
                        "indicators": _indicators(feature["properties"]),
                    },
                    "geometry": feature["geometry"],
                }
                for feature in _features(folder / "cells.geojson")
                if feature["properties"]["DISTRITO"] == DISTRICT
            ],
        },
    }


def _features(path: Path) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features


def _indicators(properties: dict[str, Any]) -> dict[str, float]:
    return {
        name: value
        for name, value in properties.items()
        if isinstance(value, int | float) and name not in NOT_INDICATORS
    }
