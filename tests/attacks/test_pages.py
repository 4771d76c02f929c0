"""Attacks on the pages: forged forms, planted sessions, links to elsewhere, guessed addresses, scripts in entries."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import psycopg
import pytest
from console.accounts.sessions.cookies import login_cookie, session_cookie, set_cookie
from console.accounts.sessions.rules import session_id
from solidary.platform.identity import Duty
from solidary.platform.settings import Settings
from solidary_testing import eventually
from starlette.responses import Response

from tests.conftest import ScenarioRun

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}"
TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{10,}")
"""The beginning of every access token, refresh token and identity token."""


class PageBrowser:
    """A browser at the front door that follows no redirect by itself."""

    def __init__(self, run) -> None:
        self.run = run
        self.http = httpx.Client(
            base_url=run.address,
            timeout=60,
            headers={"Accept-Language": "en"},
            event_hooks={"response": [self._accept_cookies]},
        )
        self.seen: list[httpx.Response] = []

    def _accept_cookies(self, response: httpx.Response) -> None:
        """Send Keycloak's secure cookies over a loopback address too, as browsers do."""
        self.http.cookies.extract_cookies(response)
        for cookie in self.http.cookies.jar:
            cookie.secure = False

    @property
    def cookie(self) -> str | None:
        return next((each.value for each in self.http.cookies.jar if each.name == "solidary"), None)

    @cookie.setter
    def cookie(self, value: str) -> None:
        self.http.cookies.delete("solidary")
        self.http.cookies.set("solidary", value, domain="127.0.0.1", path="/")

    def get(self, path: str) -> httpx.Response:
        """Open a page."""
        self.seen.append(self.http.get(path))
        return self.seen[-1]

    def post(
        self, path: str, form: dict[str, str], *, page: str | None = None, **headers: str
    ) -> httpx.Response:
        """Send a form, with the hidden entries of the page that it stands on."""
        hidden = self.hidden(page or path)
        self.seen.append(self.http.post(path, data={**hidden, **form}, headers=headers))
        return self.seen[-1]

    def hidden(self, path: str) -> dict[str, str]:
        """Return the token of the forms of a page."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get(path).text)
        return {"csrf": found[1] if found else "", "key": str(uuid4())}

    def to_keycloak(self, path: str = "/login") -> httpx.Response:
        """Begin a login and return Keycloak's page."""
        began = self.http.get(path)
        assert began.status_code == 303, began.text
        return self.http.get(began.headers["location"])

    def log_in(self, username: str, path: str = "/login") -> httpx.Response:
        """Log in with a password and return the last answer, which leads to the next page."""
        page = self.to_keycloak(path)
        user = self.run.users[username]
        while 'name="username"' in page.text or 'name="password"' in page.text:
            action = re.search(r'action="([^"]+)"', page.text)
            assert action, page.text
            form = {"username": user.username, "password": user.password}
            page = self.http.post(html.unescape(action[1]), data=form)
        assert page.status_code == 302, page.text
        self.callback = page.headers["location"]
        answer = self.http.get(self.callback)
        self.seen.append(answer)
        return answer


@pytest.fixture
def sit_down(scenario_run: ScenarioRun) -> Iterator[Callable[..., PageBrowser]]:
    """A function that opens a browser, and logs somebody in."""
    opened = []

    def open_browser(username: str | None = None) -> PageBrowser:
        browser = PageBrowser(scenario_run.run)
        opened.append(browser)
        if username is not None:
            assert browser.log_in(username).status_code == 303
        return browser

    yield open_browser
    for browser in opened:
        browser.http.close()


def register(browser: PageBrowser, **entries: str) -> str:
    """Register one person through the pages, and return the address of their page."""
    found = browser.post("/search", {"given_name": f"Nadie{uuid4().hex[:6]}"})
    search = found.headers["location"]
    begun = browser.post("/registration/begin", {"search_id": search.rpartition("/")[2]}, page=search)
    member = {
        "given_name": "Prudencia",
        "surname": "Vigilante",
        "relation": "head",
        "sex": "female",
        "population_group": "migrant",
        "language": "spa",
        **entries,
    }
    saved = browser.post(begun.headers["location"], member)
    assert saved.status_code == 303, saved.text
    sent = browser.post("/registration", {"area": "PA130701"})
    if sent.status_code != 303:
        area = re.search(r'<option value="(PA\w+)"', sent.text)
        assert area, sent.text
        sent = browser.post("/registration", {"area": area[1]})
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


