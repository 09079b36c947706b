"""The history, in a real Chromium, the gateway a stub."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.ui.acts import glyphs, picture

pytestmark = pytest.mark.browser


def test_history_lists_what_others_had_read(page: Page, running: Any) -> None:
    page.locator("#nav").get_by_text("History").click()
    expect(page.locator(".history-list")).to_contain_text("Nothing here yet")
    recognition = running.stub.recognise(picture(3), "upload")
    running.stub.publish("recognition", json.loads(recognition.model_dump_json()))
    expect(page.locator(".entry")).to_contain_text("012")
    page.locator(".entry").click()
    expect(glyphs(page)).to_have_count(3)


def test_camera_that_says_the_same_again_fills_one_line(page: Page, running: Any) -> None:
    page.locator("#nav").get_by_text("History").click()
    expect(page.locator("#connection")).to_have_text("Live")
    for count in (2, 2, 3, 3, 3):
        said = running.stub.recognise(picture(count), "camera").model_copy(update={"camera": "demo"})
        running.stub.publish("recognition", json.loads(said.model_dump_json()))
    drawn = running.stub.recognise(picture(1), "canvas")
    running.stub.publish("recognition", json.loads(drawn.model_dump_json()))
    expect(page.locator(".entry .text")).to_have_text(["0", "012", "01"])
