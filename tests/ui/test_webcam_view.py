"""The browser's camera in a real Chromium, a file in the camera's place, the gateway a stub."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
import pytest
from digitscribe import contracts as c
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.ui.acts import glyphs, until
from tests.ui.fake_camera import Frame, browser_with_camera, write_mjpeg

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 640, 480
BARS = 3


def _bars(shift: int = 0) -> Frame:
    frame = np.full((HEIGHT, WIDTH, 3), 235, np.uint8)
    for index in range(BARS):
        left = 120 + 150 * index + shift
        cv2.rectangle(frame, (left, 160), (left + 40, 320), (20, 20, 20), -1)
    return frame


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three bars that move to and fro, half a second each way, at 30 frames a second."""
    shifts = [*range(0, 60, 4), *range(60, 0, -4)]
    return write_mjpeg(tmp_path_factory.mktemp("film") / "bars.mjpeg", map(_bars, shifts))


@pytest.fixture(scope="module")
def with_camera(playwright: Playwright, film: Path) -> Iterator[Browser]:
    """A browser with a camera."""
    with browser_with_camera(playwright.chromium, film) as browser:
        yield browser


@pytest.fixture
def webcam(with_camera: Browser, ui: Any, running: Any) -> Iterator[Page]:
    """The webcam's view, the camera allowed and not yet started."""
    context = with_camera.new_context(viewport={"width": 1280, "height": 860}, permissions=["camera"])
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{ui.url}/#/webcam")
    yield page
    context.close()
    assert faults == []


def _start(page: Page) -> None:
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".stage .answered")).to_be_visible(timeout=20_000)


LABELS_KEPT = """() => new Promise((resolve) => {
    indexedDB.open("digitscribe").onsuccess = ({ target }) => {
        target.result.transaction("snapshots").objectStore("snapshots").getAll().onsuccess = (event) =>
            resolve(event.target.result.map(({ labels }) => labels));
    };
})"""


def _until_kept(page: Page, *labels: dict[str, int]) -> None:
    """Until snapshots with these `labels` are written down, which the browser does behind the back of who looks on."""
    until(page, lambda: page.evaluate(LABELS_KEPT) == list(labels))


def _snap(page: Page) -> None:
    """Keep a snapshot, and wait until it is read."""
    _start(page)
    page.get_by_role("button", name="Keep a snapshot").click()
    expect(glyphs(page)).to_have_count(BARS)
    expect(page.locator(".snapshots .file b")).to_have_text("012")


def _posts(running: Any) -> list[Any]:
    return [one for one in running.stub.requests if one["method"] == "POST"]


def _sequences(running: Any) -> set[str]:
    queries = [parse_qs(urlsplit(one["path"]).query) for one in _posts(running)]
    return {query["sequence"][0] for query in queries if query["live"] == ["true"]}


def test_each_page_names_a_moving_picture_of_its_own(webcam: Page, running: Any) -> None:
    for _ in range(2):
        _start(webcam)
        expect(webcam.locator(".live-panel .line")).to_have_text("012")
        webcam.reload()
    assert len(_sequences(running)) == 2


def test_camera_is_read_and_its_steady_reading_shown(webcam: Page, running: Any) -> None:
    _start(webcam)
    expect(webcam.locator(".live-panel .line")).to_have_text("012")
    expect(webcam.locator(".stage .overlay li")).to_have_count(BARS)
    expect(webcam.locator(".live-panel .rate")).to_contain_text("readings/s")
    assert all("source=webcam" in one["path"] for one in _posts(running))
    assert re.fullmatch(r"[0-9a-f]{32}", *_sequences(running))
    assert Image.open(io.BytesIO(running.stub.images[0])).size == (WIDTH, HEIGHT)


def test_boxes_lie_on_the_frame_that_was_read_however_late_the_answer(webcam: Page, running: Any) -> None:
    running.stub.delay_s = 0.2
    _start(webcam)
    ink = """() => {
        const canvas = document.querySelector(".stage .answered");
        const boxes = [...document.querySelectorAll(".stage .overlay li")];
        if (canvas.hidden || boxes.length !== 3) return null;
        const frame = canvas.getBoundingClientRect();
        const scale = canvas.width / frame.width;
        return boxes.map((box) => {
            const { x, y, width, height } = box.getBoundingClientRect();
            const { data } = canvas.getContext("2d").getImageData(
                (x - frame.x) * scale, (y - frame.y) * scale, width * scale, height * scale);
            let dark = 0;
            for (let i = 0; i < data.length; i += 4) dark += data[i] < 128;
            return dark / (data.length / 4);
        });
    }"""
    for _ in range(5):
        shares = webcam.wait_for_function(ink).json_value()
        assert min(shares) > 0.75, shares
        webcam.wait_for_timeout(230)


