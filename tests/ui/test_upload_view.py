"""Pictures from files, in a real Chromium, the gateway a stub."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from digitscribe import contracts as c
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.ui.acts import choose, glyphs, picture, text_of

pytestmark = pytest.mark.browser


def test_uploaded_picture_is_shown_with_its_boxes(page: Page) -> None:
    choose(page, ("meter.png", "image/png", picture(3)))
    expect(page.locator(".picture .overlay li")).to_have_count(3)
    image, box = page.locator(".picture img").bounding_box(), page.locator(".picture .overlay li").nth(2).bounding_box()
    assert image
    assert box
    scale = image["width"] / 600
    assert box["x"] - image["x"] == pytest.approx(300 * scale, abs=4)
    assert box["width"] == pytest.approx(30 * scale, abs=6 * scale)
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
    expect(glyphs(page)).to_have_count(2)
    expect(page.locator(".picture canvas")).to_be_visible()
    expect(page.get_by_text("cannot show the format of this picture")).to_be_visible()
    choose(page, ("sheet.png", "image/png", picture(1)))
    expect(page.locator(".picture img")).to_be_visible()
    expect(page.get_by_text("cannot show the format of this picture")).to_be_hidden()


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


def _results(page: Page) -> Locator:
    return page.locator(".results tbody tr")


def test_table_tells_of_every_picture(page: Page) -> None:
    choose(page, *((f"sheet{count}.png", "image/png", picture(count)) for count in (1, 3)))
    expect(_results(page).locator(".text")).to_have_text(["0", "012"])
    expect(_results(page).locator(".least")).to_have_text(["99.8 %", "55 %"])
    expect(_results(page).locator(".state")).to_have_text(["read", "read"])
    expect(page.locator(".results h2")).to_have_text("2 pictures")


def test_way_of_a_picture_to_the_server_shows(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 60_000},
    )
    noise = np.random.default_rng(1).integers(0, 255, (200, 600), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    choose(page, ("noise.png", "image/png", file.getvalue()))
    page.wait_for_function(
        "() => { const bar = document.querySelector('.results [role=progressbar]');"
        " const now = Number(bar?.ariaValueNow); return now > 0 && now < 100; }"
    )
    expect(_results(page).locator(".state")).to_have_text("read", timeout=20_000)


def test_only_failed_pictures_are_tried_again(page: Page, running: Any) -> None:
    choose(page, ("good.png", "image/png", picture(1)))
    expect(_results(page)).to_have_attribute("data-state", "done")
    running.stub.refuse_with = c.Problem(title="Internal error", status=500, detail="Try again.")
    choose(page, ("later.png", "image/png", picture(2)))
    expect(page.locator(".results h2")).to_have_text("2 pictures · 1 failed")
    running.stub.refuse_with = None
    before = len(running.stub.images)
    page.get_by_role("button", name="Retry failed").click()
    expect(_results(page).locator(".text")).to_have_text(["01", "0"])
    expect(page.get_by_role("button", name="Retry failed")).to_be_hidden()
    assert len(running.stub.images) == before + 1
    expect(glyphs(page)).to_have_count(2)


def test_a_picture_waits_while_the_gateway_is_away_and_is_read_then(page: Page, running: Any) -> None:
    running.stub.refuse_with = c.Problem(title="Gateway does not answer", status=502, detail="Try again.")
    choose(page, ("sheet.png", "image/png", picture(2)))
    expect(_results(page).locator(".state")).to_have_text("waiting")
    running.stub.refuse_with = None
    expect(_results(page).locator(".text")).to_have_text("01", timeout=10_000)
    expect(_results(page).locator(".state")).to_have_text("read")


def test_what_cannot_be_read_is_not_offered_to_be_tried_again_or_saved(page: Page, running: Any) -> None:
    running.stub.refuse_with = c.Problem(title="Image is damaged", status=422, detail="Send it again.")
    choose(page, ("torn.png", "image/png", picture(2)))
    expect(_results(page).locator(".state")).to_have_text("failed")
    expect(page.get_by_role("button", name="Retry failed")).to_be_hidden()
    expect(page.get_by_role("button", name="Save with boxes")).to_be_disabled()


def test_a_picture_of_no_known_type_is_for_the_gateway_to_judge(page: Page) -> None:
    choose(page, ("scan.img", "application/octet-stream", picture(2)))
    expect(_results(page).locator(".text")).to_have_text("01")


def test_an_accepted_picture_is_asked_after_and_not_sent_again(page: Page, running: Any) -> None:
    asked = []

    def queue(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "status": "queued", "digits": [], "text": None})

    def away_once(route: Route) -> None:
        asked.append(route.request.url)
        problem = {"title": "Gateway does not answer", "status": 502, "detail": "Try again."}
        route.fulfill(status=502, json=problem) if len(asked) == 1 else route.continue_()

    page.route("**/api/v1/recognitions?wait=**", queue)
    page.route(f"**/api/v1/recognitions/{1:032x}", away_once)
    choose(page, ("sheet.png", "image/png", picture(2)))
    expect(_results(page).locator(".text")).to_have_text("01", timeout=10_000)
    assert (len(asked), len(running.stub.images)) == (2, 1)


@pytest.mark.parametrize(
    ("name", "kind", "data", "title"),
    [("words.pdf", "application/pdf", b"%PDF-1.7", "Not a picture"), ("nothing.png", "image/png", b"", "Empty file")],
)
def test_a_file_that_is_no_picture_is_told_so_and_not_sent(
    page: Page, running: Any, name: str, kind: str, data: bytes, title: str
) -> None:
    choose(page, (name, kind, data))
    expect(_results(page).locator(".text")).to_have_text(title)
    assert running.stub.images == []


def test_clearing_ends_what_is_under_way_and_what_comes_next_is_read_at_once(page: Page, running: Any) -> None:
    running.stub.delay_s = 30.0
    choose(page, *((f"slow{count}.png", "image/png", picture(count)) for count in (1, 2, 3)))
    expect(_results(page).locator(".state").first).to_have_text("reading…")
    running.stub.delay_s = 0.0
    page.get_by_role("button", name="Clear").click()
    choose(page, ("next.png", "image/png", picture(2)))
    expect(_results(page).locator(".text")).to_have_text(["01"])


def test_results_are_taken_away_as_csv_with_the_corrections(page: Page) -> None:
    choose(page, ("=sum,1.png", "image/png", picture(2)), ("b.png", "image/png", picture(1)))
    expect(_results(page).locator(".text")).to_have_text(["01", "0"])
    page.locator(".results .file").first.click()
    page.locator(".picture .overlay .box").first.click()
    page.keyboard.press("7")
    expect(_results(page).locator(".text").first).to_have_text("71")
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV").click()
    first, second = csv.DictReader(io.StringIO(saved.value.path().read_text("utf-8-sig")))
    assert (first["file"], first["text"], first["read_as"]) == ("'=sum,1.png", "71", "01")
    assert (second["file"], second["text"], second["digits"], second["error"]) == ("b.png", "0", "1", "")
    assert float(first["least_confidence"]) == pytest.approx(0.83)


def test_results_are_taken_away_as_json(page: Page) -> None:
    choose(page, ("a.png", "image/png", picture(3)))
    expect(_results(page).locator(".text")).to_have_text("012")
    with page.expect_download() as saved:
        page.get_by_role("button", name="JSON").click()
    (one,) = json.loads(saved.value.path().read_text())
    assert (one["file"], one["text"], one["milliseconds"]) == ("a.png", "012", 8.2)
    assert len(one["recognition"]["digits"]) == 3


def test_forty_pictures_are_read_and_the_way_there_is_shown(page: Page, running: Any) -> None:
    running.stub.delay_s = 0.05
    choose(page, *((f"{number:02}.png", "image/png", picture(1 + number % 4)) for number in range(40)))
    expect(page.get_by_role("progressbar", name="Pictures read")).to_have_attribute("aria-valuemax", "40")
    expect(page.locator(".results [data-state=done]")).to_have_count(40, timeout=30_000)
    expect(page.locator(".results h2")).to_have_text("40 pictures")
    expect(page.locator(".results-progress")).to_be_hidden()
    assert running.stub.most_in_flight <= 3


def test_a_changed_style_offers_to_read_the_pictures_again(page: Page, running: Any) -> None:
    choose(page, ("a.png", "image/png", picture(1)), ("b.png", "image/png", picture(2)))
    expect(page.locator(".results [data-state=done]")).to_have_count(2)
    expect(page.locator(".renew")).to_be_hidden()
    page.get_by_role("button", name="How it was read").click()
    page.get_by_role("switch", name="Remove lines").uncheck()
    page.get_by_role("button", name="Keep as my style").click()
    expect(page.locator(".renew")).to_contain_text("1 of these were read with other settings")
    page.keyboard.press("Escape")
    page.locator(".renew").get_by_role("button", name="Read again").click()
    expect(page.locator(".renew")).to_be_hidden()
    expect(page.locator(".results [data-state=done]")).to_have_count(2)
    assert running.stub.looks.profiles[-1] == {"remove_lines": False}
    page.locator(".results .file").nth(1).click()
    expect(page.locator(".looking")).to_contain_text("remove lines off")


def test_sample_is_read_at_once(page: Page) -> None:
    page.locator("#nav [data-view=upload]").click()
    page.get_by_role("button", name="A note").click()
    expect(page.locator(".picture .overlay li").first).to_be_visible()
    expect(_results(page).locator(".name")).to_have_text("note.jpg")


def _open_zoom(page: Page) -> Locator:
    choose(page, ("meter.png", "image/png", picture(3)))
    expect(page.locator(".picture .overlay li")).to_have_count(3)
    return page.locator(".zoom-window")


def _width(page: Page) -> float:
    box = page.locator(".picture img").bounding_box()
    assert box
    return box["width"]


def test_wheel_zooms_at_the_pointer(page: Page) -> None:
    window = _open_zoom(page)
    box = page.locator(".picture .overlay li").nth(2).bounding_box()
    before = _width(page)
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -400)
    page.wait_for_function("before => document.querySelector('.picture img').clientWidth > 1.8 * before", arg=before)
    after = page.locator(".picture .overlay li").nth(2).bounding_box()
    assert after
    assert after["x"] + after["width"] / 2 == pytest.approx(box["x"] + box["width"] / 2, abs=4)
    window.dblclick(position={"x": 5, "y": 5})
    assert _width(page) == pytest.approx(before, abs=1)


def test_buttons_double_click_and_keys_zoom(page: Page) -> None:
    window = _open_zoom(page)
    before = _width(page)
    page.get_by_role("button", name="Zoom in").click()
    assert _width(page) == pytest.approx(1.4 * before, rel=0.01)
    page.get_by_role("button", name="Fit").click()
    window.dblclick(position={"x": 60, "y": 60})
    assert _width(page) == pytest.approx(3 * before, rel=0.01)
    window.focus()
    page.keyboard.press("f")
    page.keyboard.press("+")
    assert _width(page) == pytest.approx(1.4 * before, rel=0.01)
    left = page.locator(".picture img").evaluate("image => image.getBoundingClientRect().x")
    page.keyboard.press("Shift+ArrowRight")
    assert page.locator(".picture img").evaluate("image => image.getBoundingClientRect().x") < left
    page.keyboard.press("-")
    assert _width(page) == pytest.approx(before, rel=0.01)


def test_two_fingers_zoom(page: Page) -> None:
    window = _open_zoom(page)
    before, bounds = _width(page), window.bounding_box()
    assert bounds
    x, y = bounds["x"] + bounds["width"] / 2, bounds["y"] + bounds["height"] / 2
    session = page.context.new_cdp_session(page)
    for kind, apart in (
        ("touchStart", 40),
        *(("touchMove", 40 + 10 * step) for step in range(1, 9)),
        ("touchEnd", None),
    ):
        fingers = [] if apart is None else [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    assert _width(page) > 1.8 * before


def test_chosen_digit_is_brought_into_sight(page: Page) -> None:
    window = _open_zoom(page)
    window.dblclick(position={"x": 20, "y": 150})
    third = page.locator(".picture .overlay .box").nth(2)
    glyphs(page).nth(2).click()
    inside, box = window.bounding_box(), third.bounding_box()
    assert inside
    assert box
    assert inside["x"] <= box["x"] + box["width"] / 2 <= inside["x"] + inside["width"]


def test_a_sample_that_does_not_come_is_told_and_nothing_is_read(page: Page, running: Any) -> None:
    page.locator("#nav").get_by_text("Upload").click()
    page.wait_for_function("() => [...document.querySelectorAll('.sample img')].every(image => image.naturalWidth)")
    answers: list[Callable[[Route], None]] = [lambda route: route.abort(), lambda route: route.fulfill(status=502)]
    for answer in answers:
        page.route("**/samples/note.jpg", answer)
        page.get_by_role("button", name="A note").click()
        expect(page.locator(".toast")).to_have_count(1)
        expect(page.locator(".toast")).to_contain_text("The sample did not come")
        page.locator(".toast").evaluate("(toast) => toast.remove()")
    expect(page.locator(".results")).to_be_hidden()
    assert running.stub.images == []
