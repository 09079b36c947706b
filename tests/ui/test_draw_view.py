"""Drawing, in a real Chromium, the gateway a stub."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.ui.acts import ONE, THREE, TWO, glyphs, inked, stroke, text_of

pytestmark = pytest.mark.browser


def test_drawing_is_read_after_every_stroke(page: Page) -> None:
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    stroke(page, *TWO)
    expect(glyphs(page)).to_have_count(2)
    assert text_of(page) == "01"


def test_boxes_lie_over_the_ink(page: Page) -> None:
    stroke(page, *ONE)
    stroke(page, *TWO)
    box = page.locator(".draw .overlay li").nth(1)
    expect(box).to_be_visible()
    _expect_around(page, box, TWO)


def test_boxes_follow_the_ink_when_the_window_changes(page: Page) -> None:
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    before = inked(page)
    with page.expect_response(lambda response: "recognitions?wait" in response.url):
        page.set_viewport_size({"width": 700, "height": 860})
    page.wait_for_function("() => document.querySelector('.draw .overlay li') && !document.querySelector('.stale')")
    place = page.evaluate(
        """() => {
            const canvas = document.querySelector(".draw canvas");
            const box = document.querySelector(".draw .overlay li").getBoundingClientRect();
            const sheet = canvas.getBoundingClientRect();
            const { data } = canvas.getContext("2d").getImageData(
                box.x - sheet.x, box.y - sheet.y, box.width + 1, box.height + 1);
            return data.filter((value, i) => i % 4 === 3 && value > 127).length;
        }"""
    )
    assert place == pytest.approx(inked(page), rel=0.02)
    assert place < before


def _expect_around(page: Page, box: Locator, line: tuple[tuple[int, int], tuple[int, int]]) -> None:
    sheet, found = page.locator(".draw canvas").bounding_box(), box.bounding_box()
    assert sheet
    assert found
    assert found["x"] + found["width"] / 2 - sheet["x"] == pytest.approx(line[0][0], abs=4)
    assert found["y"] - sheet["y"] == pytest.approx(line[0][1] - 8, abs=6)
    assert found["y"] + found["height"] - sheet["y"] == pytest.approx(line[1][1] + 8, abs=6)


def test_undo_redo_and_clear(page: Page) -> None:
    stroke(page, *ONE)
    stroke(page, *TWO)
    expect(glyphs(page)).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(glyphs(page)).to_have_count(1)
    page.keyboard.press("Control+Shift+Z")
    expect(glyphs(page)).to_have_count(2)
    page.get_by_role("button", name="Clear").click()
    expect(glyphs(page)).to_have_count(0)
    page.keyboard.press("Control+Z")
    expect(glyphs(page)).to_have_count(2)


def test_a_reload_keeps_the_drawing(page: Page) -> None:
    stroke(page, *ONE)
    stroke(page, *TWO)
    expect(glyphs(page)).to_have_count(2)
    ink = inked(page)
    page.reload()
    expect(glyphs(page)).to_have_count(2)
    assert inked(page) == pytest.approx(ink, rel=0.02)
    page.keyboard.press("Backspace")
    expect(glyphs(page)).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    page.reload()
    expect(page.get_by_role("button", name="Write one for me")).to_be_visible()


def test_backspace_takes_the_last_stroke_back_and_corrects_nothing(page: Page, running: Any) -> None:
    stroke(page, *ONE)
    stroke(page, *TWO)
    expect(glyphs(page)).to_have_count(2)
    page.keyboard.press("Backspace")
    expect(glyphs(page)).to_have_count(1)
    assert running.stub.corrections == []


def test_a_correction_stays_while_one_writes_on(page: Page, running: Any) -> None:
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    page.keyboard.press("7")
    expect(glyphs(page).first).to_have_accessible_name("Digit 1: read as 0, 99.8 %; corrected to 7")
    stroke(page, *TWO)
    expect(glyphs(page)).to_have_count(2)
    expect(glyphs(page).first).to_have_accessible_name("Digit 1: read as 0, 99.8 %; corrected to 7")
    assert len(running.stub.corrections) == 1


def test_a_correction_is_taken_back_after_more_was_written(page: Page, running: Any) -> None:
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    page.keyboard.press("7")
    expect(page.locator(".toast")).to_contain_text("Noted")
    stroke(page, *TWO)
    expect(glyphs(page)).to_have_count(2)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(glyphs(page).first).to_have_accessible_name("Digit 1: read as 0, 99.8 %")
    first = f"{1:032x}"
    assert [(one["recognition_id"], one["label"]) for one in running.stub.corrections] == [(first, 7), (first, 0)]


def test_what_is_said_of_a_digit_later_is_said_of_the_one_that_it_was_first(page: Page, running: Any) -> None:
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    stroke(page, *TWO)
    expect(glyphs(page)).to_have_count(2)
    glyphs(page).first.click()
    page.keyboard.press("7")
    expect(glyphs(page).first.locator("b")).to_have_text("7")
    made = running.stub.corrections[-1]
    assert (made["recognition_id"], made["digit_index"], made["label"]) == (f"{1:032x}", 0, 7)


def test_a_correction_that_is_saved_slowly_is_not_lost_by_writing_on(page: Page) -> None:
    page.route("**/corrections", lambda route: (page.wait_for_timeout(1500), route.continue_()))
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    page.keyboard.press("7")
    stroke(page, *TWO)
    expect(glyphs(page)).to_have_count(2)
    expect(glyphs(page).first).to_have_accessible_name("Digit 1: read as 0, 99.8 %; corrected to 7")


def test_backspace_in_the_middle_of_a_stroke_does_nothing(page: Page) -> None:
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    sheet = page.locator(".draw canvas").bounding_box()
    assert sheet
    page.mouse.move(sheet["x"] + TWO[0][0], sheet["y"] + TWO[0][1])
    page.mouse.down()
    page.keyboard.press("Backspace")
    page.mouse.move(sheet["x"] + TWO[1][0], sheet["y"] + TWO[1][1], steps=5)
    page.mouse.up()
    expect(glyphs(page)).to_have_count(2)


def test_a_drawing_that_cannot_be_kept_leaves_no_older_one(page: Page) -> None:
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('full'); }; }")
    stroke(page, *TWO)
    expect(glyphs(page)).to_have_count(2)
    page.reload()
    expect(page.get_by_role("button", name="Write one for me")).to_be_visible()
    expect(glyphs(page)).to_have_count(0)


def test_a_correction_goes_with_the_digit_that_it_was_made_of(page: Page) -> None:
    stroke(page, *TWO)
    expect(glyphs(page)).to_have_count(1)
    page.keyboard.press("7")
    page.locator(".toolbar").get_by_role("button", name="Undo").click()
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    expect(glyphs(page).first).to_have_accessible_name("Digit 1: read as 0, 99.8 %")


def test_it_says_that_the_first_drawing_is_being_read(page: Page, running: Any) -> None:
    running.stub.delay_s = 2.0
    stroke(page, *ONE)
    expect(page.locator(".reading .waiting")).to_have_text("Reading…")


def test_never_more_than_one_drawing_is_under_way(page: Page, running: Any) -> None:
    running.stub.delay_s = 3.0  # the first takes longer than it takes to draw the others, also on a busy machine
    for index in range(6):
        stroke(page, (80 + 80 * index, 100), (80 + 80 * index, 220))
    running.stub.delay_s = 0.0
    expect(glyphs(page)).to_have_count(6)
    sent = [one for one in running.stub.requests if one["method"] == "POST"]
    assert running.stub.most_in_flight == 1
    assert len(sent) < 6


def test_nothing_changes_while_a_stroke_is_under_way(page: Page, running: Any) -> None:
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    running.stub.delay_s = 0.3
    with page.expect_response(lambda answer: "recognitions?wait" in answer.url):
        stroke(page, *TWO)
        sheet = page.locator(".draw canvas").bounding_box()
        assert sheet
        page.mouse.move(sheet["x"] + THREE[0][0], sheet["y"] + THREE[0][1])
        page.mouse.down()
    page.mouse.move(sheet["x"] + THREE[1][0], sheet["y"] + THREE[1][1], steps=4)
    page.wait_for_timeout(100)
    assert glyphs(page).count() == 1
    page.mouse.up()
    expect(glyphs(page)).to_have_count(3)


def test_answer_to_a_cleared_sheet_is_not_shown(page: Page, running: Any) -> None:
    running.stub.delay_s = 0.4
    stroke(page, *ONE)
    page.get_by_role("button", name="Clear").click()
    page.wait_for_timeout(700)
    expect(glyphs(page)).to_have_count(0)


@pytest.mark.parametrize("pointer", ["pen", "mouse"])
def test_only_a_pens_pressure_makes_the_line_wider(page: Page, pointer: str) -> None:
    lines = []
    for x, force in ((120, 0.2), (400, 0.9)):
        before = inked(page)
        _pointer_stroke(page, pointer, x, force)
        page.wait_for_timeout(100)
        lines.append(inked(page) - before)
    wider = lines[1] > 1.5 * lines[0]
    assert wider == (pointer == "pen")


def _pointer_stroke(page: Page, pointer: str, x: float, force: float) -> None:
    session = page.context.new_cdp_session(page)
    sheet = page.locator(".draw canvas").bounding_box()
    assert sheet
    for kind, y in (
        ("mousePressed", 80),
        *(("mouseMoved", 80 + step * 10) for step in range(15)),
        ("mouseReleased", 220),
    ):
        session.send(
            "Input.dispatchMouseEvent",
            {
                "type": kind,
                "x": sheet["x"] + x,
                "y": sheet["y"] + y,
                "button": "left",
                "buttons": 0 if kind == "mouseReleased" else 1,
                "clickCount": 1,
                "pointerType": pointer,
                "force": force,
            },
        )


def test_finger_draws(browser: Browser, ui: Any, running: Any) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(ui.url)
    sheet = page.locator(".draw canvas").bounding_box()
    assert sheet
    session = context.new_cdp_session(page)
    for kind, y in (("touchStart", 60), *(("touchMove", 60 + 10 * step) for step in range(12)), ("touchEnd", None)):
        points = [] if y is None else [{"x": sheet["x"] + 90, "y": sheet["y"] + y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(glyphs(page)).to_have_count(1)
    assert page.evaluate("scrollY") == 0
    context.close()


def test_picture_of_the_drawing_is_black_on_white_in_the_dark_too(browser: Browser, ui: Any, running: Any) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(ui.url)
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    sent = Image.open(io.BytesIO(running.stub.images[0])).convert("L")
    assert sent.getpixel((2, 2)) == 255
    assert sent.getextrema() == (0, 255)
    context.close()


def test_a_number_is_written_for_whoever_wants_to_see_one(page: Page, running: Any) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name="Write one for me").click()
    expect(page.locator(".draw .hint")).to_be_hidden()
    expect(glyphs(page)).not_to_have_count(0)
    assert inked(page) > 500
    assert running.stub.images
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("button", name="Write one for me")).to_be_visible()


def test_ones_own_pen_ends_what_is_written_for_one(page: Page) -> None:
    page.get_by_role("button", name="Write one for me").click()
    expect(page.locator(".draw .hint")).to_be_hidden()
    stroke(page, *ONE)
    before = inked(page)
    page.wait_for_timeout(500)
    assert inked(page) == before


@pytest.mark.parametrize("act", ["Clear", "Undo"])
def test_a_sheet_that_is_cleared_while_it_is_written_on_stays_so(page: Page, act: str) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    for _ in range(3):
        page.get_by_role("button", name="Write one for me").click()
        expect(page.locator(".draw .hint")).to_be_hidden()
        page.get_by_role("button", name=act, exact=True).click()
        page.wait_for_timeout(100)  # it is painted with the next frame
        before = inked(page)
        page.wait_for_timeout(300)
        assert inked(page) == before
        if before:
            page.get_by_role("button", name="Clear", exact=True).click()
    assert faults == []


def test_what_was_drawn_while_the_gateway_was_away_is_read_when_it_is_back(page: Page, running: Any) -> None:
    expect(page.locator("#connection")).to_have_text("Live")
    running.stop()
    stroke(page, *ONE)
    expect(page.locator(".reading .problem")).to_be_visible()
    expect(page.locator("#connection")).to_contain_text("lost", timeout=15_000)
    running.start()
    expect(glyphs(page)).to_have_count(1, timeout=20_000)
