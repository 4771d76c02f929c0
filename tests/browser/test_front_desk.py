"""An officer receives a family, and a provider closes the loop: in Spanish by mouse, in English by keyboard."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from console.interface.language.catalogue import translator
from demonstration.place import Place
from playwright.sync_api import Browser
from solidary.language.codes.languages import Language
from solidary.language.codes.people import PopulationGroup, Sex
from solidary.language.codes.referral_answers import ReferralOutcome, RejectionReason
from solidary.language.codes.specific_needs import load_specific_needs
from solidary.language.codes.wording import Wording

from tests.browser.visitor import PageVisitor
from tests.conftest import ScenarioRun

SCHOOL = "Matrícula de niñas y niños sin documentos"


@dataclass(frozen=True)
class Words:
    """The words of the pages in one language."""

    language: str
    translate: Callable[[str], str]

    def __call__(self, text: str) -> str:
        return self.translate(text)

    def of(self, wording: Wording) -> str:
        return wording.in_language(self.language)


GIVEN_NAMES = ("Milagros", "Rosángela", "Marisela", "Dayana", "Noemí", "Xiomara", "Carolina", "Betsaida")
SURNAMES = (
    "Aguilarte", "Barrios", "Camejo", "Colmenares", "Chirinos", "Dugarte", "Escalona", "Farías", "Galíndez",
    "Izaguirre", "Landaeta", "Marcano", "Navas", "Ochoa", "Palencia", "Quintero", "Requena", "Sulbarán",
    "Tovar", "Urdaneta", "Villasmil", "Yépez", "Zerpa",
)  # fmt: skip


@dataclass(frozen=True)
class Family:
    """A mother and her child with names as people have them, which no earlier run has used together."""

    given: str
    surname: str
    born: tuple[str, str, str]

    @property
    def mother(self) -> str:
        return f"{self.given} {self.surname}"

    @property
    def child(self) -> str:
        return f"Gabriel {self.surname}"


def a_family() -> Family:
    born = (str(random.randint(1, 28)), str(random.randint(1, 12)), str(random.randint(1970, 1999)))
    return Family(random.choice(GIVEN_NAMES), " ".join(random.sample(SURNAMES, 2)), born)


def words_in(language: str) -> Words:
    return Words(language, translator(language))


@pytest.fixture
def sit_down(
    scenario_run: ScenarioRun, browser: Browser, axe: str, pictures: Path | None
) -> Iterator[Callable[..., PageVisitor]]:
    """A function that returns a person who is logged in at a browser of their own."""
    opened = []

    def log_in(username: str, words: Words, *, has_mouse: bool = True) -> PageVisitor:
        locale = {"es": "es-PA", "en": "en-GB"}[words.language]
        context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 800})
        context.set_default_timeout(60_000)
        opened.append(context)
        place = None if pictures is None else pictures / words.language
        visitor = PageVisitor(context.new_page(), scenario_run.run.address, axe, place, has_mouse)
        visitor.log_in(scenario_run.run.users[username], words("Log in"))
        return visitor

    yield log_in
    for context in opened:
        context.close()


def register(visitor: PageVisitor, words: Words, family: Family) -> None:
    """Search, and register a mother and her child."""
    day_words = (words("Day"), words("Month"), words("Year"))
    visitor.press("link", words("Receive somebody"), role="button")
    visitor.check("search")
    visitor.write(words("Given names"), family.given)
    visitor.write(words("Surnames"), family.surname)
    visitor.press("button", words("Search"), exact=True)
    visitor.sees(words("Register a new person"))
    visitor.check("candidates")
    visitor.press("button", words("Register a new person"))
    visitor.check("member")
    visitor.press("button", words("Save and go on"))
    visitor.sees(words("There is a problem"))
    visitor.check("member-faults")
    visitor.tick("radio", words.of(Sex.FEMALE.wording))
    visitor.write_day(words("Day of birth"), day_words, family.born)
    visitor.choose(words("Group"), words.of(PopulationGroup.ASYLUM_SEEKER.wording))
    visitor.press("button", words("Save and go on"))
    visitor.press("button", words("Add a person"))
    visitor.write(words("Given names"), "Gabriel")
    visitor.write(words("First surname"), family.surname)
    visitor.choose(words("Place in the household"), words("Son or daughter"))
    visitor.tick("radio", words.of(Sex.MALE.wording))
    visitor.write_day(words("Day of birth"), day_words, ("5", "6", "2017"))
    visitor.choose(words("Group"), words.of(PopulationGroup.ASYLUM_SEEKER.wording))
    visitor.press("button", words("Save and go on"))
    place = Place.of("PA")
    visitor.choose(words("Area where the household lives"), place.city.areas[place.home].name)
    visitor.check("registration")
    visitor.press("button", words("Register the household"))
    visitor.sees(words("The household is registered."))
    visitor.check("person-new")


def refer(visitor: PageVisitor, words: Words, family: Family) -> None:
    """Record the child's need and refer it to the school with the mother's consent."""
    visitor.press("link", family.child)
    visitor.press("button", words("Record a need"))
    visitor.choose(words("Need"), words.of(load_specific_needs().codes["CR-NE"].wording))
    visitor.check("need")
    visitor.press("button", words("Record the need"))
    visitor.sees(words("The need is recorded."))
    visitor.press("link", words("Find a service"))
    visitor.check("services")
    visitor.press("link", SCHOOL)
    visitor.press("button", words("Record the consent and send the referral"))
    visitor.sees(words("Without the person's consent nothing is sent."))
    visitor.check("refer-faults")
    visitor.tick("radio", family.mother)
    visitor.tick("checkbox", words("The child was asked and agrees"))
    visitor.tick("checkbox", words("I have read the text to the person, and the person agrees"))
    visitor.press("button", words("Record the consent and send the referral"))
    visitor.sees(words("The referral is sent."))
    visitor.check("person-referred")


def guide(visitor: PageVisitor, words: Words, family: Family) -> None:
    """Explain a pathway to the mother."""
    pathway = Place.of("PA").asylum
    visitor.press("link", family.mother)
    visitor.press("button", words("Give guidance"))
    visitor.check("pathways")
    visitor.page.get_by_text(words.of(pathway.title)).first.click()
    visitor.press("button", words("I explained this"))
    visitor.sees(words.of(pathway.title))
    visitor.check("guidance")


def use_lists(officer: PageVisitor, words: Words, family: Family) -> None:
    """Open what the officer has to do and the lists, put one in an order, and save it as a file."""
    officer.press("link", words("Start"), exact=True)
    officer.sees(words("What to do next"))
    officer.check("day")
    officer.press("link", words("My people"))
    officer.sees(family.surname)
    officer.check("people")
    officer.press("link", words("Needs"), exact=True)
    officer.sees(words.of(load_specific_needs().codes["CR-NE"].wording))
    officer.choose(words("Order"), words("Severity"))
    officer.press("button", words("Show"), exact=True)
    officer.check("needs")
    officer.choose(words("State"), words("Closed"))
    officer.press("button", words("Show"), exact=True)
    officer.check("needs-none")
    officer.press("link", words("Sent referrals"))
    officer.check("sent")
    with officer.page.expect_download() as saved:
        officer.page.get_by_role("link", name=words("Save as a file")).click()
    assert words("Answer due") in Path(saved.value.path()).read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(("language", "has_mouse"), [("es", True), ("en", False)])
def test_officer_receives_a_family_and_the_provider_closes_the_loop(sit_down, language, has_mouse):
    words, family = words_in(language), a_family()
    officer = sit_down("unhcr.front_desk", words, has_mouse=has_mouse)
    register(officer, words, family)
    refer(officer, words, family)
    person = officer.page.url
    guide(officer, words, family)

    provider = sit_down("chorrera.provider", words, has_mouse=has_mouse)
    provider.press("link", words("Referrals that you received"))
    provider.check("inbox")
    provider.page.get_by_role("link", name=SCHOOL).first.click()
    provider.sees(words("You see who the person is after you accept."))
    assert family.surname not in provider.page.content()
    provider.check("received")
    provider.press("button", words("Accept"), exact=True)
    provider.sees(family.surname)
    provider.check("accepted")
    provider.press("button", words("Begin the work"))
    provider.press("button", words("Complete"), exact=True)
    provider.tick("radio", words.of(ReferralOutcome.SERVICE_PROVIDED.wording))
    provider.check("complete")
    provider.press("button", words("Complete the referral"))
    provider.sees(words("The referral is completed."))
    assert family.surname not in provider.page.content()

    officer.page.goto(person)
    officer.sees(words.of(ReferralOutcome.SERVICE_PROVIDED.wording))
    use_lists(officer, words, family)
    officer.press("button", words("Log out"))
    officer.check("welcome")
    officer.page.goto(person)
    assert "/auth/" in officer.page.url


def test_provider_rejects_with_a_reason_that_the_officer_reads(sit_down, scenario_run):
    words, family = words_in("es"), a_family()
    officer = sit_down("unhcr.front_desk", words)
    register(officer, words, family)
    refer(officer, words, family)
    provider = sit_down("chorrera.provider", words)
    provider.open("/inbox")
    provider.page.get_by_role("link", name=SCHOOL).first.click()
    provider.press("button", words("Reject"), exact=True)
    provider.press("button", words("Reject the referral"))
    provider.sees(words("Choose the reason."))
    provider.check("reject-faults")
    provider.tick("radio", words.of(RejectionReason.NO_CAPACITY.wording))
    provider.write(words("What should the sender do instead?"), "Pruebe en la escuela de El Coco.")
    provider.press("button", words("Reject the referral"))
    provider.sees(words("The referral is rejected."))
    officer.page.reload()
    officer.sees("Pruebe en la escuela de El Coco.")
    officer.page.get_by_role("link", name=words("Withdraw")).click()
    officer.check("withdraw")
    officer.press("button", words("Withdraw the consent"))
    officer.sees(words("The consent is withdrawn."))


def register_again(scenario_run: ScenarioRun, headers: dict[str, str], family: Family) -> None:
    """Register the mother once more, as a list from elsewhere does: nobody has searched for her first."""
    day, month, year = map(int, family.born)
    first, second = family.surname.split()
    mother = {
        "given_name": family.given,
        "surname": first,
        "second_surname": second,
        "born": date(year, month, day).isoformat(),
        "relation": "head",
        "sex": Sex.FEMALE,
        "population_group": PopulationGroup.ASYLUM_SEEKER,
    }
    body = {"household": {"area": Place.of("PA").home}, "members": [mother]}
    url = f"{scenario_run.run.services['intake']}/registrations/{uuid4()}"
    answer = httpx.put(url, json=body, headers=headers, timeout=60)
    assert answer.status_code == 201, answer.text


def test_registration_that_may_be_a_second_one_is_compared_and_then_corrected(sit_down, scenario_run, tokens):
    words, family = words_in("es"), a_family()
    officer = sit_down("unhcr.case_worker", words)
    register(officer, words, family)
    register_again(scenario_run, tokens.demonstration("unhcr.case_worker"), family)
    officer.open("/people?state=provisional")
    officer.check("people-provisional")
    officer.press("link", family.mother)
    officer.check("person-provisional")
    provisional = officer.page.url
    officer.press("link", words("Compare"), role="button")
    officer.sees(words("Is it the same person?"))
    officer.check("compare")
    officer.press("button", words("Save the decision"))
    officer.sees(words("Choose what you found out."))
    officer.check("compare-faults")
    officer.page.get_by_role("radio").first.check()
    officer.press("button", words("Save the decision"))
    officer.sees(words("Go on with this registration. The other one is marked as the same person."))
    officer.open(urlsplit(provisional).path)
    officer.check("person-same")
    officer.press("button", words("They are not the same person"))
    officer.sees(words("The decision is taken back. Compare again."))
    officer.press("link", words("Compare"), role="button")
    officer.page.get_by_role("radio", name=words("A different person")).check()
    officer.press("button", words("Save the decision"))
    officer.sees(words("The registration is confirmed: it is a different person."))
    officer.press("link", words("Correct names and days"))
    officer.check("correct")
    officer.write(words("Second surname"), "Quiroga")
    officer.press("button", words("Save the correction"))
    officer.sees(f"{family.given} {family.surname.split()[0]} Quiroga")
    officer.press("link", words("Correct sex, group and language"))
    officer.check("correct-statements")
    officer.choose(words("Language"), words.of(Language.ENGLISH.wording))
    officer.press("button", words("Save the correction"))
    officer.sees(words("The correction is saved."))
    officer.press("link", words("Open the household"))
    officer.check("household")
    officer.press("button", words("Save"), exact=True)
    officer.sees(words("The household is changed."))


def test_page_is_locked_and_opens_with_the_password_and_what_was_entered(sit_down, scenario_run):
    words = words_in("es")
    officer = sit_down("unhcr.front_desk", words)
    officer.open("/search")
    officer.write(words("Given names"), "Milagros")
    officer.press("button", words("Lock"), exact=True)
    officer.sees(words("This page is locked"))
    officer.check("locked")
    officer.press("link", words("Unlock with your password"), role="button")
    officer.page.locator("#password").fill(scenario_run.run.users["unhcr.front_desk"].password)
    officer.page.keyboard.press("Enter")
    officer.page.wait_for_url("**/search")
    assert officer.page.get_by_label(words("Given names")).input_value() == "Milagros"
    officer.page.locator('a[href="/account"]').click()
    officer.sees(words("Your account"))
    officer.check("account")
    officer.press("button", words("Log out everywhere"))
    officer.check("welcome-again")


def test_page_that_nobody_uses_locks_itself(sit_down):
    words = words_in("es")
    officer = sit_down("unhcr.front_desk", words)
    officer.page.clock.install()
    officer.open("/search")
    officer.write(words("Given names"), "Milagros")
    with officer.page.expect_navigation(url="**/locked?*"):
        officer.page.clock.fast_forward("11:00")
    officer.sees(words("This page is locked"))


@pytest.mark.parametrize("language", ["es", "en"])
def test_login_page_is_in_our_name_and_language(scenario_run, browser, axe, pictures, language):
    locale = {"es": "es-PA", "en": "en-GB"}[language]
    context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 800})
    place = None if pictures is None else pictures / language
    visitor = PageVisitor(context.new_page(), scenario_run.run.address, axe, place)
    visitor.open("/login")
    assert visitor.page.title() == {"es": "Inicio de sesión – Solidary", "en": "Log in – Solidary"}[language]
    assert visitor.page.locator("#kc-header").inner_text().strip() == "Solidary"
    colour = "element => getComputedStyle(element).backgroundColor"
    assert visitor.page.locator("#kc-header").evaluate(colour) == "rgb(11, 85, 99)"
    visitor.check("login")
    visitor.page.locator("#username").fill("nobody")
    visitor.page.keyboard.press("Enter")
    visitor.page.locator("#password").fill("nothing")
    visitor.page.keyboard.press("Enter")
    wrong = {
        "es": "El usuario o la contraseña no son correctos.",
        "en": "The user or the password is not right.",
    }
    visitor.sees(wrong[language])
    visitor.check("login-wrong")
    context.close()
