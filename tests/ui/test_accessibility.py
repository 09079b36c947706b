"""What axe finds, and what a person without a mouse, without sight of the screen or with a dislike of motion finds."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ui.acts import ONE, TWO, choose, glyphs, grave_faults, picture, stroke

pytestmark = pytest.mark.browser

VIEWS = ("draw", "upload", "webcam", "history", "cameras", "models", "system")
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_no_serious_fault_in_any_view(
    browser: Browser, ui: Any, running: Any, size: dict[str, int], scheme: Any
) -> None:
    running.stub.recognise(picture(3), "upload")
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    faults = []
    for view in VIEWS:
        page.goto(f"{ui.url}/#/{view}")
        expect(page.locator("#connection")).to_have_text("Live")
        _fill(page, view)
        faults += [f"{view}: {fault}" for fault in grave_faults(page)]
    context.close()
    assert faults == []


def _fill(page: Page, view: str) -> None:
    if view == "draw":
        stroke(page, (60, 60), (60, 160))
        expect(glyphs(page)).to_have_count(1)
    if view == "upload":
        choose(page, ("three.png", "image/png", picture(3)))
        expect(glyphs(page)).to_have_count(3)
        page.locator(".keypad").get_by_role("button", name="It is a 7").click()
        expect(page.locator(".toast")).to_be_visible()
    if view == "history":
        page.locator(".entry").first.click()
        expect(glyphs(page)).to_have_count(3)


def test_picture_is_opened_corrected_and_zoomed_with_the_keyboard_alone(page: Page, running: Any) -> None:
    page.locator("#nav [data-view=upload]").focus()
    page.keyboard.press("Enter")
    sample = page.get_by_role("button", name="A note")
    _tab_to(page, sample)
    page.keyboard.press("Enter")
    expect(glyphs(page).first).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(glyphs(page).nth(1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("9")
    expect(glyphs(page).nth(1).locator("b")).to_have_text("9")
    assert running.stub.corrections[-1]["digit_index"] == 1
    window = page.locator(".zoom-window")
    _tab_to(page, window)
    page.keyboard.press("+")
    expect(page.locator(".zoom-level")).to_have_text("140 %")


def _tab_to(page: Page, target: Any) -> None:
    for _ in range(60):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")


def test_focus_is_always_to_be_seen(page: Page) -> None:
    for _ in range(16):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
                const style = getComputedStyle(document.activeElement);
                const label = document.activeElement.closest("label");
                const outline = (one) => one && getComputedStyle(one).outlineStyle !== "none";
                return document.activeElement === document.body || style.outlineStyle !== "none" || outline(label);
            }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_new_readings_and_corrections_are_spoken(page: Page) -> None:
    spoken = page.locator("#announcer")
    expect(spoken).to_have_attribute("aria-live", "polite")
    stroke(page, *ONE)
    expect(spoken).to_have_text("Read: 0")
    stroke(page, *TWO)
    expect(spoken).to_have_text("Read: 01")
    page.keyboard.press("5")
    expect(spoken).to_have_text("Saved: a 5.")


def test_nothing_moves_for_those_who_want_no_motion(browser: Browser, ui: Any, running: Any) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(ui.url)
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    page.keyboard.press("7")
    expect(page.locator(".toast")).to_be_visible()
    moving = page.evaluate("document.getAnimations().map(({ effect }) => effect.target.className)")
    assert moving == []
    context.close()


def test_view_that_was_gone_to_is_the_title(page: Page) -> None:
    page.locator("#nav [data-view=history]").click()
    expect(page).to_have_title(re.compile("History"))
