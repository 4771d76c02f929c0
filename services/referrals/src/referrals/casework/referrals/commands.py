"""The commands of the sender and the receiver of a referral: one function and one transaction each."""

from __future__ import annotations

from uuid import UUID

from solidary.language.events import Event
from solidary.language.events import referrals as events
from solidary.language.problems import Fault, Invalid, NotFound
from solidary.platform.database import ShareLevel, UnitOfWork
from solidary.platform.database.scope import share
from solidary.platform.external_ids import ExternalId, add_external_ids
from sqlalchemy import ColumnElement, delete, select, update

from referrals.casework.consents.commands import lock_consent
from referrals.casework.consents.intake import ConsentTerms
from referrals.casework.referrals import rules
from referrals.casework.referrals.models import Referral, ReferralDecision, ReferralStep
from referrals.casework.referrals.replacement import create_replacement_draft
from referrals.casework.referrals.rules import REFERRAL_TRANSITIONS, Party, ReferralState
from referrals.casework.referrals.schemas import ReferralIn, SendReferralIn
from referrals.directory.services import queries as directory
from referrals.directory.services.models import EntryColumns

CONSENT_PURPOSES = {"service": "referral", "cash": "cash"}
"""The purpose of the consent that each purpose of a referral needs (intake's codes)."""


async def refer(unit: UnitOfWork, referral_id: UUID, body: ReferralIn, consent: ConsentTerms) -> Referral:
    """Make a referral and send it under the consent that intake has confirmed. Raises Invalid, NoFreePlaces."""
    referral = Referral.draft(
        agency=unit.principal.agency, person_id=body.person_id, purpose=body.purpose, urgency=body.urgency
    )
    referral.id = referral.root = referral_id
    await _send(unit, referral, body, consent, from_state=None)
    await add_external_ids(unit, "referral", {referral.id: body.external_ids})
    return referral


async def require_own_draft(unit: UnitOfWork, referral_id: UUID) -> None:
    """Raise NotFound or TransitionNotAllowed before intake is asked about the consent of a draft."""
    referral = await unit.get(Referral, referral_id)
    if referral.agency != unit.principal.agency:
        raise NotFound(f"There is no referral {referral_id} that your agency sent.")
    REFERRAL_TRANSITIONS.apply(ReferralState(referral.state), "send", {Party.SENDER})


async def send_draft(
    unit: UnitOfWork, referral_id: UUID, body: SendReferralIn, consent: ConsentTerms
) -> Referral:
    """Send a draft under the consent that intake has confirmed.

    Raises Invalid, NoFreePlaces, TransitionNotAllowed.
    """
    referral = await _lock_own(unit, referral_id)
    referral.urgency = body.urgency
    return await _send(unit, referral, body, consent, from_state=referral.state)


async def accept(unit: UnitOfWork, referral_id: UUID) -> Referral:
    """Accept a referral as its receiver, who may read the package from now on."""
    referral = await unit.lock(Referral, referral_id)
    _transition(unit, referral, "accept")
    _record_decision(unit, referral)
    _publish(unit, referral, events.ReferralAccepted(referral_id=referral.id))
    return referral


async def reject(unit: UnitOfWork, referral_id: UUID, reason: str, comment: str) -> ReferralDecision:
    """Reject a referral as its receiver; a job makes a draft for the sender that replaces it."""
    referral = await unit.lock(Referral, referral_id)
    referral.reason, referral.comment = reason, comment
    _transition(unit, referral, "reject", code=reason)
    decision = _record_decision(unit, referral)
    _publish(unit, referral, events.ReferralRejected(referral_id=referral.id))
    await unit.defer(create_replacement_draft, referral=str(referral.id))
    await unit.flush()
    return decision


async def start(unit: UnitOfWork, referral_id: UUID) -> Referral:
    """Start the work on an accepted referral, or resume it after a hold."""
    referral = await unit.lock(Referral, referral_id)
    _transition(unit, referral, "start")
    _publish(unit, referral, events.ReferralStarted(referral_id=referral.id))
    return referral


