"""The acts that the access log records, the reasons that users state for them, and the comparison of its seals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from solidary.language.codes.code_list import CodeList


class AccessAction(CodeList):
    """An act by which somebody learned or wrote something of a person."""

    SEARCHED = "searched", "búsqueda", "search"
    """The entry about the search itself; each person in its result has an entry of their own."""
    FOUND_IN_SEARCH = "found_in_search", "apareció en una búsqueda", "found in a search"
    FOUND_BY_EXTERNAL_ID = (
        "found_by_external_id",
        "hallada por un identificador de la agencia",
        "found by an identifier of the agency",
    )
    EXTERNAL_IDS_CHANGED = (
        "external_ids_changed",
        "identificadores de la agencia cambiados",
        "identifiers of the agency changed",
    )
    SEARCH_READ = "search_read", "búsqueda leída de nuevo", "a search read again"
    PERSON_REGISTERED = "person_registered", "registro", "registration"
    REGISTRATION_READ = "registration_read", "registro leído", "registration read"
    PERSON_READ = "person_read", "datos personales leídos", "personal data read"
    PEOPLE_LISTED = "people_listed", "apareció en una lista de personas", "shown in a list of people"
    PERSON_STATE_CHANGED = (
        "person_state_changed",
        "estado del registro cambiado",
        "state of the registration changed",
    )
    DUPLICATES_READ = "duplicates_read", "posibles duplicados leídos", "possible duplicates read"
    """A provisional person and those whom they may be, in a list; the reference is the provisional person."""
    DUPLICATE_DECIDED = "duplicate_decided", "decisión sobre un duplicado", "decision on a duplicate"
    IDENTITY_CORRECTED = "identity_corrected", "datos personales corregidos", "personal data corrected"
    PAYOUT_WRITTEN = "payout_written", "forma de cobro escrita", "way of payment written"
    PAYOUT_CONFIRMED = "payout_confirmed", "forma de cobro confirmada", "way of payment confirmed"
    HOUSEHOLD_READ = "household_read", "hogar leído", "household read"
    HOUSEHOLD_CHANGED = "household_changed", "hogar cambiado", "household changed"
    TIMELINE_READ = "timeline_read", "historial leído", "timeline read"
    VISIT_RECORDED = "visit_recorded", "visita anotada", "visit recorded"
    VISIT_READ = "visit_read", "visita leída", "visit read"
    NEED_RECORDED = "need_recorded", "necesidad anotada", "need recorded"
    NEEDS_READ = "needs_read", "necesidades leídas", "needs read"
    NEED_CHANGED = "need_changed", "necesidad cambiada", "need changed"
    RESTRICTED_NEEDS_OPENED = (
        "restricted_needs_opened",
        "necesidades reservadas abiertas",
        "restricted needs opened",
    )
    """Reading and writing alike, without a reference: a reader of the log must not learn that there is such a need."""
    PATHWAYS_READ = "pathways_read", "rutas posibles leídas", "possible pathways read"
    GUIDANCE_GIVEN = "guidance_given", "orientación dada", "guidance given"
    GUIDANCE_READ = "guidance_read", "orientación leída", "guidance read"
    PROCEDURE_OPENED = "procedure_opened", "trámite abierto", "procedure opened"
    PROCEDURES_READ = "procedures_read", "trámites leídos", "procedures read"
    PROCEDURE_CHANGED = "procedure_changed", "trámite cambiado", "procedure changed"
    ASKED_ELSEWHERE = "asked_elsewhere", "pregunta a otras agencias", "question to other agencies"
    """A question about a stranger: the entry is about the question, which holds nothing of the person."""
    QUESTIONS_UNUSUAL = "questions_unusual", "preguntas inusuales", "unusual questions"
    """With this question a colleague's use became unusual."""
    ASSIGNED = "assigned", "persona encargada asignada", "assignment made"
    ASSIGNMENTS_READ = "assignments_read", "personas encargadas leídas", "assignments read"
    ASSIGNMENT_ENDED = "assignment_ended", "encargo terminado", "assignment ended"
    CONSENT_GRANTED = "consent_granted", "consentimiento dado", "consent granted"
    CONSENTS_READ = "consents_read", "consentimientos leídos", "consents read"
    CONSENT_ENDED = "consent_ended", "consentimiento terminado", "consent ended"
    CONSENT_USED = "consent_used", "consentimiento usado", "consent used"
    PREVIEW_FETCHED = (
        "preview_fetched",
        "resumen sin nombre visto por otra agencia",
        "summary without a name seen by another agency",
    )
    PACKAGE_FETCHED = (
        "package_fetched",
        "datos compartidos vistos por otra agencia",
        "shared data seen by another agency",
    )
    PROFILE_FETCHED = (
        "profile_fetched",
        "perfil del hogar visto para la ayuda en efectivo",
        "household profile seen for cash assistance",
    )
    PAYEE_FETCHED = (
        "payee_fetched",
        "datos de cobro usados para un pago",
        "payment details used for a payment",
    )
    COPY_MADE = "copy_made", "copia de los datos hecha", "copy of the data made"
    LEGAL_HOLD_PLACED = "legal_hold_placed", "conservación legal puesta", "legal hold placed"
    LEGAL_HOLDS_READ = "legal_holds_read", "conservaciones legales leídas", "legal holds read"
    LEGAL_HOLD_LIFTED = "legal_hold_lifted", "conservación legal levantada", "legal hold lifted"
    PERSON_ERASED = "person_erased", "datos borrados", "data erased"


