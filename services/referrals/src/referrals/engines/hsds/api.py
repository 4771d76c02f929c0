"""The answers of an HSDS API that are not objects of the directory: its description, and a page of a list."""

from __future__ import annotations

from referrals.engines.hsds.values import Array, HsdsObject, Omittable, Uri, WholeNumber


class ApiDescription(HsdsObject):
    """The description of an HSDS API at its root."""

    version: Omittable[str] = None
    profile: Omittable[Uri] = None
    openapi_url: Omittable[Uri] = None


class Page(HsdsObject):
    """A page of a list; `contents` holds objects of one kind."""

    total_items: Omittable[WholeNumber] = None
    total_pages: Omittable[WholeNumber] = None
    page_number: Omittable[WholeNumber] = None
    size: Omittable[WholeNumber] = None
    first_page: Omittable[bool] = None
    last_page: Omittable[bool] = None
    empty: Omittable[bool] = None
    contents: Array[object] = ()
