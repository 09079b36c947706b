"""A browser that keeps nothing for the page, its storage blocked or full, in a real Chromium, the gateway a stub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.ui.acts import ONE, choose, glyphs, picture, stroke

pytestmark = pytest.mark.browser

FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
BLOCKED = """for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
}"""
TOLD = "This browser keeps nothing for this page"


@pytest.fixture(params=[FULL, BLOCKED], ids=["full", "blocked"])
def context(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A browser that keeps nothing."""
    context = browser.new_context(color_scheme="light", viewport={"width": 1280, "height": 860})
    context.add_init_script(request.param)
    yield context
    context.close()


@pytest.fixture
def forgetful(context: BrowserContext, ui: Any, running: Any) -> Iterator[Page]:
    """The page in it; a script error fails the test."""
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(ui.url)
    expect(page.locator("#connection")).to_have_text("Live", timeout=15_000)
    yield page
    assert faults == []


def test_the_theme_changes_all_the_same_and_the_person_is_told_once(forgetful: Page) -> None:
    for label in ("Dark theme", "Light theme"):
        forgetful.get_by_role("button", name=label).click()
    expect(forgetful.get_by_role("button", name="Dark theme")).to_be_visible()
    expect(forgetful.locator(".toast")).to_have_count(1)
    expect(forgetful.locator(".toast")).to_contain_text(TOLD)


def test_ones_style_holds_until_the_page_is_left(forgetful: Page, running: Any) -> None:
    choose(forgetful, ("one.png", "image/png", picture(1)))
    forgetful.get_by_role("button", name="How it was read").click()
    forgetful.get_by_role("switch", name="Remove lines").uncheck()
    forgetful.get_by_role("button", name="Keep as my style").click()
    expect(forgetful.locator("dialog")).to_contain_text("1 setting of your style")
    expect(forgetful.locator(".toast")).to_have_count(0)  # nobody would see it behind the dialog
    forgetful.get_by_role("button", name="Close").click()
    expect(forgetful.locator(".toast")).to_contain_text(TOLD)
    expect(forgetful.get_by_role("button", name="My style: 1 own setting in use")).to_be_visible()
    forgetful.locator("#nav").get_by_text("Draw").click()
    stroke(forgetful, *ONE)
    expect(glyphs(forgetful)).to_have_count(1)
    assert running.stub.looks.profiles[-1] == {"remove_lines": False}


def test_a_page_that_did_not_arrive_is_asked_for_again_but_not_for_ever(
    context: BrowserContext, ui: Any, running: Any
) -> None:
    page = context.new_page()
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url) if request.is_navigation_request() else None)
    page.route("**/js/upload.js", lambda route: route.abort())
    page.clock.install()  # the pauses between the tries grow to four seconds
    page.goto(ui.url)
    for _ in range(40):
        page.clock.run_for(1000)
        page.wait_for_timeout(50)
    expect(page.locator("#banner")).to_contain_text("A part of the page did not arrive")
    assert len(loads) == 6


def test_pictures_are_forgotten_where_none_outlives_the_page(browser: Browser, ui: Any, running: Any) -> None:
    context = browser.new_context()
    context.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(ui.url)
    choose(page, ("one.png", "image/png", picture(1)))
    expect(glyphs(page)).to_have_count(1)
    page.locator("#nav").get_by_text("History").click()
    page.get_by_role("button", name="Forget them").click()
    expect(page.locator(".toast")).to_contain_text("are forgotten")
    expect(page.locator(".kept")).to_be_hidden()
    context.close()
    assert faults == []
