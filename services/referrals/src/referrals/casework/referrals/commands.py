"""What sender and receiver do with a referral: one function each, one transaction each."""

from __future__ import annotations

from uuid import UUID, uuid4

from solidary.language.events import referrals as events
from solidary.language.problems import Fault, Invalid, NotFound
from solidary.platform.database import ShareLevel, UnitOfWork
from solidary.platform.database.scope import share
from sqlalchemy import ColumnElement, select, update

from referrals.casework.consents.models import KnownConsent
from referrals.casework.referrals import rules
from referrals.casework.referrals.models import Decision, Preview, Referral, Step
from referrals.casework.referrals.rerouting import open_reroute
from referrals.casework.referrals.rules import Side, State
from referrals.casework.referrals.schemas import ReferralIn, SendIn
from referrals.directory.services import queries as directory
from referrals.directory.services.models import Entry

CONSENT_FOR = {"service": "referral", "cash": "cash"}
"""The purpose of the consent that a referral's purpose needs (intake's codes)."""


async def refer(unit: UnitOfWork, said: ReferralIn) -> Referral:
    """A new referral, on its way at once."""
    preview = Preview(said.preview.need, said.preview.age_band, said.preview.language)
    referral = Referral.draft(
        agency=unit.principal.agency,
        person_id=said.person_id,
        purpose=said.purpose,
        urgency=said.urgency,
        preview=preview,
    )
    return await _send(unit, referral, said)


async def send(unit: UnitOfWork, referral_id: UUID, said: SendIn) -> Referral:
    """A draft goes on its way."""
    referral = await _sent_by_us(unit, referral_id)
    referral.urgency = said.urgency
    return await _send(unit, referral, said, was=State(referral.state))


async def accept(unit: UnitOfWork, referral_id: UUID) -> Referral:
    """The receiving agency takes the referral on; from now on it reads the package."""
    referral = await unit.lock(Referral, referral_id)
    _lead(unit, referral, State.ACCEPTED)
    _decide(unit, referral)
    for_cash = referral.purpose == "cash"
    unit.publish(
        events.ReferralAccepted(
            **referral.told,
            purpose="cash" if for_cash else "service",
            service_id=None if referral.confidential else referral.service_id,
            household_id=referral.household_id if for_cash else None,
            consent_id=referral.consent_id if for_cash else None,
            package_id=referral.package_id if for_cash else None,
        ),
        about=referral,
        parties=referral.parties,
    )
    return referral


async def reject(unit: UnitOfWork, referral_id: UUID, reason: str, comment: str) -> Decision:
    """The receiving agency declines and says why; the sender finds a draft in its place."""
    referral = await unit.lock(Referral, referral_id)
    referral.reason, referral.comment = reason, comment
    _lead(unit, referral, State.REJECTED, reason)
    decision = _decide(unit, referral)
    unit.publish(
        events.ReferralRejected(**referral.told, reason=reason), about=referral, parties=referral.parties
    )
    await unit.defer(open_reroute, referral=str(referral.id))
    await unit.flush()
    return decision


async def start(unit: UnitOfWork, referral_id: UUID) -> Referral:
    """The receiver begins, or goes on after a wait."""
    referral = await unit.lock(Referral, referral_id)
    _lead(unit, referral, State.IN_PROGRESS)
    unit.publish(events.ReferralStarted(**referral.told), about=referral, parties=referral.parties)
    return referral


async def hold(unit: UnitOfWork, referral_id: UUID) -> Referral:
    """The person waits: on a waiting list, or because the receiver cannot go on yet."""
    referral = await unit.lock(Referral, referral_id)
    _lead(unit, referral, State.ON_HOLD)
    unit.publish(events.ReferralHeld(**referral.told), about=referral, parties=referral.parties)
    return referral


async def complete(unit: UnitOfWork, referral_id: UUID, outcome: str) -> Referral:
    """The loop is closed."""
    referral = await unit.lock(Referral, referral_id)
    referral.outcome = outcome
    _lead(unit, referral, State.COMPLETED, outcome)
    unit.publish(
        events.ReferralCompleted(**referral.told, outcome=outcome), about=referral, parties=referral.parties
    )
    return referral


async def fail(unit: UnitOfWork, referral_id: UUID, reason: str) -> Referral:
    """What had begun cannot be brought to its end."""
    referral = await unit.lock(Referral, referral_id)
    _fail(unit, referral, reason)
    return referral


async def cancel(unit: UnitOfWork, referral_id: UUID, reason: str) -> Referral:
    """The sender calls it back; the receiver sees nothing of it any more."""
    referral = await _sent_by_us(unit, referral_id)
    _cancel(unit, referral, reason)
    return referral


async def enter_in_error(unit: UnitOfWork, referral_id: UUID) -> Referral:
    """It should never have been: kept, and seen by its sender only."""
    referral = await _sent_by_us(unit, referral_id)
    was = State(referral.state)
    _lead(unit, referral, State.ENTERED_IN_ERROR)
    if was is not State.DRAFT:
        _tell_cancelled(unit, referral, "entered_in_error")
    return referral


async def stop_under(unit: UnitOfWork, consent_id: UUID, reason: str) -> None:
    """The consent is over: what stands on it and is open stops."""
    await _stop(unit, Referral.consent_id == consent_id, reason)


