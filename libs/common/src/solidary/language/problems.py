"""Problems as RFC 9457 defines them: one class for each reason to refuse a request.

A rule, a command or the web layer raises a `Problem`; the web layer writes it as `application/problem+json`.
Nothing has changed when one is raised: the transaction rolls back. `docs/reference/problems.md` lists every
class; `make contracts` writes that page from the attributes below.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

TYPE_PREFIX = "urn:solidary:problem:"
MAX_FAULTS = 100
"""The most faults that a problem lists. The first ones are enough to correct what all of them have in common."""


@dataclass(frozen=True)
class Fault:
    """One wrong place in the input: a JSON pointer into the body, or a parameter's name."""

    pointer: str
    detail: str


def json_pointer(path: Iterable[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of a place: `/members/0/born`; the whole document is the empty text."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def count_of(number: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun in the right form: «1 fault», «2 faults»."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def problem_document(
    status: int, slug: str, title: str, detail: str = "", faults: Sequence[Fault] = ()
) -> dict[str, Any]:
    """Return a problem document; `errors` lists each fault by its pointer, as in the example of RFC 9457."""
    document: dict[str, Any] = {"type": TYPE_PREFIX + slug, "title": title, "status": status}
    if detail:
        document["detail"] = detail
    if faults:
        document["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults]
    return document


class Problem(Exception):
    """The request cannot be served as it is.

    Subclasses set `status`, `slug` (the last part of the `type` URI, unique and stable), `title` (a sentence
    without its full stop) and `action` (a sentence about what to do). The first paragraph of a subclass's
    docstring describes when the problem occurs. Without a `detail` of its own, title and action are the detail.
    """

    status: ClassVar[int] = 400
    slug: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "The request cannot be served"
    action: ClassVar[str] = "Correct the request as the detail describes."
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, detail: str = "", *faults: Fault, found: int = 0) -> None:
        """Keep at most MAX_FAULTS faults; the detail then states how many were `found` (default: those given)."""
        self.detail = detail or f"{self.title}. {self.action}"
        self.faults = faults[:MAX_FAULTS]
        found = max(found, len(faults))
        if found > len(self.faults) > 0:
            self.detail += f" The first {len(self.faults)} of {count_of(found, 'fault')} are listed."
        super().__init__(self.detail)

    @property
    def document(self) -> dict[str, Any]:
        """The problem as a document of RFC 9457."""
        return problem_document(self.status, self.slug, self.title, self.detail, self.faults)


class NotFound(Problem):
    """The identifier belongs to nothing within the caller's reach. What another agency holds looks the same."""

    status, slug, title = 404, "not-found", "Not found"
    action = "Check the identifier, and the agency that you act for."


class NotAllowed(Problem):
    """The state of the resource, or the caller's part in it, does not allow this."""

    status, slug, title = 409, "not-allowed", "This is not allowed now"
    action = "Read the resource again: its state decides what can be done with it."


class TransitionNotAllowed(NotAllowed):
    """The step does not exist from the state in which the resource is."""

    slug, title = "transition-not-allowed", "This step is not possible from the current state"
    action = "Read the resource again and choose one of the steps that the detail names."


class ActorNotAllowed(NotAllowed):
    """The step exists, but it belongs to another party."""

    slug, title = "actor-not-allowed", "This step belongs to another party"
    action = "Ask the party that the detail names to take it."


class Conflict(Problem):
    """The request contradicts what is already recorded."""

    status, slug, title = 409, "conflict", "The request contradicts what is already recorded"
    action = "Read what is recorded and send a request that agrees with it."


class Invalid(Problem):
    """The input does not have the form or the values that this request takes; `errors` lists each place."""

    status, slug, title = 422, "invalid", "The input is not valid"
    action = "Correct each place that `errors` lists and send the request again."


class Forbidden(Problem):
    """The caller is known, but lacks the duty that this request needs."""

    status, slug, title = 403, "forbidden", "Not permitted"
    action = "Ask the administrator of your agency for the duty, or a colleague who has it."


class ValueOutOfRange(Problem):
    """A value is larger or smaller than what can be stored."""

    slug, title = "value-out-of-range", "A value is outside the range that can be stored"
    action = "Send a value within the range that the API's description gives."


class Busy(Problem):
    """Too many requests compete for the same rows or connections at this moment."""

    status, slug, title = 503, "busy", "The service is busy"
    action = "Send the same request again after the time that `Retry-After` gives."
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}


class DatabaseUnavailable(Problem):
    """The database does not answer, or ended the statement because it took too long."""

    status, slug, title = 503, "database-unavailable", "The database is not available"
    action = "Send the same request again after the time that `Retry-After` gives."
    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}


class InternalError(Problem):
    """The service failed. The failure is in the service's log."""

    status, slug, title = 500, "internal", "The service failed"
    action = "Tell the operator the time of the request; the failure is in the service's log."


def problem_types(packages: Collection[str]) -> list[type[Problem]]:
    """Return the problem classes of these packages that have been imported, by slug.

    Raises ValueError where two share a slug.
    """
    found: dict[str, type[Problem]] = {}
    for kind in _with_subclasses(Problem):
        if kind.__module__.partition(".")[0] not in packages:
            continue
        other = found.setdefault(kind.slug, kind)
        if other is not kind:
            raise ValueError(f"{other.__qualname__} and {kind.__qualname__} have the slug {kind.slug!r}")
    return [found[slug] for slug in sorted(found)]


def _with_subclasses(kind: type[Problem]) -> Iterator[type[Problem]]:
    if "slug" in vars(kind):
        yield kind
    for sub in kind.__subclasses__():
        yield from _with_subclasses(sub)