def number_of_people(scenario_run: ScenarioRun) -> int:
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as admin:
        row = admin.execute("SELECT count(*) FROM data.need").fetchone()
        assert row is not None
        return row[0]


def test_form_of_another_site_changes_nothing(scenario_run, sit_down):
    officer, other = sit_down("unhcr.front_desk"), sit_down("unhcr.case_worker")
    path = register(officer) + "/needs/new"
    need = {"code": "CR-NE", "severity": "low"}
    before = number_of_people(scenario_run)
    for token in ("", "0" * 64, other.hidden("/search")["csrf"]):
        assert officer.http.post(path, data={**need, "csrf": token}).status_code == 403
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert officer.post(path, need, **headers).status_code == 403
    assert (
        officer.http.post(
            path, content=b'{"code":"CR-NE"}', headers={"Content-Type": "text/plain"}
        ).status_code
        == 403
    )
    assert number_of_people(scenario_run) == before
    assert officer.post("/logout", {"csrf": "0" * 64}, page="/search").status_code == 303
    assert officer.get("/search").status_code == 200, "another site has logged the officer out"
    assert officer.post(path, need).status_code == 303


def test_session_of_before_the_login_is_not_that_of_after_it(scenario_run, sit_down):
    attacker = sit_down("iom.front_desk")
    victim = sit_down()
    for planted in ("x" * 43, attacker.cookie):
        victim.cookie = planted
        assert victim.log_in("unhcr.front_desk").status_code == 303
        assert victim.cookie not in (None, planted)
        stranger = sit_down()
        stranger.cookie = planted
        assert stranger.get("/search").headers["location"].startswith("/login")
        victim.http.cookies.clear()


def test_login_of_an_attacker_cannot_be_completed_in_another_browser(sit_down):
    attacker, victim = sit_down(), sit_down()
    attacker.log_in("iom.front_desk")
    for callback in (attacker.callback, "/login/callback?code=x&state=y", "/login/callback"):
        victim.http.get("/login")
        assert victim.get(callback).status_code == 400
        assert victim.cookie is None
    assert sit_down().get(attacker.callback).status_code == 400, "a callback without any login"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "/people\r\nSet-Cookie: a=b",
        "///evil.example",
    ],
)
def test_login_leads_to_a_page_of_this_site_only(sit_down, address):
    path = str(httpx.URL("/login", params={"next": address}))
    answer = sit_down().log_in("unhcr.front_desk", path)
    assert answer.headers["location"] == "/"
    chosen = sit_down().http.post("/language", data={"language": "en", "next": address})
    assert chosen.headers["location"] == "/"


def test_page_of_another_agency_looks_like_one_that_does_not_exist(sit_down):
    owner, stranger = sit_down("unhcr.front_desk"), sit_down("iom.front_desk")
    person = register(owner, surname="Irrepetible")
    assert owner.post(f"{person}/needs/new", {"code": "CR-NE", "severity": "low"}).status_code == 303
    own_page = owner.get(person).text
    need = re.search(r"/needs/([0-9a-f-]{36})/services", own_page)
    assert need
    missing_person = f"/people/{uuid4()}"
    for suffix in (
        "",
        "/needs/new",
        "/guidance",
        "/compare",
        "/correct/names",
        "/correct/statements",
        f"/needs/{need[1]}/services",
        f"/guidance/{uuid4()}",
    ):
        guessed, missing = stranger.get(person + suffix), stranger.get(missing_person + suffix)
        assert guessed.status_code == missing.status_code == 404, suffix
        assert guessed.text == missing.text
        assert "Irrepetible" not in guessed.text
    for suffix, form in (
        ("/needs/new", {"code": "CR-NE", "severity": "low"}),
        ("/guidance", {"pathway": "pa-asylum"}),
        ("/compare", {"decision": "different"}),
        ("/compare/withdrawal", {}),
        ("/correct/names", {"given_name": "Otra"}),
    ):
        assert stranger.post(person + suffix, form, page="/search").status_code == 404
    assert stranger.get(f"/inbox/{uuid4()}").status_code == 403, "a desk officer is no provider"
    provider = sit_down("chorrera.provider")
    assert provider.get(person).status_code == 403
    assert provider.get("/search").status_code == 403
    assert provider.get(f"/inbox/{uuid4()}").status_code == 404


