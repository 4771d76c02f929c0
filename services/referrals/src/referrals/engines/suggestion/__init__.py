"""The engine of suggestions: services ranked for a need, by a score whose parts are explained."""

from referrals.engines.suggestion.facts import Capacity, CodedQuery, Point, RestrictedNeed, ServiceFacts
from referrals.engines.suggestion.rules import WEIGHTS, ScorePart, Suggestion, suggest

__all__ = [
    "WEIGHTS",
    "Capacity",
    "CodedQuery",
    "Point",
    "RestrictedNeed",
    "ScorePart",
    "ServiceFacts",
    "Suggestion",
    "suggest",
]
