"""The deadline and conflict guard: the deadline, conflicts and warnings of each pathway for a person.

The functions are pure: the pathways come from a country pack, the day and the circumstances from the caller.
No result is "not eligible": a deadline that has passed leads to legal aid, and only an authority decides.
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
    """The position of a person before or after a pathway's deadline."""

    NO_DEADLINE = "no_deadline"
    IN_TIME = "in_time"
    LAST_DAYS = "last_days"
    PASSED = "passed"
    ENTRY_UNKNOWN = "entry_unknown"


class Caution(StrEnum):
    """The kind of a warning about a pathway."""

    LATE = "late"
    EXCLUDES = "excludes"
    GIVES_UP_ASYLUM = "gives_up_asylum"
    CONTACT_WITH_ORIGIN = "contact_with_origin"
    NOT_OPEN = "not_open"
    UNVERIFIED = "unverified"


LAST_DAYS_SHARE = 0.25
"""The last quarter of the time, but at least three days, counts as the last days."""

NOT_PROPOSED = frozenset({Caution.EXCLUDES, Caution.CONTACT_WITH_ORIGIN, Caution.NOT_OPEN})
"""A pathway with one of these cautions is not proposed by default."""

LATE = Wording(
    es="El plazo pasó. Eso no significa que no tenga derecho: hable con asistencia legal gratuita.",
    en="The deadline has passed. That does not mean there is no right: speak with free legal aid.",
)
NOT_OPEN = Wording(
    es="Esta vía no recibe solicitudes ahora. La asistencia legal conoce otras.",
    en="This pathway takes no applications now. Legal aid knows of others.",
)
UNVERIFIED = Wording(
    es="Este dato no está verificado. Confírmelo antes de aconsejar.",
    en="This statement is not verified. Confirm it before advising.",
)


@dataclass(frozen=True)
class Circumstances:
    """The circumstances of a person that the guard considers.

    `entered` is the last day of entry, None where it is not known. `pathways` are the ids of pathways begun or
    held. `needs_protection` is True for a person who asked for asylum, may ask for it, or was recognised; None,
    the careful default, is treated like True.
    """

    entered: date | None = None
    pathways: frozenset[str] = frozenset()
    needs_protection: bool | None = None


@dataclass(frozen=True)
class PathwayWarning:
    """A warning to give before the pathway is taken, in words for the person."""

    caution: Caution
    wording: Wording


@dataclass(frozen=True)
class Advice:
    """The advice on one pathway for one person.

    `by_default` is False where the pathway must not be proposed before its warnings were discussed; `legal_aid`
    is True where legal aid comes first. `sources` and `review` are those of the pathway's statements.
    """

    pathway: Pathway
    timing: Timing
    last_day: date | None
    days_left: int | None
    warnings: tuple[PathwayWarning, ...]
    by_default: bool
    legal_aid: bool
    review: ReviewStatus
    sources: tuple[Source, ...]


def advise(pathways: Mapping[str, Pathway], person: Circumstances, today: date) -> tuple[Advice, ...]:
    """Return the advice on every pathway of a country, in its order.

    Raises KeyError where `person.pathways` has an id that is not in `pathways`.
    """
    if unknown := person.pathways - set(pathways):
        raise KeyError(f"There is no pathway {', '.join(sorted(unknown))}.")
    return tuple(_advise(pathway, pathways, person, today) for pathway in pathways.values())


def _advise(pathway: Pathway, pathways: Mapping[str, Pathway], person: Circumstances, today: date) -> Advice:
    timing, last_day = _timing(pathway, person.entered, today)
    warnings = tuple(_warnings(pathway, pathways, person, timing, today))
    cautions = {warning.caution for warning in warnings}
    may_need_protection = person.needs_protection is not False
    is_legal_aid = pathway.kind is PathwayKind.LEGAL_ASSISTANCE
    return Advice(
        pathway=pathway,
        timing=timing,
        last_day=last_day,
        days_left=(last_day - today).days if last_day else None,
        warnings=warnings,
        by_default=not cautions & NOT_PROPOSED
        and not (may_need_protection and Caution.GIVES_UP_ASYLUM in cautions),
        legal_aid=not is_legal_aid
        and bool(cautions - {Caution.UNVERIFIED} or timing is Timing.ENTRY_UNKNOWN),
        review=pathway.review,
        sources=pathway.all_sources,
    )


def _timing(pathway: Pathway, entered: date | None, today: date) -> tuple[Timing, date | None]:
    if pathway.deadline is None:
        return Timing.NO_DEADLINE, None
    if entered is None:
        return Timing.ENTRY_UNKNOWN, None
    last_day = pathway.deadline.last_day(entered)
    days_left = (last_day - today).days
    if days_left < 0:
        return Timing.PASSED, last_day
    last_days = max(3, round((last_day - entered).days * LAST_DAYS_SHARE))
    return (Timing.LAST_DAYS if days_left <= last_days else Timing.IN_TIME), last_day


def _warnings(
    pathway: Pathway, pathways: Mapping[str, Pathway], person: Circumstances, timing: Timing, today: date
) -> Iterable[PathwayWarning]:
    may_need_protection = person.needs_protection is not False
    if timing is Timing.PASSED:
        yield PathwayWarning(Caution.LATE, LATE)
    for other in sorted(person.pathways - {pathway.id}):
        excluding = pathway if other in pathway.excludes else pathways[other]
        if excluding is pathway or pathway.id in excluding.excludes:
            reason = excluding.excludes_because
            assert reason is not None, "the pack gives a reason for every exclusion"
            yield PathwayWarning(Caution.EXCLUDES, _with_title(reason, pathways[other].title))
    if may_need_protection and pathway.kind is not PathwayKind.ASYLUM and pathway.excludes_because:
        for other in pathway.excludes:
            if other not in person.pathways and pathways[other].kind is PathwayKind.ASYLUM:
                yield PathwayWarning(Caution.GIVES_UP_ASYLUM, pathway.excludes_because)
    if may_need_protection and (pathway.consulate or pathway.informs_origin):
        assert pathway.warning is not None, "the pack gives a warning for every contact with the origin"
        yield PathwayWarning(Caution.CONTACT_WITH_ORIGIN, pathway.warning)
    if pathway.repealed or (pathway.window and not pathway.window.includes(today)):
        yield PathwayWarning(Caution.NOT_OPEN, NOT_OPEN)
    if pathway.review is ReviewStatus.UNVERIFIED:
        yield PathwayWarning(Caution.UNVERIFIED, UNVERIFIED)


def _with_title(reason: Wording, title: Wording) -> Wording:
    return Wording(es=f"{reason.es} ({title.es})", en=f"{reason.en} ({title.en})")
