"""What was read, and correcting it, in a real Chromium, the gateway a stub."""

from __future__ import annotations

import re
from typing import Any

import pytest
from digitscribe.contracts import Problem
from playwright.sync_api import Locator, Page, expect

from tests.ui.acts import choose, glyphs, picture

pytestmark = pytest.mark.browser


def newest_toast(page: Page) -> Locator:
    return page.locator(".toast").last


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
    box = page.locator(".picture .overlay .box").nth(1)
    expect(box).to_have_accessible_name("1 83 %, digit 2, corrected to 7")
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


@pytest.fixture
def clipboard(page: Page) -> Page:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page


def test_what_was_read_is_copied_with_a_button(clipboard: Page) -> None:
    choose(clipboard, ("meter.png", "image/png", picture(3)))
    clipboard.get_by_role("button", name="Copy what was read").click()
    expect(newest_toast(clipboard)).to_have_text("Copied: 012")
    assert clipboard.evaluate("navigator.clipboard.readText()") == "012"


def test_what_was_read_is_copied_with_the_copy_key_as_it_was_corrected(clipboard: Page) -> None:
    choose(clipboard, ("meter.png", "image/png", picture(3)))
    glyphs(clipboard).first.click()
    clipboard.keyboard.press("7")
    expect(glyphs(clipboard).first.locator("b")).to_have_text("7")
    clipboard.keyboard.press("Control+c")
    clipboard.wait_for_function("async () => await navigator.clipboard.readText() === '712'")


def test_other_text_that_is_selected_is_copied_as_ever(clipboard: Page) -> None:
    choose(clipboard, ("meter.png", "image/png", picture(3)))
    expect(glyphs(clipboard)).to_have_count(3)
    clipboard.evaluate("getSelection().selectAllChildren(document.querySelector('.results h2'))")
    clipboard.keyboard.press("Control+c")
    clipboard.wait_for_function("async () => await navigator.clipboard.readText() === '1 picture'")


def test_the_copy_button_keeps_the_focus_while_boxes_are_pointed_at(page: Page) -> None:
    choose(page, ("meter.png", "image/png", picture(3)))
    copy = page.get_by_role("button", name="Copy what was read")
    copy.focus()
    page.locator(".picture .overlay .box").first.hover()
    expect(copy).to_be_focused()


def test_where_the_page_is_lent_no_clipboard_a_command_copies_the_reading_whatever_is_selected(clipboard: Page) -> None:
    clipboard.evaluate("window.read = navigator.clipboard.readText.bind(navigator.clipboard)")
    choose(clipboard, ("meter.png", "image/png", picture(3)))
    expect(glyphs(clipboard)).to_have_count(3)
    clipboard.evaluate("navigator.clipboard.writeText = undefined")
    clipboard.evaluate("getSelection().selectAllChildren(document.querySelector('.results h2'))")
    clipboard.get_by_role("button", name="Copy what was read").click()
    expect(newest_toast(clipboard)).to_have_text("Copied: 012")
    clipboard.wait_for_function("async () => await window.read() === '012'")


def test_in_a_dialog_nothing_behind_it_is_copied(clipboard: Page) -> None:
    choose(clipboard, ("meter.png", "image/png", picture(3)))
    expect(glyphs(clipboard)).to_have_count(3)
    clipboard.evaluate("navigator.clipboard.writeText('mine')")
    clipboard.get_by_role("button", name="How it was read").click()
    expect(clipboard.locator("dialog")).to_be_visible()
    clipboard.keyboard.press("Control+c")
    clipboard.keyboard.press("Escape")
    assert clipboard.evaluate("navigator.clipboard.readText()") == "mine"


def test_ten_digits_stand_in_one_row(page: Page) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 860})
        choose(page, ("long.png", "image/png", picture(10)))
        expect(glyphs(page)).to_have_count(10)
        assert len(set(glyphs(page).evaluate_all("all => all.map(each => each.offsetTop)"))) == 1, width
        page.get_by_role("button", name="Clear").click()


def test_correction_can_be_taken_back(page: Page, running: Any) -> None:
    choose(page, ("meter.png", "image/png", picture(1)))
    page.locator(".keypad").get_by_role("button", name="It is a 7").click()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(glyphs(page).first.locator("b")).to_have_text("0")
    expect(newest_toast(page)).to_have_text("Undone: a 0, as it was read.")
    assert [one["label"] for one in running.stub.corrections] == [7, 0]


def test_taking_back_the_second_correction_leaves_the_first(page: Page, running: Any) -> None:
    choose(page, ("meter.png", "image/png", picture(1)))
    for label in "58":
        page.locator(".keypad").get_by_role("button", name=f"It is a {label}").click()
        expect(newest_toast(page)).to_contain_text(f"a {label}")
    newest_toast(page).get_by_role("button", name="Undo").click()
    expect(newest_toast(page)).to_have_text("Undone: a 5 again.")
    expect(glyphs(page).first.locator("b")).to_have_text("5")
    assert [one["label"] for one in running.stub.corrections] == [5, 8, 5]


@pytest.mark.parametrize("elsewhere", [False, True], ids=["in sight", "another picture in sight"])
def test_taking_back_that_is_refused_says_so_and_the_correction_stands(
    page: Page, running: Any, elsewhere: bool
) -> None:
    choose(page, ("one.png", "image/png", picture(1)), ("two.png", "image/png", picture(2)))
    expect(page.locator(".results td.text")).to_have_text(["0", "01"])
    page.locator(".keypad").get_by_role("button", name="It is a 7").click()
    expect(newest_toast(page)).to_contain_text("Noted")
    if elsewhere:
        page.get_by_role("button", name="two.png", exact=True).click()
        expect(glyphs(page)).to_have_count(2)
    running.stub.refuse_with = Problem(type="x", title="Not kept", status=503, detail="The volume is full.")
    newest_toast(page).get_by_role("button", name="Undo").click()
    expect(newest_toast(page)).to_have_text("Not undone. The volume is full.")
    expect(page.locator(".results td.text").first).to_have_text("7")
    page.get_by_role("button", name="one.png", exact=True).click()
    expect(glyphs(page).first.locator("b")).to_have_text("7")


def test_an_answer_that_comes_late_takes_nobody_back_to_its_digit(page: Page) -> None:
    choose(page, ("meter.png", "image/png", picture(3)))
    glyphs(page).first.click()
    page.route("**/corrections", lambda route: (page.wait_for_timeout(600), route.continue_()))
    page.keyboard.press("4")
    page.keyboard.press("ArrowRight")
    expect(newest_toast(page)).to_contain_text("a 4")
    expect(page.locator(".keypad")).to_have_accessible_name("Digit 2 is really…")
