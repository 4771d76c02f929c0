"""The words for codes. A page never shows a code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from solidary.language.codes.languages import Language
from solidary.language.codes.need_categories import NeedCategory
from solidary.language.codes.people import AgeBand, PopulationGroup, Sex
from solidary.language.codes.referral_answers import ReferralOutcome, RejectionReason
from solidary.language.codes.specific_needs import load_specific_needs
from solidary.language.codes.urgency import Urgency
from solidary.language.codes.wording import Wording
from solidary.language.country import load_pack

from console.interface.language.catalogue import mark, translator

OWN: Mapping[str, Mapping[str, str]] = {
    "relation": {
        "head": mark("Head of household"),
        "spouse": mark("Spouse or partner"),
        "child": mark("Son or daughter"),
        "parent": mark("Mother or father"),
        "grandparent": mark("Grandparent"),
        "sibling": mark("Brother or sister"),
        "other": mark("Other relation"),
    },
    "registration_state": {
        "provisional": mark("Provisional"),
        "registered": mark("Registered"),
        "verified": mark("Verified"),
    },
    "need_state": {"open": mark("Unanswered"), "met": mark("Answered"), "closed": mark("Closed")},
    "severity": {"low": mark("Low"), "medium": mark("Medium"), "high": mark("High")},
    "access_reason": {
        "person_present": mark("The person is here with me"),
        "request_of_person": mark("The person has asked for it"),
        "covers_colleague": mark("I stand in for a colleague"),
        "referral": mark("It is about a referral"),
        "emergency": mark("It is an emergency"),
        "supervision": mark("I supervise the work"),
    },
    "compared": {
        "name": mark("Name"),
        "given_name": mark("Given names"),
        "surname": mark("Surnames"),
        "date_of_birth": mark("Day of birth"),
        "sex": mark("Sex"),
        "document": mark("Document"),
        "household": mark("Household"),
    },
    "purpose": {"referral": mark("Referral to a service"), "cash": mark("Cash assistance")},
    "data_category": {
        "name": mark("Name"),
        "contact": mark("Telephone"),
        "language": mark("Language"),
        "age": mark("Age"),
        "needs": mark("Chosen needs"),
        "documents_held": mark("Kinds of documents held"),
        "immigration_status": mark("Immigration status"),
        "household_profile": mark("Household profile"),
        "payee": mark("Payment details"),
    },
    "legal_basis": {
        "consent": mark("Consent"),
        "contract": mark("Contract"),
        "vital_interests": mark("Vital interests"),
        "beneficiary_interests": mark("The person's interests"),
        "legal_obligation": mark("Legal obligation"),
        "other_legitimate": mark("Other legitimate interest"),
    },
    "consent_channel": {
        "in_person": mark("In person"),
        "telephone": mark("By telephone"),
        "video": mark("By video call"),
        "written": mark("In writing"),
    },
    "consent_state": {
        "granted": mark("In force"),
        "withdrawn": mark("Withdrawn"),
        "expired": mark("Expired"),
    },
    "referral_state": {
        "draft": mark("Draft"),
        "requested": mark("Waiting for an answer"),
        "accepted": mark("Accepted"),
        "rejected": mark("Rejected"),
        "in_progress": mark("In progress"),
        "on_hold": mark("On the waiting list"),
        "completed": mark("Completed"),
        "failed": mark("Failed"),
        "cancelled": mark("Cancelled"),
        "entered_in_error": mark("Entered in error"),
    },
    "centre_kind": {
        "attention_point": mark("Point of Attention and Orientation"),
        "integrhabitat": mark("IntegrHa-bitat centre"),
    },
    "desk_service": {
        "orientation": mark("Orientation and information"),
        "registration": mark("Registration"),
        "referral": mark("Referral to other services"),
        "legal_aid": mark("Legal aid"),
        "psychosocial": mark("Psychosocial support"),
        "protection": mark("Protection services"),
        "children_space": mark("Space for children"),
        "employment": mark("Employment advice"),
        "language_classes": mark("Language classes"),
        "internet": mark("Internet and charging of telephones"),
    },
    "weekday": {
        "MO": mark("Monday"),
        "TU": mark("Tuesday"),
        "WE": mark("Wednesday"),
        "TH": mark("Thursday"),
        "FR": mark("Friday"),
        "SA": mark("Saturday"),
        "SU": mark("Sunday"),
    },
    "complaint_state": {
        "received": mark("Received"),
        "in_hand": mark("In hand"),
        "answered": mark("Answered"),
        "appealed": mark("Appealed"),
        "closed": mark("Closed"),
    },
    "complaint_step": {
        "filed": mark("Filed"),
        "taken": mark("Taken in hand"),
        "answered": mark("Answered"),
        "appealed": mark("Appealed"),
        "decided": mark("Appeal decided"),
        "closed": mark("Closed"),
        "restricted": mark("Handed to the restricted circle"),
        "read": mark("Read"),
    },
    "ended_reason": {"consent_ended": mark("The consent has ended")},
    "procedure_state": {
        "identified": mark("Identified"),
        "informed": mark("Informed"),
        "gathering_documents": mark("Gathering documents"),
        "submitted": mark("Submitted"),
        "returned": mark("Returned"),
        "granted": mark("Granted"),
        "denied": mark("Denied"),
        "withdrawn": mark("Withdrawn"),
        "appealed": mark("Appealed"),
    },
    "eligibility": {
        "eligible": mark("Meets the conditions"),
        "not_eligible": mark("Does not meet the conditions"),
        "undetermined": mark("Ask: it depends on facts that are not recorded"),
    },
    "review": {
        "unverified": mark("Not verified"),
        "to_be_reviewed": mark("Not yet confirmed by a lawyer"),
        "confirmed": mark("Confirmed by a lawyer"),
    },
    "timeline": {
        "person_registered": mark("Registered"),
        "person_provisional": mark("Registration is provisional"),
        "person_verified": mark("Registration verified"),
        "duplicate_found": mark("Found to be registered twice"),
        "duplicate_withdrawn": mark("No longer taken for registered twice"),
        "identity_corrected": mark("Identity corrected"),
        "payout_changed": mark("Payment account changed"),
        "visit_recorded": mark("Visit"),
        "need_recorded": mark("Need recorded"),
        "need_open": mark("Need open again"),
        "need_met": mark("Need answered"),
        "need_closed": mark("Need closed"),
        "guidance_given": mark("Guidance given"),
        "procedure_opened": mark("Procedure opened"),
        "procedure_identified": mark("Procedure: identified"),
        "procedure_informed": mark("Procedure: informed"),
        "procedure_gathering_documents": mark("Procedure: gathering documents"),
        "procedure_submitted": mark("Procedure: submitted"),
        "procedure_returned": mark("Procedure: returned"),
        "procedure_granted": mark("Procedure: granted"),
        "procedure_denied": mark("Procedure: denied"),
        "procedure_withdrawn": mark("Procedure: withdrawn"),
        "procedure_appealed": mark("Procedure: appealed"),
        "consent_granted": mark("Consent given"),
        "consent_withdrawn": mark("Consent withdrawn"),
        "consent_expired": mark("Consent expired"),
        "referral_requested": mark("Referral sent"),
        "referral_accepted": mark("Referral accepted"),
        "referral_rejected": mark("Referral rejected"),
        "referral_started": mark("Referral in progress"),
        "referral_held": mark("Referral on the waiting list"),
        "referral_completed": mark("Referral completed"),
        "referral_failed": mark("Referral failed"),
        "referral_cancelled": mark("Referral cancelled"),
        "referral_overdue": mark("Referral without an answer in time"),
        "referral_corrected": mark("Referral entered in error"),
    },
    "duty": {
        "front_desk": mark("Front desk"),
        "case_worker": mark("Case worker"),
        "protection_officer": mark("Protection officer"),
        "provider": mark("Provider of services"),
    },
}
"""The words of codes that no list of the platform has."""

LISTS: Mapping[str, Mapping[str, Wording]] = {
    "sex": {code: code.wording for code in Sex},
    "population_group": {code: code.wording for code in PopulationGroup},
    "language": {code: code.wording for code in Language},
    "need_category": {code: code.wording for code in NeedCategory},
    "urgency": {code: code.wording for code in Urgency},
    "rejection_reason": {code: code.wording for code in RejectionReason},
    "outcome": {code: code.wording for code in ReferralOutcome},
    "age_band": {code: code.wording for code in AgeBand},
}


@cache
def needs() -> Mapping[str, Wording]:
    """Return the words of the specific needs by code, the retired and the restricted ones too."""
    return {code: need.wording for code, need in load_specific_needs().codes.items()}


def label(kind: str, code: str | None, language: str, country: str) -> str:
    """Return the words for a code; a code without words is «Other», and never shown itself."""
    _ = translator(language)
    if code is None:
        return _("Not recorded")
    if kind == "need":
        wording = needs().get(code)
    elif kind == "document":
        document = load_pack(country).documents.get(code)
        wording = document.name if document else None
    elif kind == "complaint_kind":
        chosen = load_pack(country).complaints.kinds.get(code)
        wording = chosen.name if chosen else None
    elif kind == "pathway":
        pathway = load_pack(country).pathways.get(code)
        wording = pathway.title if pathway else None
    elif kind == "area":
        return area_name(code, country) or _("Another area")
    elif kind in LISTS:
        wording = LISTS[kind].get(code)
    else:
        own = OWN[kind].get(code)
        return _(own) if own else _("Other")
    return wording.in_language(language) if wording else _("Other")


def area_name(code: str, country: str) -> str | None:
    """Return the name of an area, where the country pack has it."""
    place = load_pack(country).demonstration
    if place is None:
        return None
    area = place.areas.get(code)
    return area.name if area else (place.city if code == place.pcode else None)
