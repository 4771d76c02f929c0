"""Bulk: a file of many rows as long work, with a report per row.

The request reads the file, refuses rows that are wrong in themselves, and stores the others in batches. A worker
applies each batch in a transaction of its own, in which the report of its rows is written and the batch is deleted:
after a crash the next attempt continues with the batches that are left. See docs/integrating/bulk.md.
"""

from solidary.platform.bulk.commands import apply_batches, store_import
from solidary.platform.bulk.models import BulkBatch, BulkImport, BulkRow
from solidary.platform.bulk.reading import (
    MAX_BYTES,
    MAX_ROWS,
    FileFormat,
    FileLine,
    file_body,
    read_json_lines,
    read_table,
    received_file,
    refuse_line,
    validate_line,
)
from solidary.platform.bulk.routes import report_router
from solidary.platform.bulk.rules import NewBatch, ParsedFile, RowReport, RowState

__all__ = [
    "MAX_BYTES",
    "MAX_ROWS",
    "BulkBatch",
    "BulkImport",
    "BulkRow",
    "FileFormat",
    "FileLine",
    "NewBatch",
    "ParsedFile",
    "RowReport",
    "RowState",
    "apply_batches",
    "file_body",
    "read_json_lines",
    "read_table",
    "received_file",
    "refuse_line",
    "report_router",
    "store_import",
    "validate_line",
]
