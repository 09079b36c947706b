""" "Look inside" with everything behind it real: the shipped model says what it made of a digit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running_system import RunningSystem
from tools.screenshots import as_file, mnist_rows, sheet_of_digits

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def opened(browser: Browser, system: RunningSystem) -> Iterator[Page]:
    """The view of the first digit of a sheet, MNIST's first 7."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.goto(f"{system.ui_url}/#/upload")
    page.set_input_files("#file-input", [as_file(sheet_of_digits(mnist_rows(count=1, length=3)[0]))])
    expect(page.locator(".reading .glyph")).to_have_count(3)
    page.locator(".reading .glyph").first.click()
    page.get_by_role("button", name="Look inside digit 1").click()
    expect(page.locator("dialog .evidence")).to_be_visible(timeout=30_000)
    yield page
    context.close()


def test_the_shipped_model_shows_its_maps_and_its_evidence(opened: Page) -> None:
    expect(opened.get_by_role("dialog", name="Inside digit 1, read as 7")).to_be_visible()
    expect(opened.locator(".layer")).to_have_count(2)
    lit = opened.locator(".maps img").evaluate_all("(all) => all.filter((each) => each.naturalWidth > 0).length")
    assert lit == opened.locator(".maps button").count() > 16
    expect(opened.locator(".evidence")).to_contain_text("Most of what spoke for the 7 lies")


def test_the_evidence_lies_on_the_ink(opened: Page) -> None:
    opened.wait_for_function("() => document.querySelector('.evidence-stage img').naturalWidth === 28")
    mean = """() => {
        const read = (source) => {
            const canvas = new OffscreenCanvas(28, 28);
            const context = canvas.getContext("2d");
            context.drawImage(source, 0, 0);
            return context.getImageData(0, 0, 28, 28).data;
        };
        const ink = read(document.querySelector(".evidence-stage img"));
        const evidence = read(document.querySelector(".evidence-stage canvas"));
        const sums = { ink: [0, 0], paper: [0, 0] };
        for (let i = 0; i < 28 * 28; i++) {
            const sum = sums[ink[4 * i] > 127 ? "ink" : "paper"];
            sum[0] += evidence[4 * i + 3];
            sum[1] += 1;
        }
        return [sums.ink[0] / sums.ink[1], sums.paper[0] / sums.paper[1]];
    }"""
    on_ink, on_paper = opened.evaluate(mean)
    assert on_ink > 2 * on_paper
