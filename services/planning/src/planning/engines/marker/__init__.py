"""The Urban Inclusion Marker: a composite index of inclusion per cell, with the coverage of its indicators."""

from planning.engines.marker.catalogue import Area, Catalogue, Dimension, Direction, Indicator, Normalisation
from planning.engines.marker.rules import Marker, compute_marker

__all__ = [
    "Area",
    "Catalogue",
    "Dimension",
    "Direction",
    "Indicator",
    "Marker",
    "Normalisation",
    "compute_marker",
]
