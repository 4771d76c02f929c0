from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from solidary.language.problems import NotFound
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of, runtime, shared

from referrals.casework.referrals import commands, packages, queries, rules
from referrals.casework.referrals.models import Decision, Referral
from referrals.casework.referrals.rules import State
from referrals.casework.referrals.schemas import (
    CancelIn,
    CompleteIn,
    DecisionOut,
    FailIn,
    PackageOut,
    ReceivedOut,
    ReferralIn,
    RejectIn,
    SendIn,
    SentOut,
    StepOut,
)

router = APIRouter(tags=["referrals"])

SENDS = (Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)
Sender = Annotated[UnitOfWork, agency(*SENDS)]
Receiver = Annotated[UnitOfWork, shared(Duty.PROVIDER)]
Either = Annotated[UnitOfWork, shared(*SENDS, Duty.PROVIDER)]
Answerer = Annotated[UnitOfWork, agency(Duty.PROVIDER)]


@router.post("/referrals", status_code=201)
async def refer(unit: Sender, body: ReferralIn, response: Response) -> SentOut:
    """Refers a person to a service, under a consent in force."""
    return _sent(await commands.refer(unit, body), response)


@router.get("/referrals")
async def list_sent(
    unit: Sender, cursor: Annotated[Cursor, Depends()], person_id: UUID | None = None
) -> Page[SentOut]:
    """What the agency sent, and its drafts, the newest first."""
    mine = queries.sent(unit.principal.agency, person_id)
    return await page_of(unit.session, mine, cursor, SentOut.model_validate, by=Referral)


@router.get("/referrals/received")
async def list_received(unit: Receiver, cursor: Annotated[Cursor, Depends()]) -> Page[ReceivedOut]:
    """What is on its way to the agency's services, the newest first."""
    theirs = queries.received(unit.principal.agency)
    return await page_of(unit.session, theirs, cursor, ReceivedOut.model_validate, by=Referral)


@router.get("/referrals/{referral_id}")
async def read(unit: Either, referral_id: UUID) -> SentOut | ReceivedOut:
    """A referral, as its side may see it: the receiver a coded preview, until it reads the package."""
    return _shown(unit, await unit.get(Referral, referral_id))


@router.get("/referrals/{referral_id}/steps")
async def read_steps(unit: Either, referral_id: UUID) -> list[StepOut]:
    """Its way so far."""
    referral = await unit.get(Referral, referral_id)
    return [StepOut.model_validate(step) for step in await unit.session.scalars(queries.steps(referral))]


@router.get("/referrals/{referral_id}/package")
async def read_package(unit: Receiver, referral_id: UUID, request: Request, response: Response) -> PackageOut:
    """What the consent lets the receiver know, from intake; 409 before accepting and after the end."""
    referral = await unit.get(Referral, referral_id)
    if referral.receiver != unit.principal.agency:
        raise NotFound(f"no package of a referral {referral_id}")
    rules.may_read_package(State(referral.state))
    unit.session.expunge(referral)
    await unit.session.rollback()  # nothing was written; no connection is held while intake answers
    package = await packages.fetch(runtime(request).clients, referral, unit.principal.agency)
    response.headers["Cache-Control"] = "no-store"
    return package


@router.post("/referrals/{referral_id}/send")
async def send(unit: Sender, referral_id: UUID, body: SendIn, response: Response) -> SentOut:
    """Sends a draft."""
    return _sent(await commands.send(unit, referral_id, body), response)


@router.post("/referrals/{referral_id}/accept")
async def accept(unit: Receiver, referral_id: UUID, response: Response) -> SentOut | ReceivedOut:
    return _led(unit, await commands.accept(unit, referral_id), response)


@router.post("/referrals/{referral_id}/reject")
async def reject(unit: Receiver, referral_id: UUID, body: RejectIn, response: Response) -> DecisionOut:
    """Declines, with the reason; from now on the receiver sees its own answer only."""
    decision = await commands.reject(unit, referral_id, body.reason, body.comment)
    response.headers["Location"] = f"/decisions/{decision.id}"
    return DecisionOut.model_validate(decision)


@router.post("/referrals/{referral_id}/start")
async def start(unit: Receiver, referral_id: UUID, response: Response) -> SentOut | ReceivedOut:
    return _led(unit, await commands.start(unit, referral_id), response)


@router.post("/referrals/{referral_id}/hold")
async def hold(unit: Receiver, referral_id: UUID, response: Response) -> SentOut | ReceivedOut:
    return _led(unit, await commands.hold(unit, referral_id), response)


@router.post("/referrals/{referral_id}/complete")
async def complete(
    unit: Receiver, referral_id: UUID, body: CompleteIn, response: Response
) -> SentOut | ReceivedOut:
    return _led(unit, await commands.complete(unit, referral_id, body.outcome), response)


@router.post("/referrals/{referral_id}/fail")
async def fail(unit: Receiver, referral_id: UUID, body: FailIn, response: Response) -> SentOut | ReceivedOut:
    return _led(unit, await commands.fail(unit, referral_id, body.reason), response)


@router.post("/referrals/{referral_id}/cancel")
async def cancel(unit: Sender, referral_id: UUID, body: CancelIn, response: Response) -> SentOut:
    return _sent(await commands.cancel(unit, referral_id, body.reason), response)


@router.post("/referrals/{referral_id}/entered-in-error")
async def enter_in_error(unit: Sender, referral_id: UUID, response: Response) -> SentOut:
    return _sent(await commands.enter_in_error(unit, referral_id), response)


@router.get("/decisions")
async def list_decisions(unit: Answerer, cursor: Annotated[Cursor, Depends()]) -> Page[DecisionOut]:
    """The agency's own answers, the newest first."""
    ours = queries.decisions(unit.principal.agency)
    return await page_of(unit.session, ours, cursor, DecisionOut.model_validate, by=Decision)


@router.get("/decisions/{decision_id}")
async def read_decision(unit: Answerer, decision_id: UUID) -> DecisionOut:
    return DecisionOut.model_validate(await unit.get(Decision, decision_id))


def _shown(unit: UnitOfWork, referral: Referral) -> SentOut | ReceivedOut:
    if referral.agency == unit.principal.agency:
        return SentOut.model_validate(referral)
    return ReceivedOut.model_validate(referral)


def _led(unit: UnitOfWork, referral: Referral, response: Response) -> SentOut | ReceivedOut:
    response.headers["Location"] = f"/referrals/{referral.id}"
    return _shown(unit, referral)


def _sent(referral: Referral, response: Response) -> SentOut:
    response.headers["Location"] = f"/referrals/{referral.id}"
    return SentOut.model_validate(referral)
