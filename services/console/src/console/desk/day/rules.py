"""The tasks of an officer's day, from the lists of the services: the most urgent first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from console.interface.language.catalogue import mark

SOON = timedelta(days=14)
"""The time before a deadline or the end of a consent in which it is shown."""
SILENT = timedelta(days=30)
"""The time after which a procedure whose state has not changed is shown."""
RECENT = timedelta(days=7)
"""The time for which a rejection is shown."""
WAITING_PROCEDURES = ("informed", "gathering_documents", "submitted", "returned", "appealed")
SEVERITIES = ("high", "medium", "low")

Items = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Section:
    """A kind of task: its heading, what to do about it, its items, and the list that has all of them.

    `items` is None where the service does not answer.
    """

    name: str
    heading: str
    advice: str
    items: Items | None
    path: str = ""


def day_sections(
    *,
    waiting: Items | None,
    rejected: Items | None,
    needs: Items | None,
    procedures: Items | None,
    consents: Items | None,
    provisional: Items | None,
    now: datetime,
) -> list[Section]:
    """Return what is to be done, without the kinds of which there is nothing."""
    overdue = _where(waiting, lambda each: _at(each["due_at"]) is not None and _at(each["due_at"]) < now)
    sections = (
        Section(
            "overdue",
            mark("Referrals without an answer in time"),
            mark("Call the service, or choose another one with the person."),
            overdue,
            "/referrals?state=requested&sort=4",
        ),
        Section(
            "rejected",
            mark("Referrals rejected in the last days"),
            mark("Read the reason, and find another service."),
            _where(
                rejected, lambda each: (_at(each["ended_at"] or each["answered_at"]) or now) > now - RECENT
            ),
            "/referrals?state=rejected",
        ),
        Section(
            "deadlines",
            mark("Procedures with a deadline soon, or without news"),
            mark("Ask the person how far they are, and record the new state."),
            _where(procedures, lambda each: _needs_attention(each, now)),
        ),
        Section(
            "needs",
            mark("Needs without an answer"),
            mark("Find a service, or give guidance."),
            _sorted(needs, lambda each: (SEVERITIES.index(each["severity"]), each["day"])),
            "/needs?state=open&sort=2",
        ),
        Section(
            "consents",
            mark("Consents that end soon"),
            mark("Ask the person whether they still agree, before a service stops."),
            _sorted(consents, lambda each: each["valid_until"]),
        ),
        Section(
            "provisional",
            mark("Registrations to compare"),
            mark("Somebody similar is registered already. Compare, and decide."),
            provisional,
            "/people?state=provisional",
        ),
    )
    return [section for section in sections if section.items is None or section.items]


def _needs_attention(procedure: Mapping[str, Any], now: datetime) -> bool:
    if procedure["state"] not in WAITING_PROCEDURES:
        return False
    deadline = procedure["deadline"]
    is_near = deadline is not None and deadline <= (now + SOON).date().isoformat()
    since = _at(procedure["since"])
    return is_near or (since is not None and since < now - SILENT)


def _at(value: str | None) -> Any:
    return None if value is None else datetime.fromisoformat(value)


def _where(items: Items | None, condition: Any) -> Items | None:
    return None if items is None else [each for each in items if condition(each)]


def _sorted(items: Items | None, key: Any) -> Items | None:
    return None if items is None else sorted(items, key=key)
