"""Which services to try first for a need, and why: a score whose parts are shown."""

from referrals.engines.suggestion.facts import Capacity, CodedQuery, Point, RestrictedNeed, ServiceFacts
from referrals.engines.suggestion.rules import WEIGHTS, Score, Suggestion, suggest

__all__ = [
    "WEIGHTS",
    "Capacity",
    "CodedQuery",
    "Point",
    "RestrictedNeed",
    "Score",
    "ServiceFacts",
    "Suggestion",
    "suggest",
]
