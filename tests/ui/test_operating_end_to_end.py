"""Cameras and System with everything behind the page real: a camera that is added reads, and the hour shows it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running_system import RunningSystem

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE_MS = 60_000
ID = re.compile("^[0-9a-f]{32}$")


@pytest.fixture
def watched(system: RunningSystem) -> Iterator[RunningSystem]:
    """The running system with a camera worker."""
    env = {**os.environ, **system.env, "DIGITSCRIBE_CAMERA_NAME": "desk"}
    with system.log("cameras").open("ab") as log:
        worker = subprocess.Popen([sys.executable, "-m", "camera_worker.supervisor"], env=env, stdout=log, stderr=log)
    yield system
    worker.terminate()
    worker.wait(15)


@pytest.fixture
def real_page(browser: Browser, watched: RunningSystem) -> Iterator[Page]:
    """The page of the whole system, open."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.goto(watched.ui_url)
    expect(page.locator("#connection")).to_have_text("Live", timeout=PATIENCE_MS)
    yield page
    context.close()


def test_a_camera_is_added_read_and_seen_in_the_hour(real_page: Page) -> None:
    real_page.locator("#nav").get_by_text("Cameras").click()
    real_page.get_by_role("button", name="Add a camera").click()
    form = real_page.get_by_role("dialog")
    form.get_by_label("Name").fill("second")
    form.get_by_label("Source").select_option("Demo")
    form.get_by_role("button", name="Add").click()
    card = real_page.locator(".camera[data-camera=second]")
    expect(card.locator(".badge")).to_have_text("online", timeout=PATIENCE_MS)
    expect(card.locator(".live")).to_have_attribute("data-recognition", ID, timeout=PATIENCE_MS)
    expect(card.locator(".overlay li").first).to_be_visible(timeout=PATIENCE_MS)
    expect(card.locator(".histogram")).to_contain_text("half ≤", timeout=PATIENCE_MS)

    real_page.get_by_role("button", name="Remove camera second").click()
    real_page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(card).to_have_count(0)

    real_page.locator("#nav").get_by_text("System").click()
    chart = real_page.locator('.chart[aria-label="Images read"]')
    chart.get_by_text("As a table").click()
    expect(chart.locator("tbody tr").first).to_contain_text("/s", timeout=PATIENCE_MS)
    expect(real_page.locator(".workers")).to_contain_text("recognizer")
