"""Makes the pictures of the page in docs/images, from a system that runs.

python -m tools.screenshots [NAME …] [--url http://localhost:8000] [--out docs/images]
"""

from __future__ import annotations

import argparse
import io
import math
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

from tools import film, samples

ROOT = Path(__file__).parents[1]
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESKTOP = {"width": 1280, "height": 860}
QUALITY = 90
PHONE = {"width": 390, "height": 844}

Stroke = list[tuple[float, float]]


def _arc(centre: tuple[float, float], radii: tuple[float, float], start: float, end: float) -> Stroke:
    angles = [math.radians(start + (end - start) * step / 20) for step in range(21)]
    return [(centre[0] + radii[0] * math.cos(angle), centre[1] + radii[1] * math.sin(angle)) for angle in angles]


WRITTEN = "2047"
STROKES: tuple[Stroke, ...] = (
    [*_arc((50, 48), (38, 40), -170, 35), (46, 128), (14, 168), (96, 164)],
    _arc((172, 92), (36, 76), -80, 285),
    [(280, 14), (240, 112), (334, 108)],
    [(310, 62), (306, 170)],
    [(382, 22), (462, 20), (412, 168)],
)
"""WRITTEN by hand: strokes in a box of 470×180."""


def write_number(page: Page, scale: float = 1.0, at: tuple[float, float] = (90, 110)) -> None:
    """Write WRITTEN on the page's sheet with the mouse, `at` pixels from its corner."""
    sheet = page.locator(".draw canvas").bounding_box()
    assert sheet
    for stroke in STROKES:
        points = [(sheet["x"] + at[0] + x * scale, sheet["y"] + at[1] + y * scale) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=3)
        page.mouse.up()


def sheet_of_digits(rows: Sequence[Sequence[NDArray[np.uint8]]], seed: int = 1) -> Image.Image:
    """A photo of a sheet with `rows` of MNIST digits (uint8 [28, 28], white on black): uneven light and grain."""
    size, gap = 112, 24
    width = max(map(len, rows)) * (size + gap) + 120
    height = len(rows) * (size + gap) + 100
    ink = np.zeros((height, width))
    for row, digits in enumerate(rows):
        for column, digit in enumerate(digits):
            x, y = 60 + column * (size + gap), 50 + row * (size + gap)
            ink[y : y + size, x : x + size] = np.asarray(Image.fromarray(digit).resize((size, size))) / 255
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    paper = np.array([236, 229, 214]) - 26 * (across**2 + 0.5 * down)[..., None]
    pen = np.array([38, 48, 92])
    picture = paper * (1 - 0.92 * ink[..., None]) + pen * 0.92 * ink[..., None]
    picture += np.random.default_rng(seed).normal(0, 1.5, picture.shape)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def mnist_rows(count: int = 2, length: int = 5) -> tuple[list[list[NDArray[np.uint8]]], str]:
    """The first digits of MNIST's test set in `count` rows, and the text that they make, a line a row."""
    with np.load(ROOT / "data" / "mnist" / "mnist.npz") as mnist:
        images, labels = mnist["x_test"], mnist["y_test"]
    starts = [row * length for row in range(count)]
    rows = [list(images[start : start + length]) for start in starts]
    return rows, "\n".join("".join(map(str, labels[start : start + length])) for start in starts)