def test_colleague_states_a_reason_before_they_see_needs(scenario_run, tokens, sit_down):
    officer, colleague = sit_down("unhcr.front_desk"), sit_down("unhcr.case_worker")
    person = register(officer)
    assert officer.post(f"{person}/needs/new", {"code": "CR-NE", "severity": "high"}).status_code == 303
    shown = colleague.get(person).text
    assert "/services" not in shown
    assert f'action="{person}/reason"' in shown
    refused = colleague.post(f"{person}/needs/new", {"code": "CR-SE", "severity": "low"})
    assert refused.status_code == 422
    assert "You do not work with this person" in refused.text
    assert colleague.post(f"{person}/reason", {"reason": "curiosity"}, page=person).status_code == 303
    assert "/services" not in colleague.get(person).text, "that is no reason"
    colleague.post(f"{person}/reason", {"reason": "covers_colleague"}, page=person)
    assert "/services" in colleague.get(person).text
    auditor = tokens.of("unhcr", Duty.AUDITOR)
    url = f"{scenario_run.run.services['intake']}/access-log?about={person.rpartition('/')[2]}"
    log = httpx.get(url, headers=auditor, timeout=60).json()["items"]
    assert ("needs_read", "covers_colleague") in {(each["action"], each["reason"]) for each in log}
    assert (
        sit_down("iom.front_desk")
        .post(f"{person}/reason", {"reason": "emergency"}, page="/search")
        .status_code
        == 404
    )


def test_correction_of_an_old_version_changes_nothing(sit_down):
    officer, other = sit_down("unhcr.front_desk"), sit_down("unhcr.front_desk")
    person = register(officer)
    path = f"{person}/correct/names"
    seen = re.search(r'name="version" value="([^"]+)"', officer.get(path).text)
    assert seen
    first = other.post(path, {"given_name": "Primera", "surname": "Vigilante"})
    assert first.status_code == 303
    late = officer.post(path, {"given_name": "Segunda", "version": html.unescape(seen[1])})
    assert late.status_code == 422
    assert "Somebody else has changed this" in late.text
    assert 'value="Segunda"' in late.text, "what was entered is still there"
    shown = officer.get(person).text
    assert "Primera" in shown
    assert "Segunda" not in shown
    for entries in (
        {"given_name": ""},
        {"given_name": "A", "born-day": "31", "born-month": "2", "born-year": "1990"},
    ):
        assert officer.post(path, entries).status_code == 422
    statements = {"sex": "other", "population_group": "nobody", "language": "spa"}
    assert officer.post(f"{person}/correct/statements", statements).status_code == 422
    assert officer.get(f"{person}/correct/everything").status_code == 303


def test_script_in_an_entry_is_shown_as_text(sit_down):
    officer = sit_down("unhcr.case_worker")
    entries = dict.fromkeys(("given_name", "surname", "second_surname", "note"), SCRIPT)
    entries |= {"document_kind": "passport", "document_number": SCRIPT[:100], "phone": SCRIPT[:30]}
    refused = officer.post(
        "/search", {"given_name": SCRIPT, "document": SCRIPT[:39], "telephone": SCRIPT[:39]}
    )
    if refused.status_code == 303:
        officer.get(refused.headers["location"])
    found = officer.post("/search", {"given_name": SCRIPT})
    search = found.headers["location"]
    officer.post("/registration/begin", {"search_id": search.rpartition("/")[2]}, page=search)
    member = {"relation": "head", "sex": "female", "population_group": "migrant", **entries}
    officer.post("/registration/members/1", member)
    officer.get("/registration")
    officer.post("/registration", {"area": "PA130701"})
    officer.post("/registration/discard", {}, page="/registration")
    person = register(officer, given_name=SCRIPT, surname=SCRIPT, second_surname=SCRIPT, note=SCRIPT)
    assert "&lt;script&gt;alert(1)" in officer.get(person).text
    household = re.search(r'"(/households/[^"]+)"', officer.seen[-1].text)
    assert household
    for page in (
        household[1],
        f"{person}/compare",
        f"{person}/correct/names",
        "/people",
        "/people/file",
        "/",
    ):
        officer.get(page)
    for answer in officer.seen:
        if answer.headers.get("content-type", "").startswith("text/csv"):
            assert answer.headers["content-disposition"].startswith("attachment")
            continue
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert "49" not in re.findall(r"`(\d\d)", answer.text)


