"""Distances on a sphere."""

from __future__ import annotations

import numpy as np

from planning.engines.arrays import Floats

# Mean radius of the Earth in metres (IUGG).
EARTH = 6_371_008.8


def apart(these: Floats, those: Floats) -> Floats:
    """Great-circle distance in metres, by the haversine; both (…, 2) longitude and latitude in degrees."""
    lon, lat = np.radians(these[..., 0]), np.radians(these[..., 1])
    other_lon, other_lat = np.radians(those[..., 0]), np.radians(those[..., 1])
    half = np.sin((other_lat - lat) / 2) ** 2
    half = half + np.cos(lat) * np.cos(other_lat) * np.sin((other_lon - lon) / 2) ** 2
    return np.asarray(2 * EARTH * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def on_the_unit_sphere(points: Floats) -> Floats:
    """(n, 2) degrees to (n, 3): there the nearest in a straight line is the nearest on the ground."""
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
