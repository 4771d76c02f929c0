"""The commands of the sender and the receiver of a referral: one function and one transaction each."""

from __future__ import annotations

from uuid import UUID

from solidary.language.events import Event
from solidary.language.events import referrals as events
from solidary.language.problems import Fault, Invalid, NotFound
from solidary.platform.database import ShareLevel, UnitOfWork
from solidary.platform.database.scope import share
from sqlalchemy import ColumnElement, select, update

from referrals.casework.consents.models import KnownConsent
from referrals.casework.referrals import rules
from referrals.casework.referrals.models import Preview, Referral, ReferralDecision, ReferralStep
from referrals.casework.referrals.replacement import create_replacement_draft
from referrals.casework.referrals.rules import Party, ReferralState
from referrals.casework.referrals.schemas import ReferralIn, SendReferralIn
from referrals.directory.services import queries as directory
from referrals.directory.services.models import EntryColumns

CONSENT_PURPOSES = {"service": "referral", "cash": "cash"}
"""The purpose of the consent that each purpose of a referral needs (intake's codes)."""


async def refer(unit: UnitOfWork, body: ReferralIn) -> Referral:
    """Make a referral and send it. Raises Invalid, NoFreePlaces."""
    if not rules.is_allowed_in_preview(body.preview.need):
        reason = "This is neither a category of services nor the code of an ordinary need."
        raise Invalid("The preview is not valid.", Fault("/preview/need", reason))
    preview = Preview(body.preview.need, body.preview.age_band, body.preview.language)
    referral = Referral.draft(
        agency=unit.principal.agency,
        person_id=body.person_id,
        purpose=body.purpose,
        urgency=body.urgency,
        preview=preview,
    )
    return await _send(unit, referral, body, from_state=None)


async def send_draft(unit: UnitOfWork, referral_id: UUID, body: SendReferralIn) -> Referral:
    """Send a draft. Raises Invalid, NoFreePlaces, TransitionNotAllowed."""
    referral = await _lock_own(unit, referral_id)
    referral.urgency = body.urgency
    return await _send(unit, referral, body, from_state=referral.state)


async def accept(unit: UnitOfWork, referral_id: UUID) -> Referral:
    """Accept a referral as its receiver, who may read the package from now on."""
    referral = await unit.lock(Referral, referral_id)
    _transition(unit, referral, "accept")
    _record_decision(unit, referral)
    is_for_cash = referral.purpose == "cash"
    accepted = events.ReferralAccepted(
        **referral.event_fields,
        purpose="cash" if is_for_cash else "service",
        service_id=None if referral.confidential else referral.service_id,
        household_id=referral.household_id if is_for_cash else None,
        consent_id=referral.consent_id if is_for_cash else None,
        package_id=referral.package_id if is_for_cash else None,
    )
    _publish(unit, referral, accepted)
    return referral


async def reject(unit: UnitOfWork, referral_id: UUID, reason: str, comment: str) -> ReferralDecision:
    """Reject a referral as its receiver; a job makes a draft for the sender that replaces it."""
    referral = await unit.lock(Referral, referral_id)
    referral.reason, referral.comment = reason, comment
    _transition(unit, referral, "reject", code=reason)
    decision = _record_decision(unit, referral)
    _publish(unit, referral, events.ReferralRejected(**referral.event_fields, reason=reason))
    await unit.defer(create_replacement_draft, referral=str(referral.id))
    await unit.flush()
    return decision


async def start(unit: UnitOfWork, referral_id: UUID) -> Referral:
    """Start the work on an accepted referral, or resume it after a hold."""
    referral = await unit.lock(Referral, referral_id)
    _transition(unit, referral, "start")
    _publish(unit, referral, events.ReferralStarted(**referral.event_fields))
    return referral


async def hold(unit: UnitOfWork, referral_id: UUID) -> Referral:
    """Put a referral on hold: on a waiting list, or because the receiver cannot continue yet."""
    referral = await unit.lock(Referral, referral_id)
    _transition(unit, referral, "hold")
    _publish(unit, referral, events.ReferralHeld(**referral.event_fields))
    return referral


async def complete(unit: UnitOfWork, referral_id: UUID, outcome: str) -> Referral:
    """Complete a referral with its outcome, which closes the loop."""
    referral = await unit.lock(Referral, referral_id)
    referral.outcome = outcome
    _transition(unit, referral, "complete", code=outcome)
    _publish(unit, referral, events.ReferralCompleted(**referral.event_fields, outcome=outcome))
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
        cancelled = events.ReferralCancelled(**referral.event_fields, reason="entered_in_error")
        _publish(unit, referral, cancelled)
    return referral


async def end_under_consent(unit: UnitOfWork, consent_id: UUID, reason: str) -> None:
    """End the unfinished referrals under a consent that has ended."""
    await _end(unit, Referral.consent_id == consent_id, reason)


async def erase_person(unit: UnitOfWork, person_id: UUID) -> None:
    """End the unfinished referrals of an erased person, and erase what was recorded about the person."""
    await _end(unit, Referral.person_id == person_id, "person_erased")
    own = (Referral.agency == unit.principal.agency, Referral.person_id == person_id)
    erased = {"need": None, "age_band": None, "language": None, "comment": None, "erased_at": unit.now}
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
    unit: UnitOfWork, referral: Referral, body: SendReferralIn, *, from_state: str | None
) -> Referral:
    consent = await _require_consent(unit, referral, body)
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
            reference=consent.id,
            valid_until=consent.valid_until,
        )
    )
    requested = events.ReferralRequested(
        **referral.event_fields,
        purpose="cash" if referral.purpose == "cash" else "service",
        service_id=None if referral.confidential else referral.service_id,
        due_at=referral.due_at,
    )
    _publish(unit, referral, requested)
    await unit.flush()
    return referral


async def _require_consent(unit: UnitOfWork, referral: Referral, body: SendReferralIn) -> KnownConsent:
    """Return the consent, locked until the commit against its end. Raises Invalid."""
    consent = await unit.session.get(KnownConsent, body.consent_id, with_for_update={"read": True})
    if consent is None or not consent.is_in_force(unit.now):
        raise Invalid(
            "There is no consent in force for this referral.",
            Fault("/consent_id", "There is no consent in force with this id. Record it in intake first."),
        )
    faults = []
    if consent.purpose != CONSENT_PURPOSES[referral.purpose]:
        needed = CONSENT_PURPOSES[referral.purpose]
        reason = f"The purpose of this consent is {consent.purpose}, but this referral needs {needed}."
        faults.append(Fault("/consent_id", reason))
    if consent.person_id != referral.person_id:
        faults.append(Fault("/person_id", "The consent is of another person."))
    if consent.package_id != body.package_id:
        faults.append(Fault("/package_id", "The consent is for another package."))
    if faults:
        raise Invalid("The consent does not cover this referral.", *faults)
    return consent


async def _require_service(
    unit: UnitOfWork, referral: Referral, body: SendReferralIn, consent: KnownConsent
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
    _publish(unit, referral, events.ReferralFailed(**referral.event_fields, reason=reason))


def _cancel(unit: UnitOfWork, referral: Referral, reason: str, actors: set[Party] | None = None) -> None:
    was_draft = referral.state == ReferralState.DRAFT
    referral.reason = reason
    _transition(unit, referral, "cancel", code=reason, actors=actors)
    if not was_draft:
        _publish(unit, referral, events.ReferralCancelled(**referral.event_fields, reason=reason))


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
