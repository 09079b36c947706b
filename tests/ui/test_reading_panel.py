"""What was read, and correcting it, in a real Chromium, the gateway a stub."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.ui.acts import choose, glyphs, picture

pytestmark = pytest.mark.browser


def test_confidence_is_told_by_number_and_line_not_only_by_colour(page: Page) -> None:
    choose(page, ("meter.png", "image/png", picture(3)))
    tags = page.locator(".picture .overlay .tag")
    expect(tags).to_have_text([re.compile("0.*99.8"), re.compile("1.*83"), re.compile("2.*55")])
    styles = page.locator(".picture .overlay .box").evaluate_all(
        "boxes => boxes.map(box => getComputedStyle(box).borderTopStyle)"
    )
    assert styles == ["solid", "dashed", "dotted"]


def test_pointing_at_a_box_shows_its_rivals_and_what_the_model_saw(page: Page) -> None:
    choose(page, ("meter.png", "image/png", picture(3)))
    page.locator(".picture .overlay .box").first.hover()
    expect(page.locator(".ranking b")).to_have_text(["0", "1", "2", "3"])
    expect(page.locator(".crop img")).to_have_attribute("src", re.compile(r"/digits/0/image$"))
    expect(page.locator(".timing")).to_contain_text("read in 8.2 ms")
    expect(page.locator(".timing")).to_contain_text("Model 2")


def test_digit_is_corrected_with_a_click(page: Page, running: Any) -> None:
    choose(page, ("meter.png", "image/png", picture(3)))
    page.locator(".picture .overlay .box").nth(1).click()
    page.locator(".keypad").get_by_role("button", name="It is a 7").click()
    expect(glyphs(page).nth(1).locator("b")).to_have_text("7")
    made = running.stub.corrections[-1]
    assert (made["digit_index"], made["label"], made["recognition_id"]) == (1, 7, f"{1:032x}")


def test_digit_is_corrected_with_keys(page: Page, running: Any) -> None:
    choose(page, ("meter.png", "image/png", picture(3)))
    glyphs(page).first.click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("4")
    expect(glyphs(page).nth(1).locator("b")).to_have_text("4")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(glyphs(page).nth(2).locator("b")).to_have_text("×")
    assert [(one["digit_index"], one["label"]) for one in running.stub.corrections] == [(1, 4), (2, None)]


def test_correction_can_be_taken_back(page: Page, running: Any) -> None:
    choose(page, ("meter.png", "image/png", picture(1)))
    page.locator(".keypad").get_by_role("button", name="It is a 7").click()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(glyphs(page).first.locator("b")).to_have_text("0")
    assert [one["label"] for one in running.stub.corrections] == [7, 0]
