"""A page of a list, as the HSDS API answers it."""

from __future__ import annotations

from referrals.engines.hsds.values import HsdsObject, Many, Maybe, WholeNumber


class Page(HsdsObject):
    """`contents` holds the objects, all of one kind."""

    total_items: Maybe[WholeNumber] = None
    total_pages: Maybe[WholeNumber] = None
    page_number: Maybe[WholeNumber] = None
    size: Maybe[WholeNumber] = None
    first_page: Maybe[bool] = None
    last_page: Maybe[bool] = None
    empty: Maybe[bool] = None
    contents: Many[object] = ()
