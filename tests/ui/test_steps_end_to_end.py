""" "How it was read" with everything behind it real: the steps are those of the recognizer that reads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running_system import RunningSystem
from tools.screenshots import as_file, mnist_rows, sheet_of_digits

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def opened(browser: Browser, system: RunningSystem) -> Iterator[Page]:
    """The view, open over a sheet of two rows of five digits."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.goto(f"{system.ui_url}/#/upload")
    rows, _ = mnist_rows(count=2, length=5)
    page.set_input_files("#file-input", [as_file(sheet_of_digits(rows))])
    expect(page.locator(".picture .overlay li")).to_have_count(10)
    page.get_by_role("button", name="How it was read").click()
    expect(page.locator(".steps-list li")).to_have_count(8)
    yield page
    context.close()


def _text(page: Page) -> str:
    """What the steps on screen end with, without the places where rows end."""
    return page.locator(".steps-head b").inner_text().replace(" · ", "")


def test_all_steps_of_a_photo_are_shown(opened: Page) -> None:
    expect(opened.locator(".steps-list li").nth(5)).to_contain_text("10 pieces in 2 rows")
    expect(opened.locator(".steps-list li").nth(6)).to_contain_text("10 digits (blue)")
    assert _text(opened) == "".join(opened.locator(".reading .glyph b").all_text_contents())
    opened.wait_for_function(
        "() => [...document.querySelectorAll('.steps-list img')].every((each) => each.naturalWidth)"
    )


def test_a_setting_changes_what_is_read(opened: Page) -> None:
    opened.get_by_role("combobox", name="Polarity").select_option("light_on_dark")
    expect(opened.locator(".steps-list li").first).to_contain_text("light ink on a dark ground")
    assert _text(opened) != "".join(opened.locator(".reading .glyph b").all_text_contents())
    opened.get_by_role("button", name="Reset", exact=True).click()
    expect(opened.locator(".steps-list li").first).to_contain_text("dark ink on a light ground")


def test_a_kept_style_reaches_the_recognizer(opened: Page) -> None:
    opened.get_by_role("combobox", name="Polarity").select_option("light_on_dark")
    opened.get_by_role("button", name="Keep as my style").click()
    expect(opened.locator(".steps-pictures.stale")).to_have_count(0)
    opened.get_by_role("button", name="Close").click()
    expect(opened.locator(".looking")).to_contain_text("Read with polarity light on dark.")