def as_file(image: Image.Image, name: str = "sheet.jpg") -> FilePayload:
    """`image` as a JPEG file that a page can be given."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92)
    return FilePayload(name=name, mimeType="image/jpeg", buffer=file.getvalue())


def _draw(page: Page, url: str, scale: float, at: tuple[float, float]) -> None:
    page.goto(f"{url}/#/draw")
    write_number(page, scale, at)
    expect(page.locator(".reading .glyph")).to_have_count(len(WRITTEN))
    page.mouse.move(2, 2)


def _upload(page: Page, url: str) -> None:
    page.goto(f"{url}/#/upload")
    page.set_input_files("#file-input", [samples.OUT / f"{name}.jpg" for name in ("squared", "sums", "board", "note")])
    expect(page.locator(".results [data-state=done]")).to_have_count(4, timeout=20_000)
    expect(page.locator(".crop img")).to_be_visible()


def _webcam(page: Page, url: str) -> None:
    page.goto(f"{url}/#/webcam")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".live-panel .line")).to_have_text(film.WRITTEN, timeout=30_000)
    page.wait_for_timeout(3000)  # the rate is counted over three seconds


def _history(page: Page, url: str) -> None:
    _upload(page, url)
    page.goto(f"{url}/#/history")
    page.get_by_label("Uploaded").check()
    # the list is the gateway's answer to the filter, and comes a moment after it
    page.wait_for_function(
        """() => {
            const sources = [...document.querySelectorAll(".entry .facts b")].map((each) => each.textContent);
            return sources.length > 3 && sources.every((each) => each === "Uploaded");
        }"""
    )
    page.locator(".entry").nth(2).click()
    expect(page.locator(".history-picture img")).to_be_visible()
    expect(page.locator(".history-picture .overlay li").first).to_be_visible()
    expect(page.locator(".crop img")).to_be_visible()


def _cameras(page: Page, url: str) -> None:
    page.goto(f"{url}/#/cameras")
    page.wait_for_function("() => document.querySelector('.camera img')?.naturalWidth")
    expect(page.locator(".camera .overlay li").first).to_be_visible(timeout=20_000)


def _view(name: str) -> Callable[[Page, str], None]:
    def show(page: Page, url: str) -> None:
        page.goto(f"{url}/#/{name}")
        page.wait_for_timeout(1500)

    return show


def _steps(page: Page, url: str) -> None:
    _upload(page, url)
    page.get_by_role("button", name="How it was read").click()
    expect(page.locator(".steps-list img")).to_have_count(8)


def _inside(page: Page, url: str) -> None:
    _upload(page, url)
    page.locator(".reading .glyph").first.click()
    page.get_by_role("button", name="Look inside").click()
    expect(page.locator(".evidence canvas")).to_be_visible(timeout=30_000)


def _open(browser: Browser, size: dict[str, int], scheme: str) -> Page:
    phone = size is PHONE
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=1.5,
        is_mobile=phone,
        reduced_motion="reduce",
        permissions=["camera"],
    )
    return context.new_page()


def _keep(page: Page, path: Path) -> None:
    expect(page.locator("#connection")).to_have_text("Live")
    page.wait_for_function("() => [...document.images].every(image => image.complete || image.loading === 'lazy')")
    page.wait_for_timeout(400)  # transitions end
    # WebP: photos and letters in one picture, in a quarter of a PNG's bytes, with every colour as it is
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(path, quality=QUALITY, method=6)
    print(f"{path}  {path.stat().st_size // 1024} KiB")
    page.context.close()


def make(url: str, out: Path, only: Sequence[str] = ()) -> None:
    """Write the pictures to `out`; those that `only` names, or all.

    Raises:
        SystemExit: there is no picture of such a name.
    """
    names = sorted({name for name, *_ in PICTURES})
    if unknown := sorted(set(only).difference(names)):
        raise SystemExit(f"there is no picture {', '.join(unknown)}; there are {', '.join(names)}")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        camera = film.camera_flags(film.write_film(Path(folder) / "sheet.mjpeg"))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*CHROMIUM_FLAGS, *camera])
        for name, size, scheme, show in PICTURES:
            if only and name not in only:
                continue
            page = _open(browser, size, scheme)
            show(page, url)
            _keep(page, out / f"{name}-{scheme}.webp")
        browser.close()


def _draw_large(page: Page, url: str) -> None:
    _draw(page, url, 1.1, (130, 150))


def _draw_small(page: Page, url: str) -> None:
    _draw(page, url, 0.6, (38, 110))


PICTURES: tuple[tuple[str, dict[str, int], str, Callable[[Page, str], None]], ...] = (
    ("desktop", DESKTOP, "light", _upload),
    ("desktop", DESKTOP, "dark", _upload),
    ("draw", DESKTOP, "light", _draw_large),
    ("draw", DESKTOP, "dark", _draw_large),
    ("phone", PHONE, "light", _draw_small),
    ("phone", PHONE, "dark", _draw_small),
    ("phone-upload", PHONE, "light", _upload),
    ("webcam", DESKTOP, "light", _webcam),
    ("steps", DESKTOP, "light", _steps),
    ("inside", DESKTOP, "dark", _inside),
    ("cameras", DESKTOP, "light", _cameras),
    ("models", DESKTOP, "light", _view("models")),
    ("system", DESKTOP, "dark", _view("system")),
    ("history", DESKTOP, "light", _history),
)
"""Name, size of the screen, colours, and what is done before the picture is taken."""


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("--url", default="http://localhost:8000", help="the page")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="where the pictures go")
    parser.add_argument("names", nargs="*", help="which pictures: desktop, draw, webcam, …; without any, all")
    options = parser.parse_args()
    make(options.url.rstrip("/"), options.out, options.names)


if __name__ == "__main__":
    main()
