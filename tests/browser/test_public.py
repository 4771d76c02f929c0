"""A visitor without a login finds help, complains and follows the complaint; the agency answers, and has a queue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from demonstration.place import Place
from playwright.sync_api import Browser

from tests.browser.test_front_desk import Words, words_in
from tests.browser.visitor import PageVisitor
from tests.conftest import ScenarioRun

MOST_BYTES = 100_000
WEIGHT = """() => performance.getEntries().filter(each => 'encodedBodySize' in each)
    .reduce((sum, each) => sum + each.encodedBodySize, 0)"""
CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}")


@pytest.fixture
def stand(
    scenario_run: ScenarioRun, browser: Browser, axe: str, pictures: Path | None
) -> Iterator[Callable[..., PageVisitor]]:
    """A function that returns somebody at a browser without a login, with or without JavaScript and a mouse."""
    opened = []

    def at(words: Words, *, has_mouse: bool = True, has_script: bool = True) -> PageVisitor:
        locale = {"es": "es-PA", "en": "en-GB"}[words.language]
        context = browser.new_context(
            locale=locale, viewport={"width": 1280, "height": 800}, java_script_enabled=has_script
        )
        context.set_default_timeout(60_000)
        opened.append(context)
        place = None if pictures is None else pictures / words.language
        return PageVisitor(context.new_page(), scenario_run.run.address, axe, place, has_mouse)

    yield at
    for context in opened:
        context.close()


@pytest.mark.parametrize(("language", "has_mouse"), [("es", True), ("en", False)])
def test_visitor_complains_and_follows_the_answer_by_a_code(stand, scenario_run, language, has_mouse):
    words = words_in(language)
    visitor = stand(words, has_mouse=has_mouse)
    visitor.open("/")
    visitor.press("link", words("Help for people who arrive"))
    visitor.check("help")
    visitor.press("link", words("Complaint or suggestion"))
    visitor.check("complaint")
    visitor.press("button", words("Send"))
    visitor.sees(words("There is a problem"))
    visitor.check("complaint-faults")
    centre = next(name for name in visitor.page.locator("option").all_inner_texts() if "(unhcr)" in name)
    visitor.choose(words("Centre"), centre)
    kinds = {"es": "La atención o la espera", "en": "How I was received, or the wait"}
    visitor.tick("radio", kinds[language])
    story = f"Esperé cuatro horas ({language})."
    visitor.write(words("What happened?"), story)
    visitor.press("button", words("Send"))
    visitor.sees(words("The complaint is filed"))
    visitor.check("complaint-receipt")
    found = CODE.search(visitor.page.content())
    assert found

    worker = stand(words, has_mouse=has_mouse)
    worker.log_in(scenario_run.run.users["unhcr.case_worker"], words("Log in"))
    worker.press("link", words("Complaints"), exact=True)
    worker.check("complaints")
    worker.page.get_by_role("link", name=kinds[language]).first.click()
    worker.sees(story)
    worker.press("button", words("Take in hand"))
    worker.sees(words("You took the complaint in hand."))
    worker.check("complaint-in-hand")
    worker.write(words("Answer"), "Desde hoy hay otra ventanilla.")
    worker.press("button", words("Record the answer"))
    worker.sees(words("The answer is recorded."))
    worker.check("complaint-answered")

    visitor.press("link", words("Follow a complaint by its code"))
    visitor.check("status")
    visitor.write(words("Code"), found[0].lower())
    visitor.press("button", words("Show"))
    visitor.sees("Desde hoy hay otra ventanilla.")
    assert story not in visitor.page.content()
    visitor.check("status-answered")
    visitor.write(words("Why are you not satisfied?"), "Sigue igual.")
    visitor.press("button", words("Ask for a new answer"))
    visitor.sees(words("Appealed"))


@pytest.mark.parametrize("language", ["es", "en"])
def test_visitor_without_javascript_reads_what_to_do_and_where_to_go(stand, language):
    words = words_in(language)
    visitor = stand(words, has_script=False)
    visitor.open("/help")
    visitor.press("link", words("What can I do?"))
    visitor.page.locator("main li a").first.click()
    visitor.sees(words("Where"))
    visitor.open("/help/centres")
    visitor.sees("PAO")
    visitor.open("/help/complaint")
    visitor.press("button", words("Send"))
    visitor.sees(words("There is a problem"))
    assert visitor.page.context.cookies() == []


def test_public_pages_are_accessible_and_light(stand):
    visitor = stand(words_in("es"))
    for path in ("/help", "/help/guidance", "/help/guidance/pa-asylum", "/help/centres", "/help/privacy"):
        visitor.open(path)
        visitor.page.wait_for_load_state("networkidle")
        visitor.page.evaluate("document.fonts.ready")
        assert visitor.page.evaluate(WEIGHT) < MOST_BYTES, path
        visitor.check(path.strip("/").replace("/", "-"))


@pytest.mark.parametrize(("language", "has_mouse"), [("es", True), ("en", False)])
def test_desk_gives_numbers_and_calls_the_next(stand, scenario_run, language, has_mouse):
    words = words_in(language)
    desk = stand(words, has_mouse=has_mouse)
    desk.log_in(scenario_run.run.users["unhcr.front_desk"], words("Log in"))
    desk.press("link", words("Queue of the day"))
    centre = desk.page.get_by_role("link", name=f"PAO {Place.of('PA').city.city} (unhcr)").first
    if centre.is_visible():  # other tests have added centres to the agency
        centre.click()
    desk.sees(words("Give the next number"))
    desk.check("queue")
    desk.press("button", words("Give the next number"))
    desk.sees(words("Show or print this number for the person"))
    desk.check("queue-number")
    desk.press("link", words("Back to the queue"))
    desk.press("button", words("Call the next one"))
    desk.sees(words("The number is called."))
    desk.check("queue-called")
    desk.press("button", words("Visit ended"))
    desk.sees(words("The visit has ended."))


@pytest.mark.parametrize(("language", "has_mouse"), [("es", True), ("en", False)])
def test_directory_editor_sets_up_a_centre_that_visitors_find(stand, scenario_run, language, has_mouse):
    words = words_in(language)
    editor = stand(words, has_mouse=has_mouse)
    editor.log_in(scenario_run.run.users["unhcr.directory_editor"], words("Log in"))
    editor.press("link", words("Centres"), exact=True)
    editor.check("own-centres")
    editor.press("link", words("Add a centre"), role="button")
    editor.check("centre-form")
    editor.press("button", words("Save"))
    editor.sees(words("There is a problem"))
    name = f"Centro {uuid4().hex[:6]}"
    editor.write(words("Name of the centre"), name)
    editor.write(words("Short code"), f"centro_{uuid4().hex[:6]}")
    place = Place.of("PA")
    editor.choose(words("Area of the centre"), place.city.areas[place.home].name)
    editor.write(words("Address"), "Calle 2")
    editor.page.locator("input[name=days0]").first.check()
    editor.page.locator("#opens0").fill("08:00")
    editor.page.locator("#closes0").fill("16:00")
    editor.press("button", words("Save"))
    editor.sees(words("The centre is saved."))
    editor.page.get_by_role("link", name=name).click()
    assert editor.page.locator("#opens0").input_value() == "08:00"
    visitor = stand(words)
    visitor.open("/help/centres")
    visitor.sees(name)
