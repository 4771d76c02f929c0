"""Why a part of a score is what it is, in Spanish and English."""

from __future__ import annotations

from solidary.language.codes.wording import Wording

from referrals.engines.eligibility.answers import Answer, Verdict

REMOTE = Wording("atiende a distancia", "helps at a distance")
DISTANCE_UNKNOWN = Wording("no se sabe a qué distancia está", "the distance is not known")
CAPACITY_UNKNOWN = Wording("no se sabe si hay cupo; pregunte", "capacity is not known; ask")
WAITING_LIST = Wording("sin cupo, con lista de espera", "full, with a waiting list")
FULL = Wording("sin cupo", "full")
LANGUAGES_UNKNOWN = Wording("no se sabe si hay un idioma común", "a common language is not known")
SAME_LANGUAGE = Wording("habla el mismo idioma", "speaks the same language")
NO_LANGUAGE = Wording("no habla el mismo idioma", "does not speak the same language")
ANSWER_UNKNOWN = Wording("no se sabe cuánto tarda en responder", "its time to answer is not known")
IN_TIME = Wording("suele responder a tiempo", "usually answers in time")
TOO_LATE = Wording("suele responder tarde para esta urgencia", "usually answers too late for this urgency")


def fit(eligibility: Answer) -> Wording:
    if eligibility.verdict is Verdict.FITS:
        return Wording("cumple los requisitos", "fits")
    if eligibility.verdict is Verdict.DOES_NOT_FIT:
        es = "; ".join(reason.es for reason in eligibility.because)
        en = "; ".join(reason.en for reason in eligibility.because)
        return Wording(f"no cumple: {es}", f"does not fit: {en}")
    if not eligibility.ask:
        return Wording("el servicio no dice a quién atiende", "the service does not say whom it serves")
    es = ", ".join(field.wording.es for field in eligibility.ask)
    en = ", ".join(field.wording.en for field in eligibility.ask)
    return Wording(f"falta preguntar: {es}", f"still to ask: {en}")


def distance(km: float) -> Wording:
    return Wording(f"a {km:.1f} km", f"{km:.1f} km away")


def places(available: float) -> Wording:
    return Wording(f"cupos libres: {available:g}", f"places free: {available:g}")
