"""The public pages that only inform. They are the same for everybody, so caches may keep them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from fastapi import APIRouter
from solidary.language.codes.pathways import PathwayKind
from solidary.language.country import CountryPack, Pathway, load_pack
from solidary.language.problems import NotFound
from solidary.platform.web import public
from starlette.responses import Response

from console.interface.language.labels import label
from console.public.frame.page import AnyGuest, Guest

router = APIRouter(include_in_schema=False)


@router.get("/help")
@public
async def show_help(guest: AnyGuest) -> Response:
    """Show what a person without an appointment can do."""
    return guest.cached("help.html")


@router.get("/help/guidance")
@public
async def show_situations(guest: AnyGuest) -> Response:
    """Show the pathways of the country by situation."""
    pack = load_pack(guest.country)
    groups = [
        (
            kind.wording.in_language(guest.language),
            [
                (each.id, each.title.in_language(guest.language), _is_closed(each, _today(pack)))
                for each in pack.pathways_of(kind)
                if not each.repealed
            ],
        )
        for kind in PathwayKind
    ]
    return guest.cached("situations.html", groups=[group for group in groups if group[1]])


@router.get("/help/guidance/{pathway_id}")
@public
async def show_pathway(guest: AnyGuest, pathway_id: str) -> Response:
    """Show a pathway: what it is, its steps and its deadline."""
    pack = load_pack(guest.country)
    pathway = pack.pathways.get(pathway_id)
    if pathway is None or pathway.repealed:
        raise NotFound
    return guest.cached("public_pathway.html", pathway=_shown(guest, pathway, _today(pack)))


@router.get("/help/centres")
@public
async def show_centres(guest: AnyGuest) -> Response:
    """Show the centres with their hours, and which of them are open now."""
    listed = await guest.services.get("intake", "/public/centres")
    areas: dict[str, list[dict[str, Any]]] = {}
    for each in listed["items"]:
        areas.setdefault(label("area", each["area"], guest.language, guest.country), []).append(each)
    return guest.cached("centres.html", areas=areas)


@router.get("/help/privacy")
@public
async def show_privacy(guest: AnyGuest) -> Response:
    """Show what happens to personal data."""
    pack = load_pack(guest.country)
    return guest.cached("privacy.html", keep_months=pack.complaints.keep_months)


def _today(pack: CountryPack) -> date:
    return datetime.now(UTC).astimezone(pack.zone()).date()


def _is_closed(pathway: Pathway, today: date) -> bool:
    return pathway.window is not None and not pathway.window.includes(today)


def _shown(guest: Guest, pathway: Pathway, today: date) -> dict[str, Any]:
    def words(text: Any) -> str:
        return text.in_language(guest.language) if text else ""

    return {
        "title": words(pathway.title),
        "text": words(pathway.guidance),
        "warning": words(pathway.warning),
        "excludes": [words(load_pack(guest.country).pathways[each].title) for each in pathway.excludes],
        "excludes_because": words(pathway.excludes_because),
        "steps": [
            (
                words(step.text),
                [label("document", code, guest.language, guest.country) for code in step.documents],
            )
            for step in pathway.steps
        ],
        "institution": pathway.institution,
        "cost": words(pathway.cost),
        "usual_time": words(pathway.usual_time),
        "deadline": pathway.deadline,
        "is_closed": _is_closed(pathway, today),
        "review": label("review", pathway.review, guest.language, guest.country),
        "sources": [(each.text, each.reviewed) for each in pathway.all_sources],
    }
