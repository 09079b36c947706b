"""Pictures from files, in a real Chromium, the gateway a stub."""

from __future__ import annotations

from typing import Any

import pytest
from digitscribe import contracts as c
from playwright.sync_api import Page, expect

from tests.ui.acts import choose, glyphs, picture, text_of

pytestmark = pytest.mark.browser


def test_uploaded_picture_is_shown_with_its_boxes(page: Page) -> None:
    choose(page, ("meter.png", "image/png", picture(3)))
    expect(page.locator(".picture .overlay li")).to_have_count(3)
    image, box = page.locator(".picture img").bounding_box(), page.locator(".picture .overlay li").nth(2).bounding_box()
    assert image
    assert box
    scale = image["width"] / 600
    assert box["x"] - image["x"] == pytest.approx(300 * scale, abs=4)
    assert box["width"] == pytest.approx(30 * scale, abs=6)
    assert text_of(page) == "012"


def test_several_pictures_are_read_and_looked_at_in_turn(page: Page) -> None:
    choose(page, *((f"sheet{count}.png", "image/png", picture(count)) for count in (1, 2, 3)))
    expect(page.locator(".file")).to_have_count(3)
    page.locator(".file", has_text="sheet2.png").click()
    expect(glyphs(page)).to_have_count(2)
    page.locator(".file", has_text="sheet3.png").click()
    expect(glyphs(page)).to_have_count(3)


def test_format_that_the_browser_cannot_show_is_read_all_the_same(page: Page) -> None:
    choose(page, ("scan.tif", "", picture(2, "TIFF")))
    expect(page.locator(".picture .blank")).to_be_visible()
    expect(glyphs(page)).to_have_count(2)


def test_picture_is_taken_from_the_clipboard_in_any_view(page: Page) -> None:
    page.locator("#nav").get_by_text("History").click()
    page.evaluate(
        """async (bytes) => {
            const carrier = new DataTransfer();
            carrier.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carrier, bubbles: true }));
        }""",
        list(picture(2)),
    )
    expect(page.locator(".picture .overlay li")).to_have_count(2)


def test_dropped_pictures_are_read(page: Page) -> None:
    carrier = page.evaluate_handle(
        """(bytes) => {
            const carrier = new DataTransfer();
            carrier.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
            return carrier;
        }""",
        list(picture(2)),
    )
    page.dispatch_event("main", "dragover", {"dataTransfer": carrier})
    page.dispatch_event("main", "drop", {"dataTransfer": carrier})
    expect(page.locator(".picture .overlay li")).to_have_count(2)


def test_refused_picture_says_what_to_do_and_harms_no_other(page: Page, running: Any) -> None:
    choose(page, ("good.png", "image/png", picture(1)))
    expect(glyphs(page)).to_have_count(1)
    running.stub.refuse_with = c.Problem(title="Image is damaged", status=422, detail="Send the file again.")
    choose(page, ("bad.png", "image/png", picture(1)))
    expect(page.locator(".reading .problem")).to_contain_text("Send the file again.")
    page.locator(".file", has_text="good.png").click()
    expect(glyphs(page)).to_have_count(1)