class AccessReason(StrEnum):
    """The reason for which somebody who is not assigned to a person needs to know.

    A closed list: it is counted, and free text would put facts about the person into the log.
    """

    PERSON_PRESENT = "person_present"
    REQUEST_OF_PERSON = "request_of_person"
    COVERS_COLLEAGUE = "covers_colleague"
    REFERRAL = "referral"
    EMERGENCY = "emergency"
    SUPERVISION = "supervision"


class SealDifference(StrEnum):
    """A difference between the log, its seals and the seals that were kept outside."""

    BROKEN = "broken"
    """The entries of a seal were changed, added or removed, or the seal itself was."""
    REWRITTEN = "rewritten"
    """The log has another seal of this number than the one that was kept."""
    CUT_OFF = "cut_off"
    """The log has no seal of this number: its end was removed, or an old copy of the database was put back."""


@dataclass(frozen=True)
class Finding:
    """A difference, at the first number of a seal where it shows."""

    difference: SealDifference
    number: int


@dataclass(frozen=True)
class SealedBatch:
    """A seal as the log has it (`entries`, `digest`), and its entries as they were found.

    `digest` is None where entries name a seal that is not there; `computed` is what the seal should be.
    """

    number: int
    entries: int
    digest: bytes | None
    found: int
    computed: bytes


def compare_seals(batches: Sequence[SealedBatch], kept: Mapping[int, Set[str]]) -> list[Finding]:
    """Compare a log, and the seals that were kept of it, and return the first of each difference."""
    numbers = sorted(batch.number for batch in batches)
    gap = next((place for place, number in enumerate(numbers, 1) if place != number), None)
    broken = [
        batch.number for batch in batches if batch.digest != batch.computed or batch.entries != batch.found
    ] + ([gap] if gap else [])
    computed = {batch.number: batch.computed.hex() for batch in batches}
    rewritten = [number for number in kept if number in computed and kept[number] != {computed[number]}]
    cut_off = [number for number in kept if number not in computed]
    found = (
        (SealDifference.BROKEN, broken),
        (SealDifference.REWRITTEN, rewritten),
        (SealDifference.CUT_OFF, cut_off),
    )
    return [Finding(difference, min(places)) for difference, places in found if places]
