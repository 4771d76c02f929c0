"""The pages as one application: the start page, and what a visitor sees when something is refused."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from solidary.language.problems import Problem
from solidary.platform.identity import Duty
from solidary.platform.telemetry import NATIVE_OFF
from solidary.platform.web.access import public_forms
from solidary.platform.web.runtime import runtime
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from console.accounts.locks import routes as locks
from console.accounts.logins import routes as logins
from console.accounts.sessions.cookies import session_cookie
from console.accounts.visitors import routes as visitors
from console.accounts.visitors.calls import CodeNeeded, ServiceProblem, SessionRefused
from console.accounts.visitors.visitor import (
    DESK,
    AgencyNeeded,
    DutyNeeded,
    FormRefused,
    LoginNeeded,
    PageLocked,
    keep_form,
    language_of,
    login_path,
    open_visitor,
)
from console.centres.editing import routes as centres
from console.complaints.filing import routes as complaint_filing
from console.complaints.inbox import routes as complaints
from console.desk.consents import routes as consents
from console.desk.corrections import routes as corrections
from console.desk.day.reading import SHOWN, read_day
from console.desk.duplicates import routes as duplicates
from console.desk.guidance import routes as guidance
from console.desk.households import routes as households
from console.desk.lists import routes as lists
from console.desk.needs import routes as needs
from console.desk.people import routes as people
from console.desk.queue import routes as queue
from console.desk.reasons import routes as reasons
from console.desk.referrals import routes as referrals
from console.desk.registration import routes as registration
from console.desk.search import routes as search
from console.interface.language.catalogue import mark
from console.interface.language.problem_words import PROBLEMS, Words, words_of
from console.interface.pages import files
from console.interface.pages.rendering import render
from console.providers.inbox import received
from console.providers.inbox import routes as inbox
from console.public.complaints import routes as public_complaints
from console.public.information import routes as information

router = APIRouter(include_in_schema=False)
ROUTERS = (
    files.router,
    logins.router,
    locks.router,
    visitors.router,
    router,
    lists.router,
    search.router,
    registration.router,
    needs.router,
    guidance.router,
    referrals.router,
    consents.router,
    corrections.router,
    duplicates.router,
    households.router,
    reasons.router,
    people.router,
    inbox.router,
    queue.router,
    centres.router,
    complaint_filing.router,
    complaints.router,
    public_complaints.router,
    information.router,
    received.router,
)


def pages() -> FastAPI:
    """Return the application of the pages."""
    app = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, telemetry=NATIVE_OFF
    )
    for each in ROUTERS:
        app.include_router(each)
    app.state.public_forms = public_forms(route for each in ROUTERS for route in each.routes)
    app.add_exception_handler(LoginNeeded, _lead_to_login)
    app.add_exception_handler(SessionRefused, _lead_to_login)
    app.add_exception_handler(CodeNeeded, _lead_to_login)
    app.add_exception_handler(PageLocked, _lead_to_lock)
    app.add_exception_handler(AgencyNeeded, _ask_for_agency)
    app.add_exception_handler(FormRefused, _refuse_form)
    app.add_exception_handler(DutyNeeded, _refuse_duty)
    app.add_exception_handler(ServiceProblem, _show_problem)
    app.add_exception_handler(Problem, _show_not_found)
    app.add_exception_handler(RequestValidationError, _show_not_found)
    app.add_exception_handler(HTTPException, _show_not_found)
    return app


@router.get("/")
async def show_start(request: Request) -> Response:
    """Show what the visitor may do by their duties, or where to log in."""
    try:
        visitor = await open_visitor(request)
    except LoginNeeded:
        country = runtime(request).settings.country
        return render("welcome.html", language_of(request), country, visitor=None, path="/")
    is_desk = bool(visitor.principal.duties & DESK)
    is_provider = Duty.PROVIDER in visitor.principal.duties
    return await visitor.page(
        "start.html",
        is_desk=is_desk,
        is_provider=is_provider,
        sections=await read_day(visitor) if is_desk else [],
        shown=SHOWN,
        unanswered=(received := await inbox.unanswered(visitor) if is_provider else None),
        received=received,
        has_draft="registration" in visitor.content.drafts,
    )


async def _lead_to_login(request: Request, error: Exception) -> Response:
    """Lead to the login, with a one-time code where a service asks for it, and back to the page and its entries."""
    if request.method == "POST" and not isinstance(error, LoginNeeded):
        cookie = request.cookies.get(session_cookie(runtime(request).settings), "")
        await keep_form(request, cookie, await request.form())
    factor = CodeNeeded.factor if isinstance(error, CodeNeeded) else ""
    return RedirectResponse(login_path(request, factor), 303)


async def _lead_to_lock(request: Request, error: Exception) -> Response:
    """Lead to the lock and back to the page, which has the entries of a form that was sent."""
    return RedirectResponse(locks.locked_path(request.url.path), 303)


async def _ask_for_agency(request: Request, error: Exception) -> Response:
    return RedirectResponse("/agency", 303)


async def _refuse_form(request: Request, error: Exception) -> Response:
    words = Words(
        mark("This form is not from a page of your session"),
        mark("Nothing was changed. Open the page again and enter it anew."),
    )
    return _message(request, 403, words)


async def _refuse_duty(request: Request, error: Exception) -> Response:
    return _message(request, 403, PROBLEMS["duty-missing"])


async def _show_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceProblem)
    return _message(request, error.status, error.words)


async def _show_not_found(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return _message(request, status, words_of("not-found", 404))


def _message(request: Request, status: int, words: Words) -> Response:
    country = runtime(request).settings.country
    return render(
        "message.html",
        language_of(request),
        country,
        status=status,
        title=words.title,
        action=words.action,
        visitor=None,
        path="/",
    )