def test_list_and_its_file_have_the_officers_own_people_and_no_formula(sit_down):
    officer, colleague = sit_down("unhcr.front_desk"), sit_down("unhcr.case_worker")
    surname = f"Irrepetible{uuid4().hex[:6]}"
    person = register(officer, given_name="=HYPERLINK(1)", surname=surname)
    assert officer.post(f"{person}/needs/new", {"code": "CR-NE", "severity": "high"}).status_code == 303
    for path in ("/people", "/needs"):
        assert surname in officer.get(path).text
        saved = officer.get(f"{path}/file?sort=0")
        assert saved.headers["content-type"].startswith("text/csv")
        assert saved.headers["cache-control"] == "no-store"
        assert f"\"'=HYPERLINK(1) {surname}" in saved.text
        for other in (colleague, sit_down("iom.front_desk")):
            assert surname not in other.get(path).text
            assert surname not in other.get(f"{path}/file").text
    assert surname in officer.get("/people?state=nothing&sort=99&after=").text, (
        "what was not offered is no filter"
    )
    assert officer.get("/people?after=nonsense").status_code == 422
    provider = sit_down("chorrera.provider")
    for path in ("/people", "/people/file", "/needs", "/referrals/file"):
        assert provider.get(path).status_code == 403
    assert officer.get("/received/file").status_code == 403


def test_pages_keep_to_their_policy_and_show_no_token(sit_down):
    officer = sit_down("unhcr.front_desk")
    person = register(officer)
    for path in (
        "/",
        "/search",
        "/referrals",
        "/people",
        "/needs?sort=2",
        person,
        f"{person}/needs/new",
        f"{person}/guidance",
        "/nowhere",
    ):
        officer.get(path)
    officer.post("/search", {})
    pages = [each for each in officer.seen if each.headers.get("content-type", "").startswith("text/html")]
    assert len(pages) >= 10
    for page in pages:
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|style=", page.text), page.url
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text)
    for answer in officer.seen:
        assert not TOKEN.search(answer.text + str(answer.headers)), answer.url


def test_cookies_are_for_this_site_and_no_script(scenario_run, sit_down):
    browser = sit_down()
    began = browser.http.get("/login")
    browser.log_in("unhcr.front_desk")
    for answer in (began, browser.seen[-1]):
        for line in answer.headers.get_list("set-cookie"):
            flags = line.lower()
            assert "httponly" in flags
            assert "samesite=lax" in flags
            assert "path=/" in flags
            assert "domain" not in flags
    secure = Settings(
        country="PA", issuer="https://solidary.example/auth/realms/solidary", jwks_url="http://x/"
    )
    for name in (session_cookie(secure), login_cookie(secure)):
        response = Response()
        set_cookie(response, secure, name, "value")
        assert name.startswith("__Host-")
        assert "Secure" in response.headers["set-cookie"]


def leave_the_desk(scenario_run: ScenarioRun, browser: PageBrowser) -> None:
    """Let the time pass after which a page is locked."""
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="console") as admin:
        admin.execute(
            "UPDATE machinery.page_session SET used = now() - interval '11 minutes' WHERE id = %s",
            [session_id(browser.cookie)],
        )


def test_locked_page_opens_with_its_persons_password_only(scenario_run, sit_down):
    officer = sit_down("unhcr.front_desk")
    person = register(officer, surname="Irrepetible")
    hidden = officer.hidden(f"{person}/needs/new")
    locked = officer.http.post("/lock", data={**hidden, "locked-page": person})
    assert locked.headers["location"] == f"/locked?next={person.replace('/', '%2F')}"
    for path in (person, "/", "/people/file", "/account", "/locked", "/inbox"):
        answer = officer.get(path)
        assert "Irrepetible" not in answer.text
        assert answer.status_code == 303 or path in ("/locked", "/"), path
    sent = officer.http.post(f"{person}/needs/new", data={**hidden, "code": "CR-NE", "severity": "low"})
    assert sent.headers["location"].startswith("/locked")
    for login in ("/login", "/login?factor=otp"):
        page = officer.to_keycloak(login)
        assert 'name="password"' in page.text, "the login that was left behind at Keycloak opens nothing"
    leave = officer.cookie
    officer.http.cookies.delete("solidary")
    assert 'name="password"' in officer.to_keycloak().text, "without the cookie neither"
    officer.cookie = leave
    assert officer.log_in("unhcr.front_desk", f"/login?next={person}").headers["location"] == person
    assert "Irrepetible" in officer.get(person).text
    assert 'value="CR-NE" selected' in officer.get(f"{person}/needs/new").text, "its entries are still there"
    assert officer.http.post("/lock", data={"csrf": "0" * 64}).status_code == 403
    elsewhere = officer.http.post("/lock", data={**hidden, **officer.hidden("/"), "locked-page": "//evil"})
    assert elsewhere.headers["location"] == "/locked?next=%2F"


