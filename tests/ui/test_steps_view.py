""" "How it was read": the steps of one's own picture, the settings beside them, and one's own style."""

from __future__ import annotations

import json
from typing import Any

import pytest
from digitscribe.contracts import Problem
from digitscribe.vision.profile import Profile
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.ui.acts import ONE, TWO, choose, glyphs, grave_faults, picture, rightmost, stroke
from tests.ui.conftest import RunningStub

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(page: Page) -> Page:
    """The view, open over a picture that was read."""
    choose(page, ("three.png", "image/png", picture()))
    expect(glyphs(page)).to_have_count(3)
    open_steps(page)
    return page


def open_steps(page: Page) -> None:
    page.get_by_role("button", name="How it was read").click()
    expect(steps(page)).to_have_count(3)


def steps(page: Page) -> Locator:
    return page.locator("dialog .steps-list li")


def slide(page: Page, setting: str, value: float) -> None:
    """Move the slider of `setting`."""
    page.locator(f"#setting-{setting}").evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })); }", value
    )


def read_with(page: Page, changes: dict[str, Any]) -> None:
    """Wait until the steps on screen were read with `changes`."""
    expect(steps(page).first).to_contain_text(f"{json.dumps(changes)}.")
    expect(page.locator(".steps-pictures.stale")).to_have_count(0)


def test_each_step_has_its_picture_and_a_sentence(opened: Page) -> None:
    expect(steps(opened).locator("b")).to_have_text(["1. Grey", "2. Ink", "3. What the model saw"])
    opened.wait_for_function("() => document.querySelector('dialog .steps-list img').naturalWidth === 120")
    expect(opened.locator(".steps-head")).to_contain_text("012")


def test_every_setting_has_a_control_with_its_name_and_what_it_does(opened: Page) -> None:
    for name, schema in Profile.model_json_schema()["properties"].items():
        control = opened.locator(f"#setting-{name}")
        expect(control).to_have_accessible_description(schema["description"])
        expect(control).to_have_accessible_name(schema.get("title", "Polarity"))


def test_a_changed_setting_is_read_with_at_once(opened: Page) -> None:
    opened.get_by_role("switch", name="Remove lines").uncheck()
    read_with(opened, {"remove_lines": False})
    slide(opened, "min_height", 0.5)
    read_with(opened, {"remove_lines": False, "min_height": 0.5})
    opened.get_by_role("combobox", name="Polarity").select_option("light_on_dark")
    read_with(opened, {"remove_lines": False, "min_height": 0.5, "polarity": "light_on_dark"})


def test_of_many_changes_only_the_newest_are_read_one_at_a_time(opened: Page, running: RunningStub) -> None:
    running.stub.delay_s = 3.0  # the first takes longer than all the changes, also on a busy machine
    running.stub.most_in_flight = 0
    before = len(running.stub.looks.profiles)
    for number in range(1, 10):
        slide(opened, "min_height", number / 10)
        opened.wait_for_timeout(60)
    running.stub.delay_s = 0.0
    read_with(opened, {"min_height": 0.9})
    assert running.stub.most_in_flight == 1
    assert len(running.stub.looks.profiles) - before < 9


def test_a_setting_goes_back_by_itself_or_with_all(opened: Page) -> None:
    slide(opened, "min_height", 0.5)
    slide(opened, "joining", 0.5)
    read_with(opened, {"min_height": 0.5, "joining": 0.5})
    opened.get_by_role("button", name="Joining: back to 0.12").click()
    read_with(opened, {"min_height": 0.5})
    opened.get_by_role("button", name="Reset", exact=True).click()
    read_with(opened, {})
    expect(opened.locator("#setting-min_height")).to_have_value("0.35")


def test_looks_are_no_readings_of_the_history(opened: Page) -> None:
    slide(opened, "min_height", 0.5)
    read_with(opened, {"min_height": 0.5})
    opened.keyboard.press("Escape")
    opened.locator("#nav").get_by_text("History").click()
    expect(opened.locator(".entry")).to_have_count(1)


