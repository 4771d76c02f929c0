"""The `Location` header of a response that shows a new resource."""

from __future__ import annotations

from typing import Protocol, TypeVar

from fastapi import Response


class Located(Protocol):
    """A resource with its own path: every `Aggregate`, and a part of one that declares its `location`."""

    @property
    def location(self) -> str:
        """The path at which the API shows the resource."""


L = TypeVar("L", bound=Located)


def created(resource: L, response: Response) -> L:
    """Set `Location` to where the API shows the resource, and return the resource.

    An Idempotency-Key needs the header: a repeated request is answered from there.
    """
    response.headers["Location"] = resource.location
    return resource
