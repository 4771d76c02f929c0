"""The deadline and conflict guard: what to tell a person about each route before they take it.

Pure: the routes come from a country pack, the day and the circumstances from the caller. The guard knows no
"not eligible": a deadline that has passed leads to legal aid, and only an authority decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from solidary.language.codes.pathways import PathwayKind
from solidary.language.codes.wording import Wording
from solidary.language.country.pathways import Pathway, ReviewStatus, Source


class Timing(StrEnum):
    """How the person stands to a route's deadline."""

    NO_DEADLINE = "no_deadline"
    IN_TIME = "in_time"
    LAST_DAYS = "last_days"
    PASSED = "passed"
    ENTRY_UNKNOWN = "entry_unknown"


class Caution(StrEnum):
    """Why a route needs a word before it is taken."""

    LATE = "late"
    EXCLUDES = "excludes"
    GIVES_UP_ASYLUM = "gives_up_asylum"
    CONTACT_WITH_ORIGIN = "contact_with_origin"
    NOT_OPEN = "not_open"
    UNVERIFIED = "unverified"


LAST_DAYS_SHARE = 0.25
"""The last quarter of the time, and never less than three days, is called the last days."""

NOT_BY_DEFAULT = frozenset({Caution.EXCLUDES, Caution.CONTACT_WITH_ORIGIN, Caution.NOT_OPEN})

LATE = Wording(
    es="El plazo pasó. Eso no significa que no tenga derecho: hable con asistencia legal gratuita.",
    en="The deadline has passed. That does not mean there is no right: speak with free legal aid.",
)
NOT_OPEN = Wording(
    es="Esta vía no recibe solicitudes ahora. La asistencia legal conoce otras.",
    en="This route takes no applications now. Legal aid knows of others.",
)
UNVERIFIED = Wording(
    es="Este dato no está verificado. Confírmelo antes de aconsejar.",
    en="This statement is not verified. Confirm it before advising.",
)


@dataclass(frozen=True)
class Circumstances:
    """What the guard needs of a person.

    `entered` is the last day of entry, None where it is not known. `on` names routes begun or held.
    `needs_protection` is True for who asked for asylum, may ask for it, or was recognised; None, the
    careful default, is treated like True.
    """

    entered: date | None = None
    on: frozenset[str] = frozenset()
    needs_protection: bool | None = None


@dataclass(frozen=True)
class Warning:
    """One thing to say before the route is taken, in the person's words."""

    caution: Caution
    wording: Wording


@dataclass(frozen=True)
class Advice:
    """One route for one person.

    `by_default` is False where the route must not be proposed before its warnings were talked about;
    `legal_aid` says that legal aid comes first. The statement's sources and review go with it.
    """

    route: Pathway
    timing: Timing
    last_day: date | None
    days_left: int | None
    warnings: tuple[Warning, ...]
    by_default: bool
    legal_aid: bool
    review: ReviewStatus
    sources: tuple[Source, ...]


def advise(routes: Mapping[str, Pathway], person: Circumstances, today: date) -> tuple[Advice, ...]:
    """Advice on every route of a catalogue, in its order.

    Raises KeyError where `person.on` names a route that the catalogue does not have.
    """
    if unknown := person.on - set(routes):
        raise KeyError(f"no such route: {', '.join(sorted(unknown))}")
    return tuple(_advise(route, routes, person, today) for route in routes.values())


def _advise(route: Pathway, routes: Mapping[str, Pathway], person: Circumstances, today: date) -> Advice:
    timing, last_day = _timing(route, person.entered, today)
    warnings = tuple(_warnings(route, routes, person, timing, today))
    cautions = {warning.caution for warning in warnings}
    is_aid = route.kind is PathwayKind.LEGAL_ASSISTANCE
    return Advice(
        route=route,
        timing=timing,
        last_day=last_day,
        days_left=(last_day - today).days if last_day else None,
        warnings=warnings,
        by_default=not cautions & NOT_BY_DEFAULT
        and not (person.needs_protection is not False and Caution.GIVES_UP_ASYLUM in cautions),
        legal_aid=not is_aid and bool(cautions - {Caution.UNVERIFIED} or timing is Timing.ENTRY_UNKNOWN),
        review=route.review,
        sources=route.all_sources,
    )


def _timing(route: Pathway, entered: date | None, today: date) -> tuple[Timing, date | None]:
    if route.deadline is None:
        return Timing.NO_DEADLINE, None
    if entered is None:
        return Timing.ENTRY_UNKNOWN, None
    last_day = route.deadline.last_day(entered)
    left = (last_day - today).days
    if left < 0:
        return Timing.PASSED, last_day
    soon = max(3, round((last_day - entered).days * LAST_DAYS_SHARE))
    return (Timing.LAST_DAYS if left <= soon else Timing.IN_TIME), last_day


def _warnings(
    route: Pathway, routes: Mapping[str, Pathway], person: Circumstances, timing: Timing, today: date
) -> Iterable[Warning]:
    if timing is Timing.PASSED:
        yield Warning(Caution.LATE, LATE)
    for other in sorted(person.on - {route.id}):
        if other in route.excludes or route.id in routes[other].excludes:
            reason = route.excludes_because if other in route.excludes else routes[other].excludes_because
            assert reason is not None, "the pack gives a reason for every exclusion"
            yield Warning(Caution.EXCLUDES, _with_title(reason, routes[other].title))
    if person.needs_protection is not False and route.kind is not PathwayKind.ASYLUM:
        for other in route.excludes:
            if other not in person.on and routes[other].kind is PathwayKind.ASYLUM and route.excludes_because:
                yield Warning(Caution.GIVES_UP_ASYLUM, route.excludes_because)
    if (route.consulate or route.informs_origin) and person.needs_protection is not False:
        assert route.warning is not None, "the pack gives a warning for every contact with the origin"
        yield Warning(Caution.CONTACT_WITH_ORIGIN, route.warning)
    if route.repealed or (route.window and not route.window.includes(today)):
        yield Warning(Caution.NOT_OPEN, NOT_OPEN)
    if route.review is ReviewStatus.UNVERIFIED:
        yield Warning(Caution.UNVERIFIED, UNVERIFIED)


def _with_title(reason: Wording, title: Wording) -> Wording:
    return Wording(es=f"{reason.es} ({title.es})", en=f"{reason.en} ({title.en})")