def test_a_kept_style_is_sent_with_every_reading_and_shown(opened: Page, running: RunningStub) -> None:
    slide(opened, "min_height", 0.5)
    read_with(opened, {"min_height": 0.5})
    opened.get_by_role("button", name="Keep as my style").click()
    opened.get_by_role("button", name="Close").click()
    expect(opened.locator(".looking")).to_contain_text("Read with min height 0.5.")
    expect(opened.get_by_role("button", name="My style: 1 own setting in use")).to_be_visible()
    opened.locator("#nav").get_by_text("Draw").click()
    stroke(opened, *ONE)
    expect(glyphs(opened)).to_have_count(1)
    assert running.stub.looks.profiles[-1] == {"min_height": 0.5}


def test_a_style_that_is_kept_is_not_read_into_another_picture_that_came_meanwhile(
    opened: Page, running: RunningStub
) -> None:
    slide(opened, "min_height", 0.5)
    read_with(opened, {"min_height": 0.5})
    one = FilePayload(name="one.png", mimeType="image/png", buffer=picture(1))
    opened.locator("#file-input").set_input_files(one)  # as a paste or a drop behind the view
    expect(opened.locator(".results tbody tr")).to_have_count(2)
    opened.get_by_role("button", name="Keep as my style").click()
    opened.get_by_role("button", name="Close").click()
    expect(glyphs(opened)).to_have_count(1)


def test_a_style_outlives_the_page_and_goes_with_a_reset(opened: Page, running: RunningStub) -> None:
    slide(opened, "min_height", 0.5)
    opened.get_by_role("button", name="Keep as my style").click()
    opened.reload()
    opened.get_by_role("button", name="My style").click()
    expect(opened.locator("#setting-min_height")).to_have_value("0.5")
    opened.get_by_role("button", name="Reset", exact=True).click()
    opened.get_by_role("button", name="Read as usual again").click()
    opened.keyboard.press("Escape")
    expect(opened.locator(".style-sign")).to_be_hidden()
    opened.locator("#nav").get_by_text("Draw").click()
    stroke(opened, *TWO)
    expect(glyphs(opened)).to_have_count(1)
    assert running.stub.looks.profiles[-1] == {}


def test_what_this_version_does_not_know_is_dropped_from_a_style(page: Page, running: RunningStub) -> None:
    page.evaluate("""localStorage.setItem("style", '{"min_height": 0.5, "of_yesterday": 1, "joining": 7}')""")
    page.reload()
    expect(page.get_by_role("button", name="My style: 1 own setting in use")).to_be_visible()
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    assert running.stub.looks.profiles[-1] == {"min_height": 0.5}


def test_a_damaged_style_does_not_keep_the_page_from_reading(page: Page) -> None:
    page.evaluate("localStorage.setItem('style', '{broken')")
    page.reload()
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)


def test_the_history_offers_it_after_a_reload_too(opened: Page) -> None:
    opened.keyboard.press("Escape")
    opened.locator("#nav").get_by_text("History").click()
    opened.locator(".entry").first.click()
    open_steps(opened)
    opened.keyboard.press("Escape")
    opened.reload()
    opened.locator(".entry").first.click()
    open_steps(opened)


def test_keys_belong_to_the_dialog_while_it_is_open(opened: Page, running: RunningStub) -> None:
    opened.get_by_role("switch", name="Remove lines").uncheck()
    opened.get_by_role("button", name="Keep as my style").click()
    opened.keyboard.press("5")
    opened.keyboard.press("Escape")
    expect(opened.locator("dialog")).to_have_count(0)
    assert running.stub.corrections == []


def test_keys_alone_suffice(opened: Page) -> None:
    opened.locator("#setting-min_height").focus()
    opened.keyboard.press("ArrowRight")
    expect(opened.locator(".setting.changed")).to_have_count(1)
    opened.keyboard.press("Escape")
    expect(opened.locator("dialog")).to_have_count(0)
    expect(opened.get_by_role("button", name="How it was read")).to_be_focused()


def test_a_reading_that_fails_says_so_beside_the_settings(opened: Page, running: RunningStub) -> None:
    running.stub.refuse_with = Problem(type="x", title="Queue is full", status=503, detail="try again later")
    slide(opened, "min_height", 0.6)
    expect(opened.locator("dialog .problem")).to_contain_text("try again later")


def test_on_a_phone_nothing_is_wider_than_the_screen(opened: Page) -> None:
    opened.set_viewport_size({"width": 360, "height": 740})
    assert rightmost(opened) <= 360
    expect(opened.get_by_role("button", name="Keep as my style")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault_in_it(opened: Page, scheme: str) -> None:
    opened.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    assert grave_faults(opened) == []
