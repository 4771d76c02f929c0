"""An officer receives a family, and a provider closes the loop: in Spanish by mouse, in English by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from console.interface.language.catalogue import translator
from demonstration.place import Place
from playwright.sync_api import Browser
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


def register(visitor: PageVisitor, words: Words, surname: str) -> None:
    """Search, and register a mother and her child."""
    day_words = (words("Day"), words("Month"), words("Year"))
    visitor.press("link", words("Receive somebody"))
    visitor.check("search")
    visitor.write(words("Given names"), "Milagros")
    visitor.write(words("Surnames"), surname)
    visitor.press("button", words("Search"), exact=True)
    visitor.sees(words("Your agency has registered nobody like this."))
    visitor.check("candidates")
    visitor.press("button", words("Register a new person"))
    visitor.check("member")
    visitor.press("button", words("Save and go on"))
    visitor.sees(words("There is a problem"))
    visitor.check("member-faults")
    visitor.tick("radio", words.of(Sex.FEMALE.wording))
    visitor.write_day(words("Day of birth"), day_words, ("27", "3", "1990"))
    visitor.choose(words("Group"), words.of(PopulationGroup.ASYLUM_SEEKER.wording))
    visitor.press("button", words("Save and go on"))
    visitor.press("button", words("Add a person"))
    visitor.write(words("Given names"), "Gabriel")
    visitor.write(words("First surname"), surname)
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


def refer(visitor: PageVisitor, words: Words, surname: str) -> None:
    """Record the child's need and refer it to the school with the mother's consent."""
    visitor.press("link", f"Gabriel {surname}")
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
    visitor.tick("radio", f"Milagros {surname}")
    visitor.tick("checkbox", words("The child was asked and agrees"))
    visitor.tick("checkbox", words("I have read the text to the person, and the person agrees"))
    visitor.press("button", words("Record the consent and send the referral"))
    visitor.sees(words("The referral is sent."))
    visitor.check("person-referred")


def guide(visitor: PageVisitor, words: Words, surname: str) -> None:
    """Explain a pathway to the mother."""
    pathway = Place.of("PA").asylum
    visitor.press("link", f"Milagros {surname}")
    visitor.press("button", words("Give guidance"))
    visitor.check("pathways")
    visitor.page.get_by_text(words.of(pathway.title)).first.click()
    visitor.press("button", words("I explained this"))
    visitor.sees(words.of(pathway.title))
    visitor.check("guidance")


@pytest.mark.parametrize(("language", "has_mouse"), [("es", True), ("en", False)])
def test_officer_receives_a_family_and_the_provider_closes_the_loop(sit_down, language, has_mouse):
    words, surname = words_in(language), f"Zurbarán{''.join(filter(str.isalpha, uuid4().hex))}"
    officer = sit_down("unhcr.front_desk", words, has_mouse=has_mouse)
    register(officer, words, surname)
    refer(officer, words, surname)
    person = officer.page.url
    guide(officer, words, surname)

    provider = sit_down("chorrera.provider", words, has_mouse=has_mouse)
    provider.press("link", words("Referrals that you received"))
    provider.check("inbox")
    provider.page.get_by_role("link", name=SCHOOL).first.click()
    provider.sees(words("You see who the person is after you accept."))
    assert surname not in provider.page.content()
    provider.check("received")
    provider.press("button", words("Accept"), exact=True)
    provider.sees(surname)
    provider.check("accepted")
    provider.press("button", words("Begin the work"))
    provider.press("button", words("Complete"), exact=True)
    provider.tick("radio", words.of(ReferralOutcome.SERVICE_PROVIDED.wording))
    provider.check("complete")
    provider.press("button", words("Complete the referral"))
    provider.sees(words("The referral is completed."))
    assert surname not in provider.page.content()

    officer.page.goto(person)
    officer.sees(words.of(ReferralOutcome.SERVICE_PROVIDED.wording))
    officer.press("link", words("Sent referrals"))
    officer.check("sent")
    officer.press("button", words("Log out"))
    officer.check("welcome")
    officer.page.goto(person)
    assert "/auth/" in officer.page.url


def test_provider_rejects_with_a_reason_that_the_officer_reads(sit_down, scenario_run):
    words, surname = words_in("es"), f"Zurbarán{''.join(filter(str.isalpha, uuid4().hex))}"
    officer = sit_down("unhcr.front_desk", words)
    register(officer, words, surname)
    refer(officer, words, surname)
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
