"""Counts that give nobody away: tables whose withheld figures cannot be worked out from the others."""

from solidary.files.counts.publication import (
    AT_MOST,
    BrokenViews,
    Cross,
    K,
    Table,
    View,
    Where,
    at_least,
    publish,
)

__all__ = ["AT_MOST", "BrokenViews", "Cross", "K", "Table", "View", "Where", "at_least", "publish"]
