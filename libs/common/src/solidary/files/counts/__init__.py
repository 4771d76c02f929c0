"""Published counts that identify nobody: tables whose withheld figures cannot be derived from the others.

docs/using/counts.md explains the method and what it guarantees.
"""

from solidary.files.counts.publication import (
    DEFAULT_K,
    MAX_SHARE,
    CellKey,
    CountTable,
    CrossTabulation,
    InvalidViews,
    View,
    build_count_table,
)

__all__ = [
    "DEFAULT_K",
    "MAX_SHARE",
    "CellKey",
    "CountTable",
    "CrossTabulation",
    "InvalidViews",
    "View",
    "build_count_table",
]