def test_never_more_than_two_frames_are_under_way(webcam: Page, running: Any) -> None:
    running.stub.delay_s = 0.25
    _start(webcam)
    expect(webcam.locator(".live-panel .line")).to_have_text("012", timeout=20_000)
    assert 1 <= running.stub.most_in_flight <= 2


def test_snapshot_is_kept_read_and_corrected(webcam: Page, running: Any) -> None:
    _start(webcam)
    webcam.get_by_role("button", name="Keep a snapshot").click()
    expect(glyphs(webcam)).to_have_count(BARS)
    expect(webcam.locator(".snapshots .file b")).to_have_text("012")
    webcam.locator(".stage .overlay .box:not([aria-hidden] *)").nth(1).click()
    webcam.keyboard.press("7")
    expect(glyphs(webcam).nth(1).locator("b")).to_have_text("7")
    until(webcam, lambda: [one["recognition_id"] for one in running.stub.corrections] == running.stub.kept)
    asked = len(_posts(running))
    webcam.wait_for_timeout(400)
    assert len(_posts(running)) == asked, "frames are read while a snapshot is looked at"
    webcam.get_by_role("button", name="Back to the live picture").click()
    expect(webcam.locator(".stage .answered")).to_be_visible()


def test_snapshot_is_saved_with_its_boxes(webcam: Page) -> None:
    _start(webcam)
    webcam.get_by_role("button", name="Keep a snapshot").click()
    expect(glyphs(webcam)).to_have_count(BARS)
    with webcam.expect_download() as saved:
        webcam.get_by_role("button", name="With boxes").click()
    assert re.fullmatch(r"digitscribe-012-.*-read\.png", saved.value.suggested_filename)
    picture = np.asarray(Image.open(saved.value.path()).convert("RGB")).astype(int)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    green = (picture[..., 1] - picture[..., 0] > 40).sum()
    assert green > 100, "the boxes of sure digits are green"


def test_snapshot_outlives_a_reload_with_its_reading_and_corrections(webcam: Page, running: Any) -> None:
    _snap(webcam)
    glyphs(webcam).nth(1).click()
    webcam.keyboard.press("7")
    expect(webcam.locator(".snapshots .file b")).to_have_text("072")
    _until_kept(webcam, {"1": 7})
    webcam.reload()
    expect(webcam.locator(".snapshots .file b")).to_have_text("072")
    asked = len(_posts(running))
    webcam.locator(".snapshots .file").click()
    expect(glyphs(webcam).nth(1).locator("b")).to_have_text("7")
    expect(webcam.locator(".stage .still")).to_be_visible()
    assert len(_posts(running)) == asked, "what was read once is read again"
    with webcam.expect_download() as saved:
        webcam.get_by_role("button", name="Picture", exact=True).click()
    assert Image.open(saved.value.path()).convert("L").size == (WIDTH, HEIGHT)
    with webcam.expect_download() as table:
        webcam.get_by_role("button", name="CSV of all").click()
    assert ",072,012,3," in Path(table.value.path()).read_text("utf-8")


def test_deleted_snapshot_stays_away_unless_it_is_taken_back(webcam: Page) -> None:
    _snap(webcam)
    webcam.get_by_role("button", name="Delete", exact=True).click()
    expect(webcam.locator(".snapshots")).to_be_hidden()
    webcam.locator(".toast").get_by_role("button", name="Undo").click()
    expect(webcam.locator(".snapshots .file b")).to_have_text("012")
    _until_kept(webcam, {})
    webcam.reload()
    expect(webcam.locator(".snapshots .file b")).to_have_text("012")
    webcam.get_by_role("button", name="Delete all").click()
    webcam.locator("dialog").get_by_role("button", name="Delete all").click()
    expect(webcam.locator(".snapshots")).to_be_hidden()
    webcam.reload()
    expect(webcam.get_by_role("button", name="Start the camera")).to_be_visible()
    assert webcam.evaluate(LABELS_KEPT) == []
    expect(webcam.locator(".snapshots")).to_be_hidden()


def test_unread_snapshot_is_kept_and_read_later(webcam: Page, running: Any) -> None:
    _start(webcam)
    running.stub.refuse_with = c.Problem(title="Queue is full", status=503, detail="Try again later.")
    webcam.get_by_role("button", name="Keep a snapshot").click()
    expect(webcam.locator(".snapshots .file b")).to_have_text("Queue is full")
    running.stub.refuse_with = None
    _until_kept(webcam, {})
    webcam.reload()
    expect(webcam.locator(".snapshots .file b")).to_have_text("not read yet")
    webcam.locator(".snapshots .file").click()
    expect(glyphs(webcam)).to_have_count(BARS)


