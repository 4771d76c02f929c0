"""The visitor of a page: who they are, for which agency they act, and what they call."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import Depends, Request
from solidary.platform.identity import Claims, Duty, IdentityError, Membership, Principal, principal_of
from solidary.platform.web.runtime import runtime
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse

from console.accounts.sessions.cookies import LANGUAGE_COOKIE, origin, session_cookie
from console.accounts.sessions.keycloak import Keycloak, KeycloakSilent, LoginFailed
from console.accounts.sessions.records import KeptForm, PageSession
from console.accounts.sessions.rules import form_token, is_form_token
from console.accounts.sessions.store import SessionStore, StoredSession
from console.accounts.visitors.calls import Services
from console.interface.forms.form import Form
from console.interface.language.catalogue import LANGUAGES, Translate, mark, preferred, translator
from console.interface.pages.rendering import render

RENEW_SECONDS = 30
"""The time before an access token's end in which it is renewed."""
DESK = frozenset({Duty.FRONT_DESK, Duty.CASE_WORKER})
"""The duties of the front desk's pages."""
CIRCLE = frozenset({Duty.PROTECTION_OFFICER, Duty.DATA_PROTECTION_OFFICER})
"""The duties of the pages of restricted complaints."""
HANDLERS = CIRCLE | {Duty.CASE_WORKER}
"""The duties of the pages of all other complaints."""


class LoginNeeded(Exception):
    """The request has no session, or one that may not act any more."""


class PageLocked(Exception):
    """The session waits for its person's password."""


class AgencyNeeded(Exception):
    """The visitor belongs to several agencies and has not chosen one."""


class FormRefused(Exception):
    """A form that did not come from a page of this session."""


class DutyNeeded(Exception):
    """The visitor has no duty for this page in their agency."""


class MenuItem(NamedTuple):
    """A page of the menu."""

    path: str
    text: str


def language_of(request: Request) -> str:
    """Return the language that the visitor chose, or that their browser prefers."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", ""))


def store_of(request: Request) -> SessionStore:
    """Return the sessions of this process."""
    opened = runtime(request)
    lock = timedelta(minutes=opened.settings.lock_minutes)
    return SessionStore(opened.database, opened.settings.request_secret, lock)


@dataclass
class Visitor:
    """A person who is logged in and acts for an agency."""

    request: Request
    stored: StoredSession
    content: PageSession
    claims: Claims
    principal: Principal
    services: Services
    form: FormData = field(default_factory=FormData)
    """The entries that they sent; empty for a page that is only opened."""

    @property
    def language(self) -> str:
        return language_of(self.request)

    @property
    def country(self) -> str:
        return runtime(self.request).settings.country

    @property
    def translate(self) -> Translate:
        return translator(self.language)

    @property
    def memberships(self) -> list[Membership]:
        return sorted(self.claims.memberships.values(), key=lambda each: each.alias)

    @property
    def key(self) -> str:
        """The key with which a form that is sent twice acts once."""
        return str(self.form.get("key", ""))[:100]

    @property
    def menu(self) -> list[MenuItem]:
        """The pages for the visitor's duties, without dead ends."""
        desk = [
            MenuItem("/queue", mark("Queue of the day")),
            MenuItem("/search", mark("Search")),
            MenuItem("/people", mark("My people")),
            MenuItem("/needs", mark("Needs")),
            MenuItem("/referrals", mark("Sent referrals")),
        ]
        inbox = [MenuItem("/inbox", mark("Inbox"))]
        duties = self.principal.duties
        return [
            MenuItem("/", mark("Start")),
            *(desk if duties & DESK else []),
            *(inbox if Duty.PROVIDER in duties else []),
            *([MenuItem("/centres", mark("Centres"))] if Duty.DIRECTORY_EDITOR in duties else []),
            *([MenuItem("/complaints", mark("Complaints"))] if duties & HANDLERS else []),
            *([MenuItem("/restricted-complaints", mark("Restricted complaints"))] if duties & CIRCLE else []),
        ]

    def agency_name(self, agency: object) -> str:
        """Return the name of an agency by its id."""
        listed = runtime(self.request).settings.agency_names.values()
        names = {str(id_): name for id_, name in listed}
        return names.get(str(agency)) or self.translate(mark("Another agency"))

    def require(self, *duties: Duty) -> None:
        """Raise DutyNeeded unless the visitor has one of these duties."""
        if self.principal.duties.isdisjoint(duties):
            raise DutyNeeded

    def kept(self) -> FormData | None:
        """Return the entries of this page that a session's end kept."""
        kept = self.content.kept
        if kept is None or kept.path != self.request.url.path:
            return None
        entries: list[tuple[str, str | UploadFile]] = [*kept.fields]
        return FormData(entries)

    async def save(self, **values: object) -> None:
        """Set values of the session."""
        changed = await store_of(self.request).update(self.stored.cookie, **values)
        self.content = changed or self.content

    async def page(self, template: str, *, status: int = 200, **content: Any) -> HTMLResponse:
        """Return a page with the frame that every page of a visitor has."""
        notice, kept = self.content.notice, self.content.kept
        is_resumed = kept is not None and kept.path == self.request.url.path
        if notice or is_resumed:
            await self.save(notice="", kept=None if is_resumed else kept)
        return render(
            template,
            self.language,
            self.country,
            status=status,
            visitor=self,
            path=self.request.url.path,
            csrf=form_token(self.stored.cookie),
            key=str(uuid4()),
            notice=notice,
            lock_seconds=runtime(self.request).settings.lock_minutes * 60,
            is_resumed=is_resumed,
            **content,
        )

    async def form_page(self, template: str, form: Form, *, status: int = 0, **content: Any) -> HTMLResponse:
        """Return a page with a form, and with what was entered when a session ended."""
        if not self.form and (kept := self.kept()) is not None:
            form.read(kept)
            form.errors.clear()
        return await self.page(
            template, status=status or (422 if form.is_faulty else 200), form=form, **content
        )

    async def go(self, path: str, notice: str = "") -> RedirectResponse:
        """Lead to another page, which shows a message once."""
        if notice:
            await self.save(notice=notice)
        return RedirectResponse(path, 303)


