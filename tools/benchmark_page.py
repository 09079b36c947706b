"""Measures the page as a person meets it, in Chromium, on a system that runs.

python -m tools.benchmark_page [--url http://localhost:8000] [--strokes 30] [--seconds 10]

Draw: from lifting the pen to the answer's boxes on screen. Webcam: readings a second, and from a frame to its boxes;
the camera plays a sheet of the demo clip. The page must be idle otherwise; a running demo camera costs a little.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tools.film import WRITTEN, camera_flags, write_film
from tools.machine import machine
from tools.screenshots import CHROMIUM_FLAGS, DESKTOP, STROKES

_WATCH = """() => {
    window.lifted = [];
    let began = 0;
    addEventListener("pointerup", () => { began = performance.now(); }, true);
    const shown = () => requestAnimationFrame(() => {
        if (!began || document.querySelector(".draw .stale") || !document.querySelector(".draw .overlay li")) return;
        window.lifted.push(performance.now() - began);
        began = 0;
    });
    new MutationObserver(shown).observe(document.querySelector(".draw"),
        { childList: true, subtree: true, attributes: true });
}"""


def strokes(page: Page, url: str, count: int) -> list[float]:
    """Milliseconds from lifting the pen to the boxes on screen, for `count` strokes."""
    page.goto(f"{url}/#/draw")
    expect(page.locator("#connection")).to_have_text("Live")
    page.evaluate(_WATCH)
    for number in range(count):
        if number % len(STROKES) == 0 and number:
            page.get_by_role("button", name="Clear").click()
        _stroke(page, STROKES[number % len(STROKES)])
        page.wait_for_function("count => window.lifted.length >= count", arg=number + 1)
    return list(map(float, page.evaluate("window.lifted")))


def _stroke(page: Page, stroke: Sequence[tuple[float, float]]) -> None:
    sheet = page.locator(".draw canvas").bounding_box()
    assert sheet
    points = [(sheet["x"] + 90 + x, sheet["y"] + 110 + y) for x, y in stroke]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=3)
    page.mouse.up()


def webcam(browser: Browser, url: str, seconds: float) -> tuple[float, list[float]]:
    """Readings a second over `seconds`, and the milliseconds that each took."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, permissions=["camera"])
    page = context.new_page()
    page.goto(f"{url}/#/webcam")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".live-panel .line")).to_have_text(WRITTEN, timeout=30_000)
    page.evaluate("performance.clearResourceTimings(); performance.setResourceTimingBufferSize(10000)")
    page.wait_for_timeout(seconds * 1000)
    took = page.evaluate(
        """performance.getEntriesByType("resource").filter(({ name }) => name.includes("source=webcam"))
            .map(({ duration }) => duration)"""
    )
    context.close()
    return len(took) / seconds, list(map(float, took))


def _say(name: str, values: Sequence[float]) -> None:
    ranked = sorted(values)
    middle, nine_in_ten = statistics.median(ranked), ranked[int(0.9 * (len(ranked) - 1))]
    print(f"{name}: median {middle:.0f} ms, nine in ten within {nine_in_ten:.0f} ms (n={len(ranked)})")


def run(url: str, count: int, seconds: float) -> None:
    """Measure and print."""
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        camera = camera_flags(write_film(Path(folder) / "sheet.mjpeg"))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*CHROMIUM_FLAGS, *camera])
        page = browser.new_context(viewport={"width": DESKTOP["width"], "height": DESKTOP["height"]}).new_page()
        _say("draw, pen lifted to boxes on screen", strokes(page, url, count))
        page.context.close()
        rate, took = webcam(browser, url, seconds)
        _say(f"webcam, {rate:.1f} readings/s; frame sent to answer", took)
        browser.close()


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tools.benchmark_page", description=__doc__)
    parser.add_argument("--url", default="http://localhost:8000", help="the page")
    parser.add_argument("--strokes", type=int, default=30, help="how many strokes")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long the camera is watched")
    options = parser.parse_args()
    run(options.url.rstrip("/"), options.strokes, options.seconds)


if __name__ == "__main__":
    main()
