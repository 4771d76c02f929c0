"""The problems of the service subscriptions."""

from __future__ import annotations

from typing import ClassVar

from solidary.language.problems import Problem


class CursorUnknown(Problem):
    """The cursor is of another agency, or of the time before the database was restored or made anew."""

    status, slug, title = (
        410,
        "feed-cursor-unknown",
        "This cursor does not belong to your agency's feed as it is now",
    )
    action = (
        "Check the agency that you act for. If it is the right one, the database was restored: read the feed from its "
        "start, without `after`, and skip the events whose id you have handled."
    )


class CursorTooOld(Problem):
    """Events after the cursor are no longer kept."""

    status, slug, title = 410, "feed-purged", "Events after this cursor are no longer kept"
    action = (
        "Read the feed from its start, without `after`, and read what you have missed from the resources."
    )


class TooManyWaiting(Problem):
    """Too many requests of the agency wait for its next event."""

    status, slug, title = (
        429,
        "feed-too-many-waiting",
        "Too many requests of your agency wait for its next event",
    )
    action = "Let one reader of your agency wait, and ask the others to share what it reads."
    headers: ClassVar[dict[str, str]] = {"Retry-After": "30"}


class TooManyWebhooks(Problem):
    """The agency has as many webhooks as it may have."""

    status, slug, title = 409, "too-many-webhooks", "Your agency has as many webhooks as it may have"
    action = "Delete one that you do not need, or let one receiver pass the events on."
