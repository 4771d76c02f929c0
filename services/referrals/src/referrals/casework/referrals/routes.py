"""The HTTP interface of referrals and decisions."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import ExternalId
from solidary.platform.identity import Duty
from solidary.platform.web import (
    Page,
    UpdatedCursor,
    agency,
    created,
    origin_of,
    page_of,
    runtime,
    service_only,
    shared,
    versioned,
    where_given,
)
from solidary.platform.web.idempotency import idempotent_if_keyed

from referrals.casework.consents.intake import ConsentTerms, use_consent
from referrals.casework.referrals import commands, packages, queries
from referrals.casework.referrals.models import Referral, ReferralDecision
from referrals.casework.referrals.rules import ReferralState
from referrals.casework.referrals.schemas import (
    CancelReferralIn,
    CashReferralOut,
    CompleteReferralIn,
    FailReferralIn,
    ReceivedReferralOut,
    ReferralDecisionOut,
    ReferralIn,
    ReferralPackageOut,
    ReferralPreviewOut,
    ReferralStepOut,
    RejectReferralIn,
    SendReferralIn,
    SentReferralOut,
)

router = APIRouter(tags=["referrals"])

SENDER_DUTIES = (Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)
Sender: TypeAlias = Annotated[UnitOfWork, agency(*SENDER_DUTIES, Duty.SOFTWARE_REFER)]
SentReader: TypeAlias = Annotated[UnitOfWork, agency(*SENDER_DUTIES, Duty.SOFTWARE_READ)]
ConsentUser: TypeAlias = Annotated[UnitOfWork, agency(*SENDER_DUTIES, Duty.SOFTWARE_REFER, read_only=True)]
"""A sender whose key is claimed after intake has answered, so that no connection waits for intake."""
Cash: TypeAlias = Annotated[UnitOfWork, service_only("cash")]
Receiver: TypeAlias = Annotated[UnitOfWork, shared(Duty.PROVIDER, Duty.SOFTWARE_ANSWER)]
EitherParty: TypeAlias = Annotated[
    UnitOfWork, shared(*SENDER_DUTIES, Duty.PROVIDER, Duty.SOFTWARE_READ, Duty.SOFTWARE_ANSWER)
]
Provider: TypeAlias = Annotated[UnitOfWork, agency(Duty.PROVIDER, Duty.SOFTWARE_ANSWER)]


@router.post("/referrals", status_code=201)
async def refer(unit: ConsentUser, body: ReferralIn, request: Request, response: Response) -> SentReferralOut:
    """Refer a person to a service, under a consent that intake confirms."""
    referral_id = uuid4()
    consent = await _use_consent(unit, request, body, referral_id)
    async with idempotent_if_keyed(unit, request, response):
        referral = await commands.refer(unit, referral_id, body, consent)
        return await _sent(unit, created(referral, response))


@router.get("/referrals")
async def list_sent_referrals(
    unit: SentReader,
    cursor: Annotated[UpdatedCursor, Depends()],
    person_id: UUID | None = None,
    service_id: UUID | None = None,
    receiver: UUID | None = None,
    state: ReferralState | None = None,
) -> Page[SentReferralOut]:
    """List the referrals that your agency sent, and its drafts, the newest first."""
    sent = where_given(
        queries.select_sent(unit.principal.agency, person_id),
        {Referral.service_id: service_id, Referral.receiver: receiver, Referral.state: state},
    )
    page = await page_of(unit.session, sent, cursor, SentReferralOut.model_validate, by=Referral)
    return page.model_copy(update={"items": await queries.show_all(unit, page.items)})


@router.get("/referrals/received")
async def list_received_referrals(
    unit: Receiver,
    cursor: Annotated[UpdatedCursor, Depends()],
    service_id: UUID | None = None,
    sender: UUID | None = None,
    state: ReferralState | None = None,
) -> Page[ReceivedReferralOut]:
    """List the referrals to services of your agency, the newest first."""
    received = where_given(
        queries.select_received(unit.principal.agency),
        {Referral.service_id: service_id, Referral.agency: sender, Referral.state: state},
    )
    page = await page_of(unit.session, received, cursor, ReceivedReferralOut.model_validate, by=Referral)
    return page.model_copy(update={"items": await queries.show_all(unit, page.items)})


@router.get("/referrals/{referral_id}")
@versioned(Referral, ExternalId)
async def read_referral(unit: EitherParty, referral_id: UUID) -> SentReferralOut | ReceivedReferralOut:
    """Read a referral: as its sender with the person, as its receiver without."""
    return await queries.show(unit, await unit.get(Referral, referral_id))


@router.get("/referrals/{referral_id}/steps")
async def list_referral_steps(unit: EitherParty, referral_id: UUID) -> list[ReferralStepOut]:
    """List the changes of a referral's state, the oldest first."""
    referral = await unit.get(Referral, referral_id)
    steps = await unit.session.scalars(queries.select_steps(referral))
    return [ReferralStepOut.model_validate(step) for step in steps]


@router.get("/referrals/{referral_id}/preview")
async def read_referral_preview(
    unit: Receiver, referral_id: UUID, request: Request, response: Response
) -> ReferralPreviewOut:
    """Read the coded facts that the consent covers; for the receiver, before it accepts."""
    response.headers["Cache-Control"] = "no-store"
    return await packages.read_preview(unit, runtime(request).clients, origin_of(request), referral_id)


