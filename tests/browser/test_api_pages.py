"""The pages of the APIs in a browser: an integrator logs in there and makes a call."""

from __future__ import annotations

from playwright.sync_api import Browser
from stack.one_time_code import one_time_code

from tests.conftest import ScenarioRun

DOCS = "/api/referrals/v1/docs"


def test_integrator_logs_in_on_the_page_of_an_api_and_makes_a_call(
    scenario_run: ScenarioRun, browser: Browser
):
    run = scenario_run.run
    user = run.users["iom.provider"]
    context = browser.new_context()
    context.set_default_timeout(60_000)
    try:
        page = context.new_page()
        page.goto(run.address + DOCS)
        page.get_by_role("button", name="Authorize").first.click()
        login = page.locator(".auth-container", has_text="authorizationCode")
        login.get_by_text("select all").click()
        with context.expect_page() as opened:
            login.locator("button.authorize").click()
        form = opened.value
        form.locator("#username").fill(user.username)
        if not form.locator("#password").is_visible():
            form.keyboard.press("Enter")
        form.locator("#password").fill(user.password)
        form.keyboard.press("Enter")
        form.locator("#otp").fill(one_time_code(user.code_secret))
        form.keyboard.press("Enter")
        login.get_by_text("Logout").wait_for()
        page.locator("button.btn-done").first.click()
        operation = page.locator(".opblock-get", has=page.get_by_text("/directory/services", exact=True))
        operation.first.click()
        operation.get_by_role("button", name="Try it out").click()
        operation.get_by_role("button", name="Execute").click()
        answer = operation.locator(".live-responses-table")
        answer.locator(".response-col_status", has_text="200").wait_for()
        assert "service_id" in answer.inner_text()
    finally:
        context.close()
