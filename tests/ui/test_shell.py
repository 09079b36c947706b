"""What stays on screen in every view, in a real Chromium, the gateway a stub."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


def test_strip_shows_the_system(page: Page) -> None:
    strip = page.locator("#strip")
    expect(strip).to_contain_text("Live")
    expect(strip).to_contain_text("version 2")
    expect(strip).to_contain_text("0 images")
    expect(strip).to_contain_text("Recognizers1")


def test_lost_connection_shows_and_heals(page: Page, running: Any) -> None:
    expect(page.locator("#connection")).to_have_text("Live")
    running.stop()
    expect(page.locator("#banner")).to_contain_text("make up", timeout=15_000)
    expect(page.locator("#connection")).to_contain_text("lost")
    running.start()
    expect(page.locator("#connection")).to_have_text("Live", timeout=20_000)
    expect(page.locator("#banner")).to_be_hidden()


def test_theme_follows_the_system_until_one_is_chosen(browser: Browser, ui: Any, running: Any) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(ui.url)
    dark = _ground(page)
    page.get_by_role("button", name="Light theme").click()
    light = _ground(page)
    page.reload()
    assert sum(dark) < 200 < 600 < sum(light)
    assert _ground(page) == light
    context.close()


def _ground(page: Page) -> list[int]:
    colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return [int(number) for number in re.findall(r"\d+", colour)]


VIEWS = ("draw", "upload", "webcam", "history", "cameras", "models", "system")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_two_touches_away_on_a_phone(page: Page, view: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    link, more = page.locator(f"#nav [data-view={view}]"), page.get_by_role("button", name="More")
    if not link.is_visible():
        more.click()
    link.click()
    expect(link).to_have_attribute("aria-current", "page")
    expect(more).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_sticks_out_of_the_screen(page: Page, ui: Any, view: str) -> None:
    page.goto(f"{ui.url}/#/{view}")
    expect(page.locator("#nav [aria-current]")).to_have_attribute("data-view", view)
    for width in (360, 390, 768, 900, 1100, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_is_fetched_from_elsewhere(browser: Browser, ui: Any, running: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(ui.url)
    for view in VIEWS:
        page.locator(f"#nav [data-view={view}]").click()
    expect(page.locator("#connection")).to_have_text("Live")
    assert [url for url in asked if not url.startswith((ui.url, "blob:", "data:"))] == []
    context.close()


def test_every_file_of_the_page_is_used(browser: Browser, ui: Any, running: Any) -> None:
    static = Path(__file__).parents[2] / "services/ui/ui/static"
    files = {path.relative_to(static).as_posix() for path in static.rglob("*.*") if path.name != "index.html"}
    context = browser.new_context()
    page = context.new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.removeprefix(ui.url + "/")))
    page.goto(ui.url)
    expect(page.locator("#connection")).to_have_text("Live")
    page.locator("#nav [data-view=upload]").click()
    page.wait_for_function("() => [...document.querySelectorAll('.sample img')].every(image => image.naturalWidth)")
    assert files - asked <= {"favicon.svg", "samples/LICENSE.txt"}
    context.close()


def test_page_that_did_not_arrive_in_full_is_asked_for_again(browser: Browser, ui: Any, running: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    failures = iter([True, True])
    page.route("**/js/upload.js", lambda route: route.abort() if next(failures, False) else route.continue_())
    page.goto(ui.url)
    expect(page.locator("#connection")).to_have_text("Live", timeout=15_000)
    assert next(failures, None) is None
    context.close()


def test_keyboard_reaches_the_page_past_the_navigation(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".draw canvas")).to_be_focused()
