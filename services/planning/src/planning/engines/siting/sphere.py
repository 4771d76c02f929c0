"""Distances on a sphere."""

from __future__ import annotations

import numpy as np

from planning.engines.arrays import Floats

# Mean radius of the Earth (IUGG).
EARTH_RADIUS_METRES = 6_371_008.8


def haversine_metres(origins: Floats, destinations: Floats) -> Floats:
    """Return great-circle distances; both arguments are (…, 2) longitude and latitude in degrees."""
    lon, lat = np.radians(origins[..., 0]), np.radians(origins[..., 1])
    other_lon, other_lat = np.radians(destinations[..., 0]), np.radians(destinations[..., 1])
    half = np.sin((other_lat - lat) / 2) ** 2
    half = half + np.cos(lat) * np.cos(other_lat) * np.sin((other_lon - lon) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_METRES * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def to_unit_sphere(points: Floats) -> Floats:
    """Return (n, 2) degrees as (n, 3) coordinates, whose straight-line distances order as those on the ground."""
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
