"""Cameras, in a real Chromium, the gateway a stub."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.ui.acts import picture

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("first", ["draw", "cameras"])
def test_camera_is_seen_live(page: Page, first: str) -> None:
    page.evaluate("name => { location.hash = `#/${name}`; }", first)
    page.reload()
    page.locator("#nav").get_by_text("Cameras").click()
    card = page.locator(".camera[data-camera=demo]")
    expect(card).to_contain_text("online")
    expect(card).to_contain_text("captured2060")
    expect(card.locator(".text")).to_have_text("4711")
    page.wait_for_function("() => document.querySelector('.camera img').naturalWidth === 320")


def test_boxes_lie_over_a_camera_only_while_its_picture_is_still(page: Page, running: Any) -> None:
    def see(shift: int) -> None:
        read = running.stub.recognise(picture(2), "camera")
        moved = [d.model_copy(update={"box": d.box.model_copy(update={"x": d.box.x + shift})}) for d in read.digits]
        seen = read.model_copy(update={"digits": tuple(moved), "camera": "demo"})
        running.stub.publish("recognition", json.loads(seen.model_dump_json()))

    page.locator("#nav").get_by_text("Cameras").click()
    expect(page.locator("#connection")).to_have_text("Live")
    boxes = page.locator(".camera .overlay li")
    see(0)
    see(1)
    expect(boxes).to_have_count(2)
    see(80)
    expect(boxes).to_have_count(0)
