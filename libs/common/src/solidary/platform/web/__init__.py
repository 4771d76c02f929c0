"""HTTP: who may call what, and how every service answers."""

from solidary.platform.web.caller import (
    Declaration,
    agency,
    asking,
    declaration_of,
    public,
    service_only,
    shared,
)
from solidary.platform.web.pages import Cursor, Page, page_of
from solidary.platform.web.runtime import Runtime, runtime
from solidary.platform.web.uploads import MB, upload
from solidary.platform.web.work import WorkOut, under_way

__all__ = [
    "MB",
    "Cursor",
    "Declaration",
    "Page",
    "Runtime",
    "WorkOut",
    "agency",
    "asking",
    "declaration_of",
    "page_of",
    "public",
    "runtime",
    "service_only",
    "shared",
    "under_way",
    "upload",
]
