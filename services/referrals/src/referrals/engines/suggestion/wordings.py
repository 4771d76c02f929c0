"""The reasons of the parts of a score, in Spanish and English."""

from __future__ import annotations

from solidary.language.codes.wording import Wording

from referrals.engines.eligibility.check import EligibilityResult, EligibilityStatus

REMOTE = Wording("atiende a distancia", "available remotely")
DISTANCE_UNKNOWN = Wording("no se conoce la distancia", "the distance is unknown")
CAPACITY_UNKNOWN = Wording("no se sabe si hay cupo; pregunte", "the capacity is unknown; ask")
WAITING_LIST = Wording("sin cupo, con lista de espera", "full, with a waiting list")
FULL = Wording("sin cupo", "full")
LANGUAGES_UNKNOWN = Wording("no se sabe si hay un idioma común", "a common language is unknown")
COMMON_LANGUAGE = Wording("hay un idioma común", "there is a common language")
NO_COMMON_LANGUAGE = Wording("no hay un idioma común", "there is no common language")
RESPONSE_TIME_UNKNOWN = Wording("no se sabe cuánto tarda en responder", "the response time is unknown")
IN_TIME = Wording("suele responder a tiempo", "usually responds in time")
TOO_LATE = Wording("suele responder tarde para esta urgencia", "usually responds too late for this urgency")
NO_RULE = Wording("el servicio no publica requisitos", "the service publishes no requirements")


def eligibility(result: EligibilityResult) -> Wording:
    """Word a result of eligibility with its reasons."""
    if result.status is EligibilityStatus.ELIGIBLE:
        return Wording("cumple los requisitos", "meets the requirements")
    if result.status is EligibilityStatus.NOT_ELIGIBLE:
        es = "; ".join(each.es for each in result.unmet)
        en = "; ".join(each.en for each in result.unmet)
        return Wording(f"no cumple: {es}", f"does not meet: {en}")
    if not result.missing:
        return NO_RULE
    es = ", ".join(field.wording.es for field in result.missing)
    en = ", ".join(field.wording.en for field in result.missing)
    return Wording(f"falta preguntar: {es}", f"still to ask: {en}")


def distance(km: float) -> Wording:
    """Word a distance in kilometres."""
    return Wording(f"a {km:.1f} km", f"{km:.1f} km away")


def free_places(available: float) -> Wording:
    """Word the number of free places."""
    return Wording(f"cupos libres: {available:g}", f"free places: {available:g}")