def test_stopping_gives_the_camera_back(webcam: Page) -> None:
    _start(webcam)
    webcam.get_by_role("button", name="Stop").click()
    expect(webcam.get_by_role("button", name="Start the camera")).to_be_visible()
    assert webcam.evaluate("document.querySelector('.stage video').srcObject") is None


def test_camera_rests_while_another_view_is_looked_at(webcam: Page, running: Any) -> None:
    _start(webcam)
    webcam.locator("#nav [data-view=history]").click()
    expect(webcam.locator(".history-list")).to_be_visible()
    webcam.wait_for_timeout(300)
    asked = len(_posts(running))
    webcam.wait_for_timeout(400)
    assert len(_posts(running)) == asked
    webcam.locator("#nav [data-view=webcam]").click()
    expect(webcam.locator(".stage .answered")).to_be_visible(timeout=20_000)


def test_mirrored_boxes_stay_on_their_digits(webcam: Page) -> None:
    _start(webcam)
    expect(webcam.locator(".stage .overlay li")).to_have_count(BARS)
    webcam.get_by_label("Mirror").check()
    webcam.wait_for_function(
        """() => {
            const frame = document.querySelector(".stage-frame").getBoundingClientRect();
            const first = document.querySelector(".stage .overlay li")?.getBoundingClientRect();
            return first && first.x > frame.x + frame.width / 2;
        }"""
    )


def test_lost_gateway_shows_and_the_readings_come_back(webcam: Page, running: Any) -> None:
    _start(webcam)
    running.stub.refuse_with = c.Problem(title="Queue is full", status=503, detail="Wait a moment.")
    expect(webcam.locator(".live-panel .problem")).to_contain_text("Wait a moment.", timeout=10_000)
    running.stub.refuse_with = None
    expect(webcam.locator(".live-panel .line")).to_have_text("012", timeout=10_000)


def test_refused_camera_says_what_to_do(with_camera: Browser, ui: Any, running: Any) -> None:
    context = with_camera.new_context()
    page = context.new_page()
    page.goto(f"{ui.url}/#/webcam")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".curtain .problem")).to_contain_text("Allow the camera for this page", timeout=20_000)
    expect(page.get_by_role("button", name="Start again")).to_be_visible()
    context.close()


def test_missing_camera_says_what_to_do(playwright: Playwright, ui: Any, running: Any) -> None:
    with browser_with_camera(playwright.chromium, None) as browser:
        page = browser.new_context(permissions=["camera"]).new_page()
        page.goto(f"{ui.url}/#/webcam")
        page.get_by_role("button", name="Start the camera").click()
        expect(page.locator(".curtain .problem")).to_contain_text("Plug one in", timeout=20_000)


def test_insecure_address_says_what_to_do(playwright: Playwright, ui: Any, running: Any, film: Path) -> None:
    with browser_with_camera(playwright.chromium, film, "--host-resolver-rules=MAP desk 127.0.0.1") as browser:
        page = browser.new_context().new_page()
        page.goto(f"{ui.url.replace('127.0.0.1', 'desk')}/#/webcam")
        page.get_by_role("button", name="Start the camera").click()
        expect(page.locator(".curtain .problem")).to_contain_text("HTTPS")


READINGS = [
    pytest.param(["47", "47"], None, id="two alike are not enough"),
    pytest.param(["47", "47", "47"], "47", id="three alike are"),
    pytest.param(["47", "47", "41", "47", "47"], None, id="one that differs begins anew"),
    pytest.param(["47", "47", "47", "41", "47"], "47", id="what is steady stays through a slip"),
    pytest.param(["47", "47", "47", "4 ", "4 "], "47", id="a digit may be hidden for a moment"),
    pytest.param(["47", "47", "47", "4 ", "4 ", "4 "], "4", id="three times away is gone"),
    pytest.param(["47", "47", "47", "  ", "  ", "  "], "", id="an empty sheet is steady, too"),
]


@pytest.mark.parametrize(("seen", "steady"), READINGS)
def test_steady_reading(page: Page, seen: list[str], steady: str | None) -> None:
    found = page.evaluate(
        """async (seen) => {
            const { Steady } = await import("/js/steady.js");
            const steady = new Steady();
            for (const text of seen) steady.take([...text].flatMap((digit, i) => digit === " " ? [] :
                [{ digit: Number(digit), row: 0, box: { x: 50 * i, y: 0, width: 30, height: 40 } }]));
            return steady.text;
        }""",
        seen,
    )
    assert found == steady
