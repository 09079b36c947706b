"""The page in a real Chromium, its gateway a stub."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from digitscribe import contracts as c
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

pytestmark = pytest.mark.browser

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
    """A white picture, 600×200, with black bars."""
    image = Image.new("L", (600, 200), 255)
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


def test_drawing_is_read_after_every_stroke(page: Page) -> None:
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    stroke(page, *TWO)
    expect(glyphs(page)).to_have_count(2)
    assert text_of(page) == "01"


def test_boxes_lie_over_the_ink(page: Page) -> None:
    stroke(page, *ONE)
    stroke(page, *TWO)
    box = page.locator(".draw .overlay li").nth(1)
    expect(box).to_be_visible()
    _expect_around(page, box, TWO)


def test_boxes_follow_the_ink_when_the_window_changes(page: Page) -> None:
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    before = inked(page)
    with page.expect_response(lambda response: "recognitions?wait" in response.url):
        page.set_viewport_size({"width": 700, "height": 860})
    page.wait_for_function("() => document.querySelector('.draw .overlay li') && !document.querySelector('.stale')")
    place = page.evaluate(
        """() => {
            const canvas = document.querySelector(".draw canvas");
            const box = document.querySelector(".draw .overlay li").getBoundingClientRect();
            const sheet = canvas.getBoundingClientRect();
            const { data } = canvas.getContext("2d").getImageData(
                box.x - sheet.x, box.y - sheet.y, box.width + 1, box.height + 1);
            return data.filter((value, i) => i % 4 === 3 && value > 127).length;
        }"""
    )
    assert place == pytest.approx(inked(page), rel=0.02)
    assert place < before


def _expect_around(page: Page, box: Locator, line: tuple[tuple[int, int], tuple[int, int]]) -> None:
    sheet, found = page.locator(".draw canvas").bounding_box(), box.bounding_box()
    assert sheet
    assert found
    assert found["x"] + found["width"] / 2 - sheet["x"] == pytest.approx(line[0][0], abs=4)
    assert found["y"] - sheet["y"] == pytest.approx(line[0][1] - 8, abs=6)
    assert found["y"] + found["height"] - sheet["y"] == pytest.approx(line[1][1] + 8, abs=6)


def test_undo_redo_and_clear(page: Page) -> None:
    stroke(page, *ONE)
    stroke(page, *TWO)
    expect(glyphs(page)).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(glyphs(page)).to_have_count(1)
    page.keyboard.press("Control+Shift+Z")
    expect(glyphs(page)).to_have_count(2)
    page.get_by_role("button", name="Clear").click()
    expect(glyphs(page)).to_have_count(0)
    page.keyboard.press("Control+Z")
    expect(glyphs(page)).to_have_count(2)


def test_never_more_than_one_drawing_is_under_way(page: Page, running: Any) -> None:
    running.stub.delay_s = 0.3
    for index in range(6):
        stroke(page, (80 + 80 * index, 100), (80 + 80 * index, 220))
    expect(glyphs(page)).to_have_count(6)
    sent = [one for one in running.stub.requests if one["method"] == "POST"]
    assert running.stub.most_in_flight == 1
    assert len(sent) < 6


def test_answer_to_a_cleared_sheet_is_not_shown(page: Page, running: Any) -> None:
    running.stub.delay_s = 0.4
    stroke(page, *ONE)
    page.get_by_role("button", name="Clear").click()
    page.wait_for_timeout(700)
    expect(glyphs(page)).to_have_count(0)


@pytest.mark.parametrize("pointer", ["pen", "mouse"])
def test_only_a_pens_pressure_makes_the_line_wider(page: Page, pointer: str) -> None:
    lines = []
    for x, force in ((120, 0.2), (400, 0.9)):
        before = inked(page)
        _pointer_stroke(page, pointer, x, force)
        page.wait_for_timeout(100)
        lines.append(inked(page) - before)
    wider = lines[1] > 1.5 * lines[0]
    assert wider == (pointer == "pen")


def _pointer_stroke(page: Page, pointer: str, x: float, force: float) -> None:
    session = page.context.new_cdp_session(page)
    sheet = page.locator(".draw canvas").bounding_box()
    assert sheet
    for kind, y in (
        ("mousePressed", 80),
        *(("mouseMoved", 80 + step * 10) for step in range(15)),
        ("mouseReleased", 220),
    ):
        session.send(
            "Input.dispatchMouseEvent",
            {
                "type": kind,
                "x": sheet["x"] + x,
                "y": sheet["y"] + y,
                "button": "left",
                "buttons": 0 if kind == "mouseReleased" else 1,
                "clickCount": 1,
                "pointerType": pointer,
                "force": force,
            },
        )


def test_finger_draws(browser: Browser, ui: Any, running: Any) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(ui.url)
    sheet = page.locator(".draw canvas").bounding_box()
    assert sheet
    session = context.new_cdp_session(page)
    for kind, y in (("touchStart", 60), *(("touchMove", 60 + 10 * step) for step in range(12)), ("touchEnd", None)):
        points = [] if y is None else [{"x": sheet["x"] + 90, "y": sheet["y"] + y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(glyphs(page)).to_have_count(1)
    assert page.evaluate("scrollY") == 0
    context.close()


def test_picture_of_the_drawing_is_black_on_white_in_the_dark_too(browser: Browser, ui: Any, running: Any) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(ui.url)
    stroke(page, *ONE)
    expect(glyphs(page)).to_have_count(1)
    sent = Image.open(io.BytesIO(running.stub.images[0])).convert("L")
    assert sent.getpixel((2, 2)) == 255
    assert sent.getextrema() == (0, 255)
    context.close()


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


def test_confidence_is_told_by_number_and_line_not_only_by_colour(page: Page) -> None:
    choose(page, ("meter.png", "image/png", picture(3)))
    tags = page.locator(".picture .overlay .tag")
    expect(tags).to_have_text([re.compile("0.*99.8"), re.compile("1.*83"), re.compile("2.*55")])
    styles = page.locator(".picture .overlay .box").evaluate_all(
        "boxes => boxes.map(box => getComputedStyle(box).borderTopStyle)"
    )
    assert styles == ["solid", "dashed", "dotted"]


def test_pointing_at_a_box_shows_its_rivals_and_what_the_model_saw(page: Page) -> None:
    choose(page, ("meter.png", "image/png", picture(3)))
    page.locator(".picture .overlay .box").first.hover()
    expect(page.locator(".ranking b")).to_have_text(["0", "1", "2", "3"])
    expect(page.locator(".crop img")).to_have_attribute("src", re.compile(r"/digits/0/image$"))
    expect(page.locator(".timing")).to_contain_text("read in 8.2 ms")
    expect(page.locator(".timing")).to_contain_text("Model 2")


def test_digit_is_corrected_with_a_click(page: Page, running: Any) -> None:
    choose(page, ("meter.png", "image/png", picture(3)))
    page.locator(".picture .overlay .box").nth(1).click()
    page.locator(".keypad").get_by_role("button", name="It is a 7").click()
    expect(glyphs(page).nth(1).locator("b")).to_have_text("7")
    made = running.stub.corrections[-1]
    assert (made["digit_index"], made["label"], made["recognition_id"]) == (1, 7, f"{1:032x}")


def test_digit_is_corrected_with_keys(page: Page, running: Any) -> None:
    choose(page, ("meter.png", "image/png", picture(3)))
    glyphs(page).first.click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("4")
    expect(glyphs(page).nth(1).locator("b")).to_have_text("4")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    expect(glyphs(page).nth(2).locator("b")).to_have_text("×")
    assert [(one["digit_index"], one["label"]) for one in running.stub.corrections] == [(1, 4), (2, None)]


def test_correction_can_be_taken_back(page: Page, running: Any) -> None:
    choose(page, ("meter.png", "image/png", picture(1)))
    page.locator(".keypad").get_by_role("button", name="It is a 7").click()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(glyphs(page).first.locator("b")).to_have_text("0")
    assert [one["label"] for one in running.stub.corrections] == [7, 0]


def test_strip_shows_the_system(page: Page) -> None:
    strip = page.locator("#strip")
    expect(strip).to_contain_text("Live")
    expect(strip).to_contain_text("version 2")
    expect(strip).to_contain_text("0 images")
    expect(strip).to_contain_text("Recognizers1")


def test_lost_connection_shows_and_heals(page: Page, running: Any) -> None:
    expect(page.locator("#connection")).to_have_text("Live")
    running.stop()
    expect(page.locator("#banner")).to_contain_text("make up", timeout=15_000)
    expect(page.locator("#connection")).to_contain_text("lost")
    running.start()
    expect(page.locator("#connection")).to_have_text("Live", timeout=20_000)
    expect(page.locator("#banner")).to_be_hidden()


def test_history_lists_what_others_had_read(page: Page, running: Any) -> None:
    page.locator("#nav").get_by_text("History").click()
    expect(page.locator(".history-list")).to_contain_text("Nothing here yet")
    recognition = running.stub.recognise(picture(3), "upload")
    running.stub.publish("recognition", json.loads(recognition.model_dump_json()))
    expect(page.locator(".entry")).to_contain_text("012")
    page.locator(".entry").click()
    expect(glyphs(page)).to_have_count(3)


def test_camera_that_says_the_same_again_fills_one_line(page: Page, running: Any) -> None:
    page.locator("#nav").get_by_text("History").click()
    expect(page.locator("#connection")).to_have_text("Live")
    for count in (2, 2, 3, 3, 3):
        said = running.stub.recognise(picture(count), "camera").model_copy(update={"camera": "demo"})
        running.stub.publish("recognition", json.loads(said.model_dump_json()))
    drawn = running.stub.recognise(picture(1), "canvas")
    running.stub.publish("recognition", json.loads(drawn.model_dump_json()))
    expect(page.locator(".entry .text")).to_have_text(["0", "012", "01"])


def test_version_is_activated(page: Page, running: Any) -> None:
    page.locator("#nav").get_by_text("Models").click()
    page.get_by_role("button", name="Activate version 1").click()
    expect(page.locator("tr.stable .version")).to_have_text("1")
    assert running.stub.stable == 1
    expect(page.locator("#strip")).to_contain_text("version 1")


def test_retrain_is_started_and_followed(page: Page, running: Any) -> None:
    page.locator("#nav").get_by_text("Models").click()
    page.get_by_label("Passes over the data").fill("2")
    page.get_by_role("button", name="Retrain the model").click()
    expect(page.locator(".progress")).to_contain_text("Waiting for the trainer")
    training = running.stub.trainings[0]
    assert training.request.epochs == 2
    progress = c.TrainingProgress(phase="train", epoch=1, epochs=2, step=50, steps=100, loss=0.1234, accuracy=0.98)
    moved = training.model_copy(update={"status": c.TrainingStatus.RUNNING, "progress": progress})
    running.stub.publish("training", json.loads(moved.model_dump_json()))
    expect(page.locator(".progress")).to_contain_text("0.1234")
    assert int(page.get_by_role("progressbar").get_attribute("aria-valuenow") or 0) == 48
    done = moved.model_copy(update={"status": c.TrainingStatus.DONE, "version": 4, "ended_at": datetime.now(UTC)})
    running.stub.publish("training", json.loads(done.model_dump_json()))
    expect(page.locator(".past")).to_contain_text("version 4")
    expect(page.get_by_role("button", name="Retrain the model")).to_be_enabled()


@pytest.mark.parametrize("first", ["draw", "cameras"])
def test_camera_is_seen_live(page: Page, first: str) -> None:
    page.evaluate("name => { location.hash = `#/${name}`; }", first)
    page.reload()
    page.locator("#nav").get_by_text("Cameras").click()
    card = page.locator(".camera[data-camera=demo]")
    expect(card).to_contain_text("online")
    expect(card).to_contain_text("captured2060")
    expect(card.locator(".text")).to_have_text("4711")
    page.wait_for_function("() => document.querySelector('.camera img').naturalWidth === 320")


def test_boxes_lie_over_a_camera_only_while_its_picture_is_still(page: Page, running: Any) -> None:
    def see(shift: int) -> None:
        read = running.stub.recognise(picture(2), "camera")
        moved = [d.model_copy(update={"box": d.box.model_copy(update={"x": d.box.x + shift})}) for d in read.digits]
        seen = read.model_copy(update={"digits": tuple(moved), "camera": "demo"})
        running.stub.publish("recognition", json.loads(seen.model_dump_json()))

    page.locator("#nav").get_by_text("Cameras").click()
    expect(page.locator("#connection")).to_have_text("Live")
    boxes = page.locator(".camera .overlay li")
    see(0)
    see(1)
    expect(boxes).to_have_count(2)
    see(80)
    expect(boxes).to_have_count(0)


def test_theme_follows_the_system_until_one_is_chosen(browser: Browser, ui: Any, running: Any) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(ui.url)
    dark = _ground(page)
    page.get_by_role("button", name="Light theme").click()
    light = _ground(page)
    page.reload()
    assert sum(dark) < 200 < 600 < sum(light)
    assert _ground(page) == light
    context.close()


def _ground(page: Page) -> list[int]:
    colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return [int(number) for number in re.findall(r"\d+", colour)]


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("view", ["draw", "upload", "cameras", "models", "history"])
def test_nothing_sticks_out_of_the_screen(page: Page, ui: Any, view: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{ui.url}/#/{view}")
    expect(page.locator("#nav [aria-current]")).to_have_attribute("data-view", view)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_is_fetched_from_elsewhere(browser: Browser, ui: Any, running: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(ui.url)
    for name in ("Upload", "Cameras", "Models", "History"):
        page.locator("#nav").get_by_text(name).click()
    expect(page.locator("#connection")).to_have_text("Live")
    assert [url for url in asked if not url.startswith((ui.url, "blob:", "data:"))] == []
    context.close()


def test_every_file_of_the_page_is_used(browser: Browser, ui: Any, running: Any) -> None:
    static = Path(__file__).parents[2] / "services/ui/ui/static"
    files = {path.relative_to(static).as_posix() for path in static.rglob("*.*") if path.name != "index.html"}
    context = browser.new_context()
    page = context.new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.removeprefix(ui.url + "/")))
    page.goto(ui.url)
    expect(page.locator("#connection")).to_have_text("Live")
    assert files - asked <= {"favicon.svg"}
    context.close()


def test_page_that_did_not_arrive_in_full_is_asked_for_again(browser: Browser, ui: Any, running: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    failures = iter([True, True])
    page.route("**/js/upload.js", lambda route: route.abort() if next(failures, False) else route.continue_())
    page.goto(ui.url)
    expect(page.locator("#connection")).to_have_text("Live", timeout=15_000)
    assert next(failures, None) is None
    context.close()


def test_keyboard_reaches_the_page_past_the_navigation(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".draw canvas")).to_be_focused()