async def hold(unit: UnitOfWork, referral_id: UUID) -> Referral:
    """Put a referral on hold: on a waiting list, or because the receiver cannot continue yet."""
    referral = await unit.lock(Referral, referral_id)
    _transition(unit, referral, "hold")
    _publish(unit, referral, events.ReferralHeld(referral_id=referral.id))
    return referral


async def complete(unit: UnitOfWork, referral_id: UUID, outcome: str) -> Referral:
    """Complete a referral with its outcome, which closes the loop."""
    referral = await unit.lock(Referral, referral_id)
    referral.outcome = outcome
    _transition(unit, referral, "complete", code=outcome)
    _publish(unit, referral, events.ReferralCompleted(referral_id=referral.id))
    return referral


async def fail(unit: UnitOfWork, referral_id: UUID, reason: str) -> Referral:
    """End work in progress that cannot be completed."""
    referral = await unit.lock(Referral, referral_id)
    _fail(unit, referral, reason)
    return referral


async def cancel(unit: UnitOfWork, referral_id: UUID, reason: str) -> Referral:
    """Cancel a referral as its sender; the receiver does not see it any more."""
    referral = await _lock_own(unit, referral_id)
    _cancel(unit, referral, reason)
    return referral


async def enter_in_error(unit: UnitOfWork, referral_id: UUID) -> Referral:
    """Mark a referral as entered in error; only its sender sees it from now on."""
    referral = await _lock_own(unit, referral_id)
    was_draft = referral.state == ReferralState.DRAFT
    _transition(unit, referral, "enter in error")
    if not was_draft:
        cancelled = events.ReferralCancelled(referral_id=referral.id)
        _publish(unit, referral, cancelled)
    return referral


async def end_under_consent(unit: UnitOfWork, consent_id: UUID, reason: str) -> None:
    """End the unfinished referrals under a consent that has ended."""
    await _end(unit, Referral.consent_id == consent_id, reason)


async def erase_person(unit: UnitOfWork, person_id: UUID) -> None:
    """End the unfinished referrals of an erased person, and erase what was recorded about the person."""
    await _end(unit, Referral.person_id == person_id, "person_erased")
    own = (Referral.agency == unit.principal.agency, Referral.person_id == person_id)
    referrals = (await unit.session.scalars(select(Referral.id).where(*own))).all()
    identifiers = (ExternalId.agency == unit.principal.agency, ExternalId.about.in_(referrals))
    await unit.session.execute(delete(ExternalId).where(*identifiers))
    erased = {"comment": None, "erased_at": unit.now}
    await unit.session.execute(update(Referral).where(*own).values(**erased))


async def _end(unit: UnitOfWork, condition: ColumnElement[bool], reason: str) -> None:
    unfinished = select(Referral).where(
        Referral.agency == unit.principal.agency, condition, Referral.state.in_(rules.UNFINISHED_STATES)
    )
    for referral in await unit.session.scalars(unfinished.with_for_update()):
        step = rules.step_at_consent_end(ReferralState(referral.state))
        end = _fail if step == "fail" else _cancel
        end(unit, referral, reason, {Party.CONSENT_END})


async def _send(
    unit: UnitOfWork,
    referral: Referral,
    body: SendReferralIn,
    consent: ConsentTerms,
    *,
    from_state: str | None,
) -> Referral:
    _require_covering(consent, referral)
    await lock_consent(unit, consent.consent_id)
    service = await _require_service(unit, referral, body, consent)
    rules.require_free_places(
        service.available,
        service.capacity_updated_at,
        unit.now,
        has_waiting_list=service.waiting_list,
        although_full=body.although_full,
    )
    referral.send(service, consent, unit.now)
    unit.add(referral)
    await unit.flush()
    _record_step(unit, referral, from_state)
    unit.add(
        share(
            root=referral.id,
            owner=referral.agency,
            agency=consent.recipient,
            level=ShareLevel.ACT,
            reason="referral",
            reference=consent.consent_id,
            valid_until=consent.valid_until,
        )
    )
    _publish(unit, referral, events.ReferralRequested(referral_id=referral.id))
    await unit.flush()
    return referral


