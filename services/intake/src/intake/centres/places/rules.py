"""The kinds of centres, the services of their desks, and their hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from enum import StrEnum
from typing import NamedTuple

from solidary.language.codes.code_list import CodeList


class CentreKind(CodeList):
    """A kind of centre."""

    ATTENTION_POINT = (
        "attention_point",
        "Punto de Atención y Orientación (PAO)",
        "Point of Attention and Orientation (PAO)",
    )
    INTEGRHABITAT = "integrhabitat", "Centro IntegrHa-bitat", "IntegrHa-bitat centre"


class DeskService(CodeList):
    """A service at the desks of a centre."""

    ORIENTATION = "orientation", "Orientación e información", "Orientation and information"
    REGISTRATION = "registration", "Registro", "Registration"
    REFERRAL = "referral", "Remisión a otros servicios", "Referral to other services"
    LEGAL_AID = "legal_aid", "Asistencia legal", "Legal aid"
    PSYCHOSOCIAL = "psychosocial", "Apoyo psicosocial", "Psychosocial support"
    PROTECTION = "protection", "Atención de protección", "Protection services"
    CHILDREN_SPACE = "children_space", "Espacio para niñas y niños", "Space for children"
    EMPLOYMENT = "employment", "Orientación laboral", "Employment advice"
    LANGUAGE_CLASSES = "language_classes", "Clases de idioma", "Language classes"
    INTERNET = "internet", "Internet y carga de teléfonos", "Internet and charging of telephones"


class Weekday(StrEnum):
    """A day of the week, as RFC 5545 and HSDS write it."""

    MONDAY = "MO"
    TUESDAY = "TU"
    WEDNESDAY = "WE"
    THURSDAY = "TH"
    FRIDAY = "FR"
    SATURDAY = "SA"
    SUNDAY = "SU"


class Opening(NamedTuple):
    """The hours of some days of the week; a centre that closes at noon has two of them."""

    days: tuple[Weekday, ...]
    opens: time
    closes: time


def is_open_at(openings: Iterable[Opening], local: datetime) -> bool:
    """Return whether a centre with these hours is open at a time of its country."""
    day = list(Weekday)[local.weekday()]
    return any(day in each.days and each.opens <= local.time() < each.closes for each in openings)
