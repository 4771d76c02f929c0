"""Refusals, said in the words of RFC 9457.

Whatever refuses a request (a rule, a command, the web layer) raises a `Problem`; the web layer writes it
as `application/problem+json`. Nothing has been changed when one is raised: the transaction rolls back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

TYPE = "urn:solidary:problem:"


@dataclass(frozen=True)
class Fault:
    """One wrong place in the input: a JSON pointer into the body, or a parameter's name."""

    pointer: str
    detail: str


def json_pointer(path: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a place in a document: `/members/0/born`."""
    return "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in path)


def document(
    status: int, slug: str, title: str, detail: str = "", faults: Sequence[Fault] = ()
) -> dict[str, Any]:
    """A problem as RFC 9457 has it; `errors` lists each wrong place by its pointer, as the RFC's own example does."""
    said: dict[str, Any] = {"type": TYPE + slug, "title": title, "status": status}
    if detail:
        said["detail"] = detail
    if faults:
        said["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults]
    return said


class Problem(Exception):
    """A refusal. Subclasses fix `status`, `slug` (the last part of the URI) and `title`."""

    status: ClassVar[int] = 400
    slug: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "The request cannot be served"
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, detail: str, *faults: Fault) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults

    @property
    def document(self) -> dict[str, Any]:
        return document(self.status, self.slug, self.title, self.detail, self.faults)


class NotFound(Problem):
    """There is no such thing within the caller's reach. What another agency holds looks the same."""

    status, slug, title = 404, "not-found", "Not found"


class NotAllowed(Problem):
    """The thing's state, or the caller's part in it, does not allow this."""

    status, slug, title = 409, "not-allowed", "Not allowed in this state"


class Conflict(Problem):
    """Something else has taken the place: a key used twice, a version that moved on."""

    status, slug, title = 409, "conflict", "Conflict"


class Invalid(Problem):
    """The input says something that cannot be; `faults` tell where."""

    status, slug, title = 422, "invalid", "The input is not valid"


class Forbidden(Problem):
    """The caller is known, and lacks the duty."""

    status, slug, title = 403, "forbidden", "Not permitted"