def _require_covering(consent: ConsentTerms, referral: Referral) -> None:
    """Raise Invalid for a consent of another person or for another purpose."""
    faults = []
    needed = CONSENT_PURPOSES[referral.purpose]
    if consent.purpose != needed:
        reason = f"The purpose of this consent is {consent.purpose}, but this referral needs {needed}."
        faults.append(Fault("/consent_id", reason))
    if consent.person_id != referral.person_id:
        faults.append(Fault("/person_id", "The consent is of another person."))
    if faults:
        raise Invalid("The consent does not cover this referral.", *faults)


async def _require_service(
    unit: UnitOfWork, referral: Referral, body: SendReferralIn, consent: ConsentTerms
) -> EntryColumns:
    """Return an active service of the consent's recipient that the acting agency may refer to. Raises Invalid."""
    service = await directory.find_visible(unit, body.service_id)
    if service is None or service.status != "active":
        raise Invalid(
            "There is no such service.", Fault("/service_id", "There is no active service with this id.")
        )
    if service.agency != consent.recipient:
        reason = "The consent does not name the agency of this service as its recipient."
        raise Invalid("The consent is for another agency.", Fault("/service_id", reason))
    if service.purpose != referral.purpose:
        reason = f"The purpose of this service is {service.purpose}, that of the referral {referral.purpose}."
        raise Invalid("The service has another purpose.", Fault("/service_id", reason))
    return service


async def _lock_own(unit: UnitOfWork, referral_id: UUID) -> Referral:
    """Return a referral of the acting agency as its sender, locked. Raises NotFound."""
    referral = await unit.lock(Referral, referral_id)
    if referral.agency != unit.principal.agency:
        raise NotFound(f"There is no referral {referral_id} that your agency sent.")
    return referral


def _transition(
    unit: UnitOfWork,
    referral: Referral,
    step: str,
    *,
    code: str | None = None,
    actors: set[Party] | None = None,
) -> None:
    """Take a step and record it. Raises TransitionNotAllowed, ActorNotAllowed."""
    from_state = referral.state
    referral.transition(step, actors or referral.roles_of(unit.principal.agency), unit.now)
    _record_step(unit, referral, from_state, code)


def _fail(unit: UnitOfWork, referral: Referral, reason: str, actors: set[Party] | None = None) -> None:
    referral.reason = reason
    _transition(unit, referral, "fail", code=reason, actors=actors)
    _publish(unit, referral, events.ReferralFailed(referral_id=referral.id))


def _cancel(unit: UnitOfWork, referral: Referral, reason: str, actors: set[Party] | None = None) -> None:
    was_draft = referral.state == ReferralState.DRAFT
    referral.reason = reason
    _transition(unit, referral, "cancel", code=reason, actors=actors)
    if not was_draft:
        _publish(unit, referral, events.ReferralCancelled(referral_id=referral.id))


def _publish(unit: UnitOfWork, referral: Referral, event: Event) -> None:
    unit.publish(event, about=referral, parties=referral.parties)


def _record_step(
    unit: UnitOfWork, referral: Referral, from_state: str | None, code: str | None = None
) -> None:
    unit.add(
        ReferralStep(
            root=referral.root,
            agency=referral.agency,
            from_state=from_state,
            to_state=referral.state,
            code=code,
            by_agency=unit.principal.agency,
            by_subject=unit.principal.subject,
        )
    )


def _record_decision(unit: UnitOfWork, referral: Referral) -> ReferralDecision:
    decision = ReferralDecision(
        agency=unit.principal.agency,
        referral_id=referral.id,
        answer=referral.state,
        reason=referral.reason,
    )
    unit.add(decision)
    return decision