async def test_answer_of_keycloak_without_the_prompt_is_refused(sit_down):
    """Take the prompt out of the address of the login, so that Keycloak answers by its own session."""
    officer = sit_down("unhcr.front_desk")

    async def is_refused() -> bool:
        """Try until the login is older than the clocks of two machines may differ."""
        address = httpx.URL(officer.http.get("/login").headers["location"])
        assert address.params["prompt"] == "login"
        passed = officer.http.get(address.copy_remove_param("prompt"))
        assert passed.status_code == 302, "Keycloak does not ask who it is"
        return officer.http.get(passed.headers["location"]).status_code == 400

    await eventually(is_refused, what="the refusal of an old login")


def test_logout_everywhere_ends_the_sessions_at_all_browsers(sit_down):
    here, there, other = (
        sit_down(name) for name in ("unhcr.case_worker", "unhcr.case_worker", "unhcr.front_desk")
    )
    assert there.get("/search").status_code == 200
    assert here.post("/logout", {"everywhere": "yes"}, page="/account").status_code == 303
    assert there.get("/search").headers["location"].startswith("/login")
    assert 'name="password"' in there.to_keycloak().text
    assert other.get("/search").status_code == 200


def test_entries_of_an_ended_session_are_for_the_same_person_only(scenario_run, sit_down):
    browser = sit_down("unhcr.front_desk")
    hidden = browser.hidden("/search")
    leave_the_desk(scenario_run, browser)
    sent = browser.http.post("/search", data={**hidden, "given_name": "Irrepetible"})
    assert sent.headers["location"] == "/locked?next=%2Fsearch"
    away, login = browser.cookie, "/login?next=%2Fsearch"
    assert browser.get("/search").status_code == 303, "the ended session opens nothing"
    browser.http.cookies.clear()
    browser.cookie = away
    assert browser.log_in("iom.front_desk", login).headers["location"] == "/search"
    assert "Irrepetible" not in browser.get("/search").text

    browser.http.cookies.clear()
    assert browser.log_in("unhcr.front_desk").status_code == 303
    hidden = browser.hidden("/search")
    leave_the_desk(scenario_run, browser)
    browser.http.post("/search", data={**hidden, "given_name": "Irrepetible"})
    assert browser.log_in("unhcr.front_desk", login).headers["location"] == "/search"
    assert 'value="Irrepetible"' in browser.get("/search").text
    assert 'value="Irrepetible"' not in browser.get("/search").text, "it is shown once"


def test_form_that_is_sent_twice_acts_once(sit_down):
    officer = sit_down("unhcr.front_desk")
    path = register(officer)
    hidden = officer.hidden(f"{path}/needs/new")
    for _ in range(2):
        sent = officer.http.post(f"{path}/needs/new", data={**hidden, "code": "CR-NE", "severity": "low"})
        assert sent.status_code == 303, sent.text
    assert officer.get(path).text.count("/services") == 1


async def test_log_of_the_front_door_names_no_person(scenario_run, sit_down):
    officer = sit_down("unhcr.front_desk")
    person = register(officer)
    assert officer.get(f"{person}/guidance").status_code == 200
    log = scenario_run.platform.stack.folder / "logs" / "caddy.log"

    async def is_written() -> bool:
        return '"uri":"/people"' in log.read_text(errors="replace")

    await eventually(is_written, what="a line of a person's page in the log")
    assert person.rpartition("/")[2] not in log.read_text(errors="replace")


def test_nothing_of_a_session_is_left_after_the_logout(scenario_run, sit_down):
    officer = sit_down("unhcr.front_desk")
    person = register(officer, surname="Irrepetible")
    assert officer.get(person).headers["cache-control"] == "no-store"
    stolen = officer.cookie
    officer.post("/logout", {}, page="/search")
    for cookie in (officer.cookie, stolen):
        if cookie:
            officer.cookie = cookie
        answer = officer.get(person)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login")
    assert 'name="username"' in officer.to_keycloak().text, "Keycloak has to ask who it is again"


def test_stored_sessions_hold_no_token_that_a_copy_of_the_database_opens(scenario_run, sit_down):
    officer = sit_down("unhcr.front_desk")
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="console") as admin:
        rows = admin.execute("SELECT id, content FROM machinery.page_session").fetchall()
    assert rows
    assert officer.cookie is not None
    for identifier, content in rows:
        assert officer.cookie.encode() not in identifier + content
        assert b"eyJ" not in content


def test_pages_are_not_beside_the_front_door(scenario_run):
    run = scenario_run.run
    for address in (run.services["console"], run.apis["console"]):
        for path in ("/", "/login", "/search", "/inbox"):
            answer = httpx.get(address + path, headers={"X-Forwarded-Prefix": ""})
            assert answer.status_code == 404, address + path
