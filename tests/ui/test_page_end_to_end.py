"""The page with everything behind it real: gateway, Redis, recognizer, model server, shipped model."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.running_system import RunningSystem
from tools import samples
from tools.screenshots import WRITTEN, as_file, mnist_rows, sheet_of_digits, write_number

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def real_page(browser: Browser, system: RunningSystem) -> Iterator[Page]:
    """The page of the whole system, open, with the shipped model in traffic."""
    system.serve_shipped_model()
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.goto(system.ui_url)
    yield page
    context.close()


def _lines(page: Page) -> str:
    rows = page.locator(".reading .line").all()
    return "\n".join("".join(row.locator("b").all_text_contents()) for row in rows)


def test_number_drawn_with_the_mouse_is_read(real_page: Page) -> None:
    write_number(real_page, scale=1.2)
    expect(real_page.locator(".draw .overlay .tag")).to_have_text([re.compile(f"^{digit}") for digit in WRITTEN])
    expect(real_page.locator(".reading")).not_to_contain_text("Reading…")
    assert _lines(real_page) == WRITTEN


def test_every_sample_is_read_row_by_row(real_page: Page) -> None:
    real_page.locator("#nav").get_by_text("Upload").click()
    real_page.set_input_files("#file-input", [samples.OUT / f"{name}.jpg" for name in samples.TEXTS])
    read = real_page.locator(".results tbody .text")
    expect(read).to_have_text([text.replace("\n", " · ") for text in samples.TEXTS.values()], timeout=20_000)
    first = next(iter(samples.TEXTS.values()))
    expect(real_page.locator(".picture .overlay li")).to_have_count(len(first.replace("\n", "")))
    assert _lines(real_page) == first


def test_model_version_timing_and_the_models_picture_are_shown(real_page: Page) -> None:
    write_number(real_page)
    expect(real_page.locator(".timing")).to_contain_text("Model 1")
    expect(real_page.locator(".timing")).to_contain_text(re.compile(r"read in [\d.]+ m?s"))
    picture = real_page.locator(".crop img")
    expect(picture).to_be_visible()
    real_page.wait_for_function("() => document.querySelector('.crop img').naturalWidth === 28")


def test_correction_reaches_the_volume(real_page: Page, system: RunningSystem) -> None:
    write_number(real_page, scale=1.2)
    expect(real_page.locator(".reading .glyph")).to_have_count(len(WRITTEN))
    real_page.locator(".reading .glyph").first.click()
    real_page.keyboard.press("5")
    expect(real_page.locator(".reading .glyph").first.locator("b")).to_have_text("5")
    expect(real_page.locator(".toast")).to_contain_text("Noted: a 5")
    kept = [path for path in (system.state / "corrections").rglob("*") if path.is_file()]
    assert kept


def test_strip_shows_the_real_system(real_page: Page) -> None:
    strip = real_page.locator("#strip")
    expect(strip).to_contain_text("Live")
    expect(strip).to_contain_text("version 1")
    expect(real_page.locator("#banner")).to_be_hidden()


def test_what_another_client_had_read_appears_in_the_history(real_page: Page, system: RunningSystem) -> None:
    rows, text = mnist_rows(count=1, length=6)
    expect(real_page.locator("#connection")).to_have_text("Live")
    real_page.locator("#nav").get_by_text("History").click()
    sheet = as_file(sheet_of_digits(rows))
    httpx.post(
        f"{system.gateway_url}/v1/recognitions?wait=20", content=sheet["buffer"], headers={"Content-Type": "image/jpeg"}
    ).raise_for_status()
    expect(real_page.locator(".entry .text").first).to_have_text(text)


def test_models_view_shows_the_shipped_version(real_page: Page) -> None:
    real_page.locator("#nav").get_by_text("Models").click()
    row = real_page.locator("tr.stable")
    expect(row).to_contain_text("in traffic")
    expect(row).to_contain_text("99.")


def test_broken_picture_says_what_to_do(real_page: Page) -> None:
    real_page.locator("#nav").get_by_text("Upload").click()
    real_page.set_input_files(
        "#file-input", [FilePayload(name="broken.png", mimeType="image/png", buffer=b"\x89PNG\r\n\x1a\nnothing")]
    )
    expect(real_page.locator(".reading .problem")).to_be_visible()
    assert real_page.locator(".reading .problem p").inner_text().strip()
