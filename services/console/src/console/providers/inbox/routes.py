"""The inbox of a provider: see, accept, begin, complete, reject."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from solidary.language.codes.referral_answers import ReferralOutcome, RejectionReason
from solidary.language.codes.urgency import Urgency
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Provider
from console.desk.people.reading import MOST, shown_referrals
from console.interface.forms.form import Choice, Field, Form
from console.interface.language.catalogue import mark
from console.interface.language.labels import label
from console.providers.inbox.package import shown_package

router = APIRouter(include_in_schema=False)
URGENCY_ORDER = {urgency: number for number, urgency in enumerate(Urgency)}
OPEN_STATES = ("accepted", "in_progress", "on_hold")
WITH_PACKAGE = ("accepted", "in_progress", "on_hold")
STEPS: Mapping[str, str] = {
    "accept": mark("You accepted the referral. You now see who the person is."),
    "start": mark("The work has begun."),
}


@router.get("/inbox")
async def show_inbox(visitor: Provider) -> Response:
    """Show the received referrals: to be answered by urgency, then those at work, then those that have ended."""
    received = await visitor.services.get("referrals", "/referrals/received", limit=MOST)
    items = await shown_referrals(visitor, received["items"])
    waiting = sorted((each for each in items if each["state"] == "requested"), key=_by_urgency)
    working = [each for each in items if each["state"] in OPEN_STATES]
    ended = [each for each in items if each["state"] not in ("requested", *OPEN_STATES)]
    groups = [
        (mark("To be answered"), waiting, mark("Everything is answered. New referrals appear here.")),
        (mark("At work"), working, mark("You have no referral at work.")),
        (mark("Ended"), ended, mark("No referral has ended yet.")),
    ]
    return await visitor.page("inbox.html", groups=groups)


def _by_urgency(referral: Mapping[str, Any]) -> tuple[int, datetime]:
    due = datetime.fromisoformat(referral["due_at"] or referral["requested_at"])
    return URGENCY_ORDER[Urgency(referral["urgency"])], due


async def _referral(visitor: Provider, referral_id: UUID) -> dict[str, Any]:
    found = await visitor.services.get("referrals", f"/referrals/{referral_id}")
    (shown,) = await shown_referrals(visitor, [found])
    return shown


@router.get("/inbox/{referral_id}")
async def show_referral(visitor: Provider, referral_id: UUID) -> Response:
    """Show a referral: a coded preview before the answer, and what the person agreed to share after it."""
    return await _show(visitor, referral_id)


async def _show(visitor: Provider, referral_id: UUID, form: Form | None = None) -> Response:
    referral = await _referral(visitor, referral_id)
    path = f"/referrals/{referral_id}"
    preview = package = None
    if referral["state"] == "requested":
        preview = await _or_none(visitor.services.get("referrals", f"{path}/preview"))
    elif referral["state"] in WITH_PACKAGE:
        package = await _or_none(visitor.services.get("referrals", f"{path}/package"))
    return await visitor.page(
        "received.html",
        status=409 if form is not None else 200,
        referral=referral,
        preview=preview,
        needs_text=", ".join(_word(visitor, "need", code) for code in (preview or {}).get("needs") or ()),
        package=_package(visitor, package["data"]) if package else None,
        form=form,
    )


async def _or_none(answer: Any) -> Any:
    try:
        return await answer
    except ServiceProblem as problem:
        if problem.status in (404, 409, 503):
            return None
        raise


def _package(visitor: Provider, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    return list(shown_package(data, partial(_word, visitor), visitor.translate))


def _word(visitor: Provider, kind: str, code: str) -> str:
    return label(kind, code, visitor.language, visitor.country)


@router.post("/inbox/{referral_id}/{step}")
async def take_step(visitor: Provider, referral_id: UUID, step: str) -> Response:
    """Accept a referral, or begin its work; forms complete or reject it."""
    if step in FORMS:
        return await _send_form(visitor, referral_id, step)
    if step not in STEPS:
        return await visitor.go(f"/inbox/{referral_id}")
    try:
        await visitor.services.post("referrals", f"/referrals/{referral_id}/{step}", key=visitor.key)
    except ServiceProblem as problem:
        if problem.status == 404:
            raise
        form = Form(())
        form.take_problem(problem)
        return await _show(visitor, referral_id, form)
    return await visitor.go(f"/inbox/{referral_id}", STEPS[step])


def _reject_fields(visitor: Provider) -> tuple[Field, ...]:
    reasons = [Choice(code, _word(visitor, "rejection_reason", code)) for code in RejectionReason]
    return (
        Field(
            "reason",
            mark("Reason"),
            "/reason",
            "radios",
            choices=reasons,
            required=mark("Choose the reason."),
        ),
        Field(
            "comment",
            mark("What should the sender do instead?"),
            "/comment",
            "textarea",
            hint=mark("Advice about the service. Write nothing about the person."),
            required=mark("Write what the sender should do instead."),
        ),
    )


def _complete_fields(visitor: Provider) -> tuple[Field, ...]:
    outcomes = [Choice(code, _word(visitor, "outcome", code)) for code in ReferralOutcome]
    return (
        Field(
            "outcome",
            mark("Outcome"),
            "/outcome",
            "radios",
            choices=outcomes,
            required=mark("Choose the outcome."),
        ),
    )


FORMS: Mapping[str, tuple[Any, str, str, str]] = {
    "reject": (
        _reject_fields,
        mark("Reject the referral"),
        mark("The sender learns the reason at once. You do not see the person's data any more."),
        mark("The referral is rejected."),
    ),
    "complete": (
        _complete_fields,
        mark("Complete the referral"),
        mark("The sender learns the outcome. You do not see the person's data any more."),
        mark("The referral is completed."),
    ),
}
"""The steps that need entries: their fields, heading, warning, and the message after them."""


@router.get("/inbox/{referral_id}/{step}")
async def show_form(visitor: Provider, referral_id: UUID, step: str) -> Response:
    """Show the form with which a referral is rejected or completed."""
    if step not in FORMS:
        return await visitor.go(f"/inbox/{referral_id}")
    return await _show_form(visitor, referral_id, step, Form(FORMS[step][0](visitor)))


async def _show_form(visitor: Provider, referral_id: UUID, step: str, form: Form) -> Response:
    referral = await _referral(visitor, referral_id)
    _, heading, warning, _ = FORMS[step]
    return await visitor.form_page(
        "form.html",
        form,
        caption=referral["service_name"],
        heading=heading,
        warning=warning,
        submit=heading,
        is_final=True,
        back=f"/inbox/{referral_id}",
    )


async def _send_form(visitor: Provider, referral_id: UUID, step: str) -> Response:
    fields, _, _, done = FORMS[step]
    form = Form(fields(visitor))
    form.read(visitor.form)
    if form.is_faulty:
        return await _show_form(visitor, referral_id, step, form)
    try:
        path = f"/referrals/{referral_id}/{step}"
        await visitor.services.post("referrals", path, form.body(), key=visitor.key)
    except ServiceProblem as problem:
        form.take_problem(problem)
        return await _show_form(visitor, referral_id, step, form)
    # A rejection ends the share, so that there is nothing to see at the referral's own address any more.
    return await visitor.go("/inbox" if step == "reject" else f"/inbox/{referral_id}", done)


async def unanswered(visitor: Provider) -> int | None:
    """Return how many received referrals wait for an answer; None where the service does not say."""
    waiting = {"state": "requested", "limit": MOST}
    received = await _or_none(visitor.services.get("referrals", "/referrals/received", **waiting))
    return None if received is None else len(received["items"])