@dataclass(frozen=True)
class Person:
    """The person who is logged in, whatever agency they act for."""

    stored: StoredSession
    content: PageSession
    claims: Claims
    form: FormData


async def open_person(request: Request) -> Person:
    """Return who sends a request, with a fresh token. Raises LoginNeeded, PageLocked and FormRefused."""
    opened = runtime(request)
    store = store_of(request)
    stored = await store.find(request.cookies.get(session_cookie(opened.settings)))
    if stored is None:
        raise LoginNeeded
    form = await checked_form(request, stored.cookie) if request.method == "POST" else FormData()
    if stored.is_locked and not stored.is_over:
        await keep_form(request, stored.cookie, form)
        raise PageLocked
    content = None if stored.is_over else await _renewed(store, stored, Keycloak(opened.settings))
    if content is None or content.is_locked:
        await keep_form(request, stored.cookie, form)
        raise LoginNeeded
    try:
        claims = await opened.verifier.verify(content.access_token)
    except IdentityError:
        await keep_form(request, stored.cookie, form)
        raise LoginNeeded from None
    return Person(stored, content, claims, form)


async def open_visitor(request: Request) -> Visitor:
    """Return the visitor of a request. Raises LoginNeeded, PageLocked, AgencyNeeded and FormRefused."""
    person = await open_person(request)
    principal = _principal(person.claims, person.content.agency)
    reasons = person.content.drafts.get("reasons", {})
    clients, token = runtime(request).clients, person.content.access_token
    services = Services(clients, token, principal.agency, reasons)
    return Visitor(request, person.stored, person.content, person.claims, principal, services, person.form)


def _principal(claims: Claims, agency: str | None) -> Principal:
    try:
        chosen = agency if agency in claims.memberships else None
        return principal_of(claims, chosen)
    except IdentityError:
        raise AgencyNeeded from None


async def checked_form(request: Request, cookie: str) -> FormData:
    """Return a form of this session's own pages. Raises FormRefused."""
    own = origin(runtime(request).settings)
    sent_from = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    form = await request.form(max_files=0, max_fields=1000)
    if sent_from not in (None, own) or site != "same-origin" or not is_form_token(cookie, form.get("csrf")):
        raise FormRefused
    return form


async def keep_form(request: Request, cookie: str, form: FormData, path: str = "") -> None:
    """Keep what was entered on a page, by default that of the request, for the same person's next login."""
    fields = tuple(
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in ("csrf", "key", "locked-page")
    )
    if fields:
        kept = KeptForm(path=path or request.url.path, fields=fields)
        await store_of(request).update(cookie, kept=kept)


async def _renewed(store: SessionStore, stored: StoredSession, keycloak: Keycloak) -> PageSession | None:
    """Return the session with a token that lasts; a refresh token may be used once, by one request."""
    if stored.content.expires - time.time() > RENEW_SECONDS:
        return stored.content

    async def renew(content: PageSession) -> PageSession:
        if content.is_locked or content.expires - time.time() > RENEW_SECONDS:
            return content
        try:
            grant = await keycloak.renew(content.refresh_token)
        except LoginFailed:
            return content.model_copy(update={"is_locked": True})
        except KeycloakSilent:
            return content
        return content.model_copy(
            update={
                "access_token": grant.access_token,
                "refresh_token": grant.refresh_token,
                "expires": grant.expires,
            }
        )

    return await store.change(stored.cookie, renew)


def login_path(request: Request, factor: str = "") -> str:
    """Return the address of the login that leads back to the page of a request."""
    query = {"next": request.url.path} | ({"factor": factor} if factor else {})
    return f"/login?{urlencode(query)}"


AnyVisitor = Annotated[Visitor, Depends(open_visitor)]


def _with_duty(*duties: Duty) -> Any:
    async def open_with_duty(visitor: AnyVisitor) -> Visitor:
        visitor.require(*duties)
        return visitor

    return Depends(open_with_duty)


Officer = Annotated[Visitor, _with_duty(*DESK)]
"""A visitor of the front desk's pages."""
DirectoryEditor = Annotated[Visitor, _with_duty(Duty.DIRECTORY_EDITOR)]
"""A visitor of the pages that set up centres."""
Provider = Annotated[Visitor, _with_duty(Duty.PROVIDER)]
"""A visitor of the inbox."""