@router.get("/referrals/{referral_id}/package")
async def read_referral_package(
    unit: Receiver, referral_id: UUID, request: Request, response: Response
) -> ReferralPackageOut:
    """Read what the consent lets you know about the person, after accepting and before the end."""
    package = await packages.read_package(unit, runtime(request).clients, origin_of(request), referral_id)
    response.headers["Cache-Control"] = "no-store"
    return package


@router.post("/referrals/{referral_id}/send")
async def send_draft(
    unit: ConsentUser, referral_id: UUID, body: SendReferralIn, request: Request, response: Response
) -> SentReferralOut:
    """Send a draft to a service, under a consent that intake confirms."""
    await commands.require_own_draft(unit, referral_id)
    await unit.session.rollback()  # Nothing was written; no connection is held while intake answers.
    consent = await _use_consent(unit, request, body, referral_id)
    async with idempotent_if_keyed(unit, request, response):
        referral = await commands.send_draft(unit, referral_id, body, consent)
        return await _sent(unit, created(referral, response))


@router.post("/referrals/{referral_id}/accept")
async def accept_referral(
    unit: Receiver, referral_id: UUID, response: Response
) -> SentReferralOut | ReceivedReferralOut:
    """Accept a referral; from now on you may read the package."""
    return await queries.show(unit, created(await commands.accept(unit, referral_id), response))


@router.post("/referrals/{referral_id}/reject")
async def reject_referral(
    unit: Receiver, referral_id: UUID, body: RejectReferralIn, response: Response
) -> ReferralDecisionOut:
    """Reject a referral with a reason; from now on you see only your own decision."""
    decision = await commands.reject(unit, referral_id, body.reason, body.comment)
    return ReferralDecisionOut.model_validate(created(decision, response))


@router.post("/referrals/{referral_id}/start")
async def start_referral(
    unit: Receiver, referral_id: UUID, response: Response
) -> SentReferralOut | ReceivedReferralOut:
    """Start the work on an accepted referral, or resume it after a hold."""
    return await queries.show(unit, created(await commands.start(unit, referral_id), response))


@router.post("/referrals/{referral_id}/hold")
async def hold_referral(
    unit: Receiver, referral_id: UUID, response: Response
) -> SentReferralOut | ReceivedReferralOut:
    """Put a referral on hold, for example on a waiting list."""
    return await queries.show(unit, created(await commands.hold(unit, referral_id), response))


@router.post("/referrals/{referral_id}/complete")
async def complete_referral(
    unit: Receiver, referral_id: UUID, body: CompleteReferralIn, response: Response
) -> SentReferralOut | ReceivedReferralOut:
    """Complete a referral with its outcome."""
    return await queries.show(
        unit, created(await commands.complete(unit, referral_id, body.outcome), response)
    )


@router.post("/referrals/{referral_id}/fail")
async def fail_referral(
    unit: Receiver, referral_id: UUID, body: FailReferralIn, response: Response
) -> SentReferralOut | ReceivedReferralOut:
    """End work in progress that cannot be completed."""
    return await queries.show(unit, created(await commands.fail(unit, referral_id, body.reason), response))


@router.post("/referrals/{referral_id}/cancel")
async def cancel_referral(
    unit: Sender, referral_id: UUID, body: CancelReferralIn, response: Response
) -> SentReferralOut:
    """Cancel a referral; the receiver does not see it any more."""
    referral = await commands.cancel(unit, referral_id, body.reason)
    return await _sent(unit, created(referral, response))


@router.post("/referrals/{referral_id}/entered-in-error")
async def enter_referral_in_error(unit: Sender, referral_id: UUID, response: Response) -> SentReferralOut:
    """Mark a referral as entered in error; the receiver does not see it any more."""
    referral = await commands.enter_in_error(unit, referral_id)
    return await _sent(unit, created(referral, response))


@router.get("/decisions")
async def list_decisions(
    unit: Provider,
    cursor: Annotated[UpdatedCursor, Depends()],
    referral_id: UUID | None = None,
    answer: Literal["accepted", "rejected"] | None = None,
) -> Page[ReferralDecisionOut]:
    """List the decisions of your agency on referrals, the newest first."""
    decisions = where_given(
        queries.select_decisions(unit.principal.agency),
        {ReferralDecision.referral_id: referral_id, ReferralDecision.answer: answer},
    )
    validate = ReferralDecisionOut.model_validate
    return await page_of(unit.session, decisions, cursor, validate, by=ReferralDecision)


@router.get("/decisions/{decision_id}")
async def read_decision(unit: Provider, decision_id: UUID) -> ReferralDecisionOut:
    """Read a decision of your agency."""
    return ReferralDecisionOut.model_validate(await unit.get(ReferralDecision, decision_id))


@router.get("/cash-referrals/{referral_id}")
async def read_cash_referral(unit: Cash, referral_id: UUID) -> CashReferralOut:
    """Read an accepted referral for cash, for the agency that sent it; any other referral is not found."""
    return await queries.read_cash_referral(unit, referral_id)


async def _use_consent(
    unit: UnitOfWork, request: Request, body: SendReferralIn, referral_id: UUID
) -> ConsentTerms:
    return await use_consent(
        runtime(request).clients,
        origin_of(request),
        agency=unit.principal.agency,
        consent_id=body.consent_id,
        package_id=body.package_id,
        referral_id=referral_id,
    )


async def _sent(unit: UnitOfWork, referral: Referral) -> SentReferralOut:
    return (await queries.show_all(unit, [SentReferralOut.model_validate(referral)]))[0]
