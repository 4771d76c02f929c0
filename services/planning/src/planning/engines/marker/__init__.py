"""The Urban Inclusion Marker: a composite index of inclusion per cell, with what is missing told."""

from planning.engines.marker.catalogue import Area, Catalogue, Dimension, Direction, Indicator, Normalisation
from planning.engines.marker.rules import Marker, mark

__all__ = [
    "Area",
    "Catalogue",
    "Dimension",
    "Direction",
    "Indicator",
    "Marker",
    "Normalisation",
    "mark",
]
