"""The `Location` header of an answer that shows a new aggregate."""

from __future__ import annotations

from typing import TypeVar

from fastapi import Response

from solidary.platform.database import Aggregate

A = TypeVar("A", bound=Aggregate)


def created(aggregate: A, response: Response) -> A:
    """Set `Location` to where the API shows the aggregate, and return the aggregate.

    An Idempotency-Key needs the header: a repeated request is answered from there.
    """
    response.headers["Location"] = aggregate.location
    return aggregate
