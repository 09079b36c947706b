"""The history, in a real Chromium, the gateway a stub."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from digitscribe import contracts as c
from playwright.sync_api import Locator, Page, expect

from tests.ui.acts import ONE, THREE, TWO, choose, glyphs, grave_faults, picture, stroke

pytestmark = pytest.mark.browser

KEPT = (
    "() => import('./js/archive.js').then(({ inStore }) => inStore('pictures', 'readonly', (store) => store.count()))"
)
"""How many pictures the browser keeps: they are written a moment after the reading is shown."""


def test_history_lists_what_others_had_read(page: Page, running: Any) -> None:
    page.locator("#nav").get_by_text("History").click()
    expect(page.locator(".history-list")).to_contain_text("Nothing here yet")
    recognition = running.stub.recognise(picture(3), "upload")
    running.stub.publish("recognition", json.loads(recognition.model_dump_json()))
    expect(page.locator(".entry")).to_contain_text("012")
    page.locator(".entry").click()
    expect(glyphs(page)).to_have_count(3)


def _open_history(page: Page) -> Locator:
    page.locator("#nav [data-view=history]").click()
    return page.locator(".entry .text")


def test_the_strokes_of_a_drawing_are_one_reading(page: Page) -> None:
    for count, line in enumerate((ONE, TWO, THREE), start=1):
        stroke(page, *line)
        expect(glyphs(page)).to_have_count(count)
    page.get_by_role("button", name="Clear").click()
    page.keyboard.press("Control+z")
    expect(glyphs(page)).to_have_count(3)
    page.reload()
    expect(glyphs(page)).to_have_count(3)
    page.get_by_role("button", name="Clear").click()
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    expect(_open_history(page)).to_have_text(["0", "012"])


def test_a_stage_of_a_drawing_that_was_corrected_stays(page: Page) -> None:
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    page.keyboard.press("7")
    expect(glyphs(page).first).to_have_accessible_name("Digit 1: read as 0, 99.8 %; corrected to 7")
    for count, line in enumerate((TWO, THREE), start=2):
        stroke(page, *line)
        expect(glyphs(page)).to_have_count(count)
    expect(_open_history(page)).to_have_text(["712 (corrected)", "7 (corrected)"])


def test_a_stage_of_a_drawing_that_failed_hides_none_that_was_read(page: Page, running: Any) -> None:
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    (read,) = running.stub.recognitions.values()
    problem = c.Problem(title="Recognizer died", status=500, detail="Send the image again.")
    failure = {"id": "f" * 32, "status": c.RecognitionStatus.FAILED, "error": problem, "digits": (), "text": None}
    running.stub.recognitions["f" * 32] = read.model_copy(update=failure)
    running.stub.kept.append("f" * 32)
    expect(_open_history(page)).to_have_text(["Recognizer died", "0"])


def test_filters_are_the_gateways_to_answer(page: Page, running: Any) -> None:
    for count, source in ((1, "canvas"), (2, "upload"), (3, "upload")):
        running.stub.recognise(picture(count), source)
    texts = _open_history(page)
    expect(texts).to_have_text(["012", "01", "0"])
    page.get_by_label("Uploaded").check()
    expect(texts).to_have_text(["012", "01"])
    page.get_by_label("Least sure").select_option("0.7")
    expect(texts).to_have_text(["012"])
    page.get_by_label("Digits", exact=True).fill("99")
    expect(page.locator(".history-list")).to_contain_text("Nothing like that")
    page.get_by_role("button", name="Show everything").click()
    expect(texts).to_have_text(["012", "01", "0"])


def test_failed_readings_are_found_and_say_why(page: Page, running: Any) -> None:
    good = running.stub.recognise(picture(1), "upload")
    problem = c.Problem(title="Recognizer died", status=500, detail="Send the image again.")
    failure = {"id": "f" * 32, "status": c.RecognitionStatus.FAILED, "error": problem, "digits": (), "text": None}
    running.stub.recognitions["f" * 32] = good.model_copy(update=failure)
    texts = _open_history(page)
    expect(texts).to_have_text(["Recognizer died", "0"])
    page.get_by_label("Failed only").check()
    expect(texts).to_have_text(["Recognizer died"])
    page.locator(".entry").click()
    expect(page.locator(".reading .problem")).to_contain_text("Send the image again.")


def _open_history_of_100(page: Page, running: Any) -> Locator:
    one = running.stub.recognise(picture(1), "upload")
    for number in range(99):
        name = f"{number + 1000:032x}"
        running.stub.recognitions[name] = one.model_copy(update={"id": name})
    texts = _open_history(page)
    expect(texts.first).to_be_visible()
    return texts


def test_older_readings_come_by_scrolling(page: Page, running: Any) -> None:
    texts = _open_history_of_100(page, running)
    for _ in range(10):
        page.mouse.wheel(0, 4000)
        page.wait_for_timeout(100)
        if texts.count() == 100:
            break
    expect(texts).to_have_count(100)
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_older_readings_come_also_while_the_end_stays_in_view(page: Page, running: Any) -> None:
    texts = _open_history_of_100(page, running)
    page.evaluate(
        """() => {
            const toTheEnd = () => scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
            new MutationObserver(toTheEnd).observe(document.querySelector(".history-list"), { childList: true });
            toTheEnd();
        }"""
    )
    expect(texts).to_have_count(100)


def test_of_more_readings_at_once_than_a_page_holds_none_is_lost(page: Page, running: Any) -> None:
    first = running.stub.recognise(picture(1), "upload")
    texts = _open_history(page)
    expect(texts).to_have_count(1)
    for number in range(60):
        name = f"{number + 1000:032x}"
        running.stub.recognitions[name] = first.model_copy(update={"id": name})
    running.stub.publish("recognition", json.loads(first.model_dump_json()))
    for _ in range(8):
        page.mouse.wheel(0, 4000)
        page.wait_for_timeout(100)
    expect(texts).to_have_count(61)


def test_history_follows_while_something_is_read_all_the_time(page: Page, running: Any) -> None:
    one = running.stub.recognise(picture(1), "upload")
    texts = _open_history(page)
    expect(texts).to_have_count(1)
    running.stub.recognise(picture(2), "upload")
    for _ in range(30):
        running.stub.publish("recognition", json.loads(one.model_dump_json()))
        page.wait_for_timeout(100)
        if texts.count() == 2:
            break
    expect(texts).to_have_count(2, timeout=1)


def test_opened_reading_shows_its_digits_where_they_were(page: Page, running: Any) -> None:
    running.stub.recognise(picture(3), "upload")
    _open_history(page).first.click()
    expect(page.locator(".history-picture .overlay li")).to_have_count(3)
    page.wait_for_function(
        """() => {
            const canvas = document.querySelector(".history-picture canvas");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.some((value, i) => i % 4 === 3 && value > 127);
        }"""
    )


def test_correction_is_still_known_after_a_reload(page: Page, running: Any) -> None:
    running.stub.recognise(picture(2), "upload")
    texts = _open_history(page)
    texts.first.click()
    glyphs(page).nth(1).click()
    page.keyboard.press("8")
    expect(texts).to_have_text(re.compile("08"))
    page.reload()
    expect(texts).to_have_text(re.compile("08.*corrected"))
    texts.first.click()
    expect(glyphs(page).nth(1)).to_have_class(re.compile("corrected"))
    page.keyboard.press("x")
    expect(glyphs(page).nth(0).locator("b")).to_have_text("0")


def test_picture_of_an_earlier_visit_is_shown_and_how_it_was_read(page: Page) -> None:
    choose(page, ("three.png", "image/png", picture(3)))
    expect(glyphs(page)).to_have_count(3)
    page.wait_for_function(KEPT)
    page.reload()
    _open_history(page).first.click()
    expect(page.locator(".history-picture img")).to_be_visible()
    page.get_by_role("button", name="How it was read").click()
    expect(page.locator("dialog .steps-list li")).to_have_count(3)


def test_of_a_picture_that_others_sent_its_digits_are_shown(page: Page, running: Any) -> None:
    running.stub.recognise(picture(3), "upload")
    _open_history(page).first.click()
    page.get_by_role("button", name="How it was read").click()
    left = page.locator("dialog .remains")
    expect(left).to_contain_text("this browser has no copy")
    expect(left.locator("li")).to_have_count(3)
    page.wait_for_function("() => document.querySelector('.remains img').naturalWidth === 28")
    assert grave_faults(page) == []
    left.get_by_role("button", name="Look inside digit 2").click()
    expect(page.locator("dialog.inside .evidence canvas")).to_be_visible()


def test_pictures_are_forgotten_when_asked(page: Page) -> None:
    choose(page, ("three.png", "image/png", picture(3)))
    expect(glyphs(page)).to_have_count(3)
    texts = _open_history(page)
    expect(page.locator(".kept")).to_contain_text("keeps 1 picture")
    page.get_by_role("button", name="Forget them").click()
    expect(page.locator(".kept")).to_be_hidden()
    texts.first.click()
    expect(page.locator(".history-picture canvas")).to_be_visible()
