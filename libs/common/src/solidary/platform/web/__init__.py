"""HTTP: access to routes, common routes and responses of every service."""

from solidary.platform.web.access import (
    Declaration,
    agency,
    declaration_of,
    public,
    public_form,
    read_only,
    service_only,
    shared,
)
from solidary.platform.web.conditional import accepts_gzip, matches_etag
from solidary.platform.web.country import CurrentCountry
from solidary.platform.web.created import created
from solidary.platform.web.pages import Cursor, Page, UpdatedCursor, page_of, where_given
from solidary.platform.web.public_session import PublicSession
from solidary.platform.web.request_state import origin_of
from solidary.platform.web.runtime import Runtime, runtime
from solidary.platform.web.uploads import MB, upload
from solidary.platform.web.versions import versioned
from solidary.platform.web.work import WorkOut, accepted

__all__ = [
    "MB",
    "CurrentCountry",
    "Cursor",
    "Declaration",
    "Page",
    "PublicSession",
    "Runtime",
    "UpdatedCursor",
    "WorkOut",
    "accepted",
    "accepts_gzip",
    "agency",
    "created",
    "declaration_of",
    "matches_etag",
    "origin_of",
    "page_of",
    "public",
    "public_form",
    "read_only",
    "runtime",
    "service_only",
    "shared",
    "upload",
    "versioned",
    "where_given",
]