async def forget(unit: UnitOfWork, person_id: UUID) -> None:
    """A person was erased: what is open stops, and what was written about them goes."""
    await _stop(unit, Referral.person_id == person_id, "person_erased")
    ours = (Referral.agency == unit.principal.agency, Referral.person_id == person_id)
    written = {"need": None, "age_band": None, "language": None, "comment": None}
    await unit.session.execute(update(Referral).where(*ours).values(**written, forgotten=unit.now))


async def _stop(unit: UnitOfWork, which: ColumnElement[bool], reason: str) -> None:
    stoppable = select(Referral).where(
        Referral.agency == unit.principal.agency, which, Referral.state.in_(rules.STOPPABLE)
    )
    for referral in await unit.session.scalars(stoppable.with_for_update()):
        to = rules.without_ground(State(referral.state))
        end = _fail if to is State.FAILED else _cancel
        end(unit, referral, reason, {Side.CONSENT})


async def _send(unit: UnitOfWork, referral: Referral, said: SendIn, was: State | None = None) -> Referral:
    consent = await _consent(unit, referral, said)
    service = await _service(unit, referral, said, consent)
    rules.must_have_places(
        service.available,
        service.capacity_said,
        unit.now,
        waiting_list=service.waiting_list,
        although_full=said.although_full,
    )
    referral.request(service, consent, unit.now)
    unit.add(referral)
    await unit.flush()
    _note(unit, referral, None if was is None else str(was))
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
    unit.publish(
        events.ReferralRequested(
            **referral.told,
            purpose="cash" if referral.purpose == "cash" else "service",
            service_id=None if referral.confidential else referral.service_id,
            due_at=referral.due_at,
        ),
        about=referral,
        parties=referral.parties,
    )
    await unit.flush()
    return referral


async def _consent(unit: UnitOfWork, referral: Referral, said: SendIn) -> KnownConsent:
    """The consent, locked against its end until this commits. Raises Invalid."""
    consent = await unit.session.get(KnownConsent, said.consent_id, with_for_update={"read": True})
    if consent is None or not consent.in_force(unit.now):
        raise Invalid("no consent in force", Fault("/consent_id", "no consent in force under this id"))
    faults = []
    if consent.purpose != CONSENT_FOR[referral.purpose]:
        faults.append(Fault("/consent_id", f"is for {consent.purpose}, not for this"))
    if consent.person_id != referral.person_id:
        faults.append(Fault("/person_id", "is not the person of the consent"))
    if consent.package_id != said.package_id:
        faults.append(Fault("/package_id", "is not the package of the consent"))
    if faults:
        raise Invalid("the consent does not cover this referral", *faults)
    return consent


async def _service(unit: UnitOfWork, referral: Referral, said: SendIn, consent: KnownConsent) -> Entry:
    """A service within reach, of the agency that the consent names. Raises Invalid."""
    service = await directory.within_reach(unit, said.service_id)
    if service is None or service.status != "active":
        raise Invalid("no such service", Fault("/service_id", "no active service under this id"))
    if service.agency != consent.recipient:
        raise Invalid(
            "the consent is for another agency", Fault("/service_id", "the consent does not name its agency")
        )
    if service.purpose != referral.purpose:
        raise Invalid("another kind of service", Fault("/service_id", f"is for {service.purpose}"))
    return service


async def _sent_by_us(unit: UnitOfWork, referral_id: UUID) -> Referral:
    referral = await unit.lock(Referral, referral_id)
    if referral.agency != unit.principal.agency:
        raise NotFound(f"no referral {referral_id}")
    return referral


def _lead(
    unit: UnitOfWork, referral: Referral, to: State, code: str | None = None, by: set[Side] | None = None
) -> None:
    """Raises NotAllowed; nothing has been told then."""
    was = referral.state
    referral.lead(to, by or referral.sides(unit.principal.agency), unit.now)
    _note(unit, referral, was, code)


def _fail(unit: UnitOfWork, referral: Referral, reason: str, by: set[Side] | None = None) -> None:
    referral.reason = reason
    _lead(unit, referral, State.FAILED, reason, by)
    unit.publish(
        events.ReferralFailed(**referral.told, reason=reason), about=referral, parties=referral.parties
    )


def _cancel(unit: UnitOfWork, referral: Referral, reason: str, by: set[Side] | None = None) -> None:
    referral.reason = reason
    was = State(referral.state)
    _lead(unit, referral, State.CANCELLED, reason, by)
    if was is not State.DRAFT:
        _tell_cancelled(unit, referral, reason)


def _tell_cancelled(unit: UnitOfWork, referral: Referral, reason: str) -> None:
    unit.publish(
        events.ReferralCancelled(**referral.told, reason=reason), about=referral, parties=referral.parties
    )


def _note(unit: UnitOfWork, referral: Referral, was: str | None, code: str | None = None) -> None:
    unit.add(
        Step(
            root=referral.root,
            agency=referral.agency,
            from_state=was,
            to_state=referral.state,
            code=code,
            by_agency=unit.principal.agency,
            by_subject=unit.principal.subject,
        )
    )


def _decide(unit: UnitOfWork, referral: Referral) -> Decision:
    id_ = uuid4()
    decision = Decision(
        id=id_,
        root=id_,
        agency=unit.principal.agency,
        referral_id=referral.id,
        answer=referral.state,
        reason=referral.reason,
    )
    unit.add(decision)
    return decision
