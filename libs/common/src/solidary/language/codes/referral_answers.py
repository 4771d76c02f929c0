"""The codes of a receiving agency's answers to a referral: reasons for a rejection, and outcomes."""

from __future__ import annotations

from solidary.language.codes.code_list import CodeList


class RejectionReason(CodeList):
    """A reason for which a receiving agency rejects or ends a referral."""

    NO_CAPACITY = "no_capacity", "Sin cupo", "No capacity"
    NOT_ELIGIBLE = "not_eligible", "No cumple los requisitos", "Not eligible"
    OUTSIDE_AREA = "outside_area", "Fuera del área de atención", "Outside the area served"
    UNREACHABLE = "unreachable", "No se logró el contacto", "Could not be reached"
    PERSON_NOT_FOUND = "person_not_found", "Persona no encontrada", "Person not found"
    IDENTITY_MISMATCH = "identity_mismatch", "La identidad no coincide", "Identity does not match"
    DUPLICATE = "duplicate", "Ya remitida", "Already referred"
    PERSON_DECLINED = "person_declined", "La persona no quiso", "The person declined"
    INSUFFICIENT_INFORMATION = "insufficient_information", "Faltan datos", "Not enough information"
    OTHER = "other", "Otro motivo", "Other reason"


class ReferralOutcome(CodeList):
    """The outcome of a completed referral."""

    SERVICE_PROVIDED = "service_provided", "Servicio prestado", "Service provided"
    PARTIALLY_PROVIDED = "partially_provided", "Prestado en parte", "Partially provided"
    PERSON_NO_SHOW = "person_no_show", "La persona no acudió", "The person did not come"
    PERSON_WITHDREW = "person_withdrew", "La persona desistió", "The person withdrew"
    NOT_NEEDED = "not_needed", "Ya no hacía falta", "No longer needed"
    REFERRED_ONWARD = "referred_onward", "Remitida a otro servicio", "Referred onward"
    NOT_PROVIDED = "not_provided", "No prestado", "Not provided"
