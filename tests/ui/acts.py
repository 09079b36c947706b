"""What the tests do to the page: strokes, pictures, choosing files; and what they look at."""

from __future__ import annotations

import io
from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Locator, Page

ONE = ((120, 100), (120, 240))
TWO = ((300, 100), (300, 240))
THREE = ((480, 100), (480, 240))


def stroke(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a line on the sheet; positions in pixels from its corner."""
    sheet = page.locator(".draw canvas").bounding_box()
    assert sheet
    page.mouse.move(sheet["x"] + start[0], sheet["y"] + start[1])
    page.mouse.down()
    page.mouse.move(sheet["x"] + end[0], sheet["y"] + end[1], steps=5)
    page.mouse.up()


def picture(digits: int = 3, form: str = "PNG") -> bytes:
    """A white picture with black bars: 600×200, or wider where more than four have to stand on it."""
    image = Image.new("L", (max(600, 60 + 120 * digits), 200), 255)
    for index in range(digits):
        ImageDraw.Draw(image).rectangle((60 + 120 * index, 40, 90 + 120 * index, 160), fill=0)
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def choose(page: Page, *files: tuple[str, str, bytes]) -> None:
    page.locator("#nav").get_by_text("Upload").click()
    page.set_input_files(
        "#file-input", [FilePayload(name=name, mimeType=kind, buffer=data) for name, kind, data in files]
    )


def glyphs(page: Page) -> Locator:
    return page.locator(".reading .glyph")


def text_of(page: Page) -> str:
    return "".join(page.locator(".reading .glyph b").all_text_contents())


def inked(page: Page) -> int:
    """How many pixels of the sheet carry ink."""
    count = page.evaluate(
        """() => {
            const canvas = document.querySelector(".draw canvas");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.filter((value, i) => i % 4 === 3 && value > 127).length;
        }"""
    )
    return int(count)


def rightmost(page: Page) -> float:
    """How far an open dialog, with all that is in it, reaches to the right, in pixels."""
    parts = page.locator("dialog, dialog *")
    return float(parts.evaluate_all("(all) => Math.max(...all.map((each) => each.getBoundingClientRect().right))"))


def grave_faults(page: Page) -> list[str]:
    """What axe calls serious or critical on the page as it is now."""
    return [
        f"{fault['impact']} {fault['id']}: {node['html'][:120]} {node['failureSummary']}"
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def until(page: Page, holds: Callable[[], bool], timeout_ms: int = 10_000) -> None:
    """Let the page go on until something outside of it holds."""
    for _ in range(timeout_ms // 50):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it does not come to hold")
