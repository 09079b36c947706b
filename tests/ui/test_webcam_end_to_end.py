"""The browser's camera with everything behind it real: frames, gateway, recognizer, model server, shipped model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from camera_worker import demo
from playwright.sync_api import Page, Playwright, expect

from tests.running_system import RunningSystem
from tests.ui.fake_camera import browser_with_camera, write_mjpeg

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIES_STILL = range(24, 42)
"""Frames of the demo clip in which the first sheet, "2047", is not moved."""


@pytest.fixture(scope="module")
def webcam_page(
    playwright: Playwright, system: RunningSystem, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """The page of the whole system, its camera on."""
    film = write_mjpeg(tmp_path_factory.mktemp("film") / "sheet.mjpeg", map(demo.frame, LIES_STILL))
    with browser_with_camera(playwright.chromium, film) as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 860}, permissions=["camera"]).new_page()
        page.goto(f"{system.ui_url}/#/webcam")
        page.get_by_role("button", name="Start the camera").click()
        yield page


def test_number_before_the_camera_becomes_a_steady_reading(webcam_page: Page) -> None:
    expect(webcam_page.locator(".live-panel .line")).to_have_text("2047", timeout=30_000)
    expect(webcam_page.locator(".stage .overlay li")).to_have_count(4)


def test_snapshot_is_a_recognition_like_any_other(webcam_page: Page, system: RunningSystem) -> None:
    expect(webcam_page.locator(".live-panel .line")).to_have_text("2047", timeout=30_000)
    with webcam_page.expect_response(lambda answer: "/v1/recognitions" in answer.url) as answered:
        webcam_page.get_by_role("button", name="Keep a snapshot").click()
    expect(webcam_page.locator(".reading .glyph b")).to_have_text(list("2047"))
    webcam_page.wait_for_function("() => document.querySelector('.crop img')?.naturalWidth === 28")
    assert answered.value.ok
    webcam_page.locator("#nav [data-view=history]").click()
    expect(webcam_page.locator(".entry").first).to_contain_text("Webcam")
