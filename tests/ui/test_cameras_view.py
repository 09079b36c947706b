"""Cameras, in a real Chromium, the gateway a stub."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from digitscribe import contracts as c
from playwright.sync_api import Page, Route, expect

from tests.ui.acts import grave_faults, picture, until

pytestmark = pytest.mark.browser


@pytest.fixture
def cameras(page: Page) -> Page:
    expect(page.locator("#connection")).to_have_text("Live", timeout=20_000)
    page.locator("#nav").get_by_text("Cameras").click()
    return page


def see(running: Any, digits: int) -> str:
    """Let the demo camera read a frame with so many digits; answers the recognition's id."""
    seen = running.stub.recognise(picture(digits), "camera").model_copy(update={"camera": "demo"})
    running.stub.publish("recognition", json.loads(seen.model_dump_json()))
    return str(seen.id)


def test_camera_is_seen_live(cameras: Page, running: Any) -> None:
    card = cameras.locator(".camera[data-camera=demo]")
    expect(card).to_contain_text("online")
    expect(card).to_contain_text("captured2,060")
    expect(card.locator(".text")).to_have_text("4711")
    see(running, 2)
    cameras.wait_for_function("() => document.querySelector('.camera img').naturalWidth === 300")


DOOR = c.CameraState(name="door", online=False, definition=c.ShownDefinition(source="demo"))


def test_event_that_comes_before_an_older_answer_is_not_undone_by_it(page: Page, running: Any) -> None:
    def answer_late(route: Route) -> None:
        before = route.fetch()
        running.stub.publish("camera", json.loads(DOOR.model_dump_json()))
        time.sleep(0.5)
        route.fulfill(response=before)

    page.route("**/v1/cameras", answer_late)
    with page.expect_response("**/v1/cameras"):
        page.goto(f"{page.url.split('#')[0]}#/cameras")
        page.reload()
    expect(page.locator(".camera")).to_have_count(2)
    page.unroute_all(behavior="wait")
    expect(page.locator(".camera")).to_have_count(2)


def test_what_happened_while_the_stream_was_broken_is_made_up_for(cameras: Page, running: Any) -> None:
    expect(cameras.locator(".camera")).to_have_count(1)
    running.stub.camera_desk.cameras["door"] = DOOR  # no event tells of it
    running.stub.hang_up()
    expect(cameras.locator(".camera[data-camera=door]")).to_be_visible(timeout=15_000)


def test_boxes_are_those_of_the_picture_that_is_shown(cameras: Page, running: Any) -> None:
    live = cameras.locator(".camera[data-camera=demo] .live")
    for digits in (2, 4):
        recognition_id = see(running, digits)
        expect(live).to_have_attribute("data-recognition", recognition_id)
        expect(live.locator(".overlay li")).to_have_count(digits)
    asked = [each["path"] for each in running.stub.requests if "preview" in each["path"]]
    assert asked[-1].endswith(f"recognition={recognition_id}")


def test_pictures_are_asked_for_while_the_view_is_open_only(cameras: Page, running: Any) -> None:
    see(running, 2)
    expect(cameras.locator(".camera .overlay li")).to_have_count(2)
    cameras.locator("#nav").get_by_text("Models").click()
    before = running.stub.camera_desk.pictures
    see(running, 3)
    expect(cameras.locator("#main h1")).to_have_text("Models")
    cameras.locator("#nav").get_by_text("Cameras").click()
    expect(cameras.locator(".camera .overlay li")).to_have_count(3)
    assert running.stub.camera_desk.pictures == before + 1


def test_latencies_are_drawn_and_each_bucket_can_be_read(cameras: Page, running: Any) -> None:
    buckets = tuple(
        c.LatencyBucket(le_ms=bound, count=count) for bound, count in ((10, 0), (20, 6), (50, 3), (None, 1))
    )
    state = c.CameraState(name="demo", online=True, latency=c.LatencyHistogram(buckets=buckets, sum_ms=300))
    running.stub.publish("camera", json.loads(state.model_dump_json()))
    histogram = cameras.locator(".histogram")
    expect(histogram).to_contain_text("half ≤ 20 ms, 95 % slower")
    expect(histogram.locator("li")).to_have_text(
        ["up to 10 ms: 0 of 10", "10–20 ms: 6 of 10", "20–50 ms: 3 of 10", "over 50 ms: 1 of 10"]
    )


def test_a_camera_is_added(cameras: Page, running: Any) -> None:
    cameras.get_by_role("button", name="Add a camera").click()
    dialog = cameras.get_by_role("dialog")
    dialog.get_by_label("Name").fill("door")
    dialog.get_by_label("Address").fill("rtsp://admin:hunter2@cam/1")
    dialog.get_by_label("Frames a second").fill("2.5")
    dialog.get_by_label("Ink").select_option("light_on_dark")
    dialog.get_by_role("button", name="Add").click()
    expect(cameras.locator(".camera[data-camera=door]")).to_contain_text("waiting")
    fields = {"source": "rtsp://admin:hunter2@cam/1", "fps": 2.5, "polarity": "light_on_dark"}
    assert running.stub.camera_desk.calls == [("PUT", "door", fields)]


def test_a_refusal_is_told_in_the_form_and_what_was_typed_stays(cameras: Page, running: Any) -> None:
    running.stub.camera_desk.refuse_with = c.Problem(title="Conflict", status=409, detail="set a token")
    cameras.get_by_role("button", name="Add a camera").click()
    dialog = cameras.get_by_role("dialog")
    dialog.get_by_label("Name").fill("door")
    dialog.get_by_label("Source").select_option("Demo")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog).to_contain_text("set a token")
    expect(dialog.get_by_label("Name")).to_have_value("door")


def test_an_address_that_is_left_empty_stays_as_it_is(cameras: Page, running: Any) -> None:
    define(running, source="rtsp://***@cam/1", fps=4)
    cameras.get_by_role("button", name="Edit camera door").click()
    dialog = cameras.get_by_role("dialog")
    expect(dialog).to_contain_text("now rtsp://***@cam/1; leave it empty to keep it")
    dialog.get_by_label("Frames a second").fill("1")
    dialog.get_by_role("button", name="Save").click()
    expect(cameras.get_by_role("dialog")).to_have_count(0)
    assert running.stub.camera_desk.calls == [("PATCH", "door", {"fps": 1, "polarity": None})]


def test_ink_that_a_camera_says_of_itself_stays_when_something_else_is_changed(cameras: Page, running: Any) -> None:
    define(running, source="rtsp://***@cam/1", polarity="dark_on_light")
    cameras.get_by_role("button", name="Edit camera door").click()
    dialog = cameras.get_by_role("dialog")
    dialog.get_by_label("Frames a second").fill("1")
    dialog.get_by_role("button", name="Save").click()
    expect(cameras.get_by_role("dialog")).to_have_count(0)
    assert running.stub.camera_desk.calls == [("PATCH", "door", {"fps": 1, "polarity": "dark_on_light"})]


def test_a_source_is_tried_and_its_picture_read_with_the_settings_of_the_form(cameras: Page, running: Any) -> None:
    define(running, source="rtsp://***@cam/1")
    cameras.get_by_role("button", name="Edit camera door").click()
    dialog = cameras.get_by_role("dialog")
    dialog.get_by_role("button", name="Try it").click()
    expect(dialog.locator(".trial .overlay li")).to_have_count(3)
    expect(dialog.locator(".trial")).to_contain_text("300 × 100; reads 012")
    assert running.stub.camera_desk.tried == ["of door"]
    dialog.get_by_text("How its frames are prepared").click()
    dialog.get_by_role("switch", name="Remove lines").uncheck()
    expect(dialog.locator(".preparation summary")).to_contain_text("1 setting of its own")
    dialog.locator("select[name=polarity]").select_option("auto")
    expect(dialog.locator(".trial")).to_contain_text("reads 012")
    # what was changed last is read a moment later: whoever saves at once does not wait for it
    until(cameras, lambda: running.stub.looks.profiles[-1].get("remove_lines") is False)
    dialog.get_by_label("What people call it").fill("Door of the hall")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    changes = {"fps": None, "polarity": "auto", "label": "Door of the hall", "profile": {"remove_lines": False}}
    assert running.stub.camera_desk.calls == [("PATCH", "door", changes)]
    assert running.stub.looks.profiles[0] == {"polarity": "dark_on_light"}
    card = cameras.locator(".camera[data-camera=door]")
    expect(card.locator("h2")).to_have_text("Door of the hall")
    expect(card).to_contain_text("1 setting of its own")
    cameras.get_by_role("button", name="Edit camera door").click()
    dialog.get_by_text("How its frames are prepared").click()
    dialog.get_by_role("button", name="All as usual").click()
    dialog.get_by_label("What people call it").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(card.locator("h2")).to_have_text("door")
    assert running.stub.camera_desk.calls[-1][2] == {"fps": None, "polarity": "auto", "label": None, "profile": None}


def test_a_source_through_which_nothing_is_seen_is_saved_only_if_one_insists(cameras: Page, running: Any) -> None:
    desk = running.stub.camera_desk
    desk.sees_nothing = "rtsp://***@cam/1 does not open; check the address, the password and the network"
    cameras.get_by_role("button", name="Add a camera").click()
    dialog = cameras.get_by_role("dialog")
    dialog.get_by_label("Name").fill("door")
    dialog.get_by_label("Address").fill("rtsp://admin:hunter2@cam/1")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog).to_contain_text("check the address, the password and the network.")
    expect(dialog.get_by_label("Address")).to_have_value("rtsp://admin:hunter2@cam/1")
    assert desk.calls == []
    assert grave_faults(cameras) == []
    desk.sees_nothing = None
    dialog.get_by_label("Address").fill("rtsp://admin:hunter2@cam/2")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog).to_have_count(0)
    assert (desk.tried[-1], desk.calls[0][2]["source"]) == ("rtsp://admin:hunter2@cam/2",) * 2
    desk.sees_nothing = "it is dark"
    cameras.get_by_role("button", name="Add a camera").click()
    dialog.get_by_label("Name").fill("night")
    dialog.get_by_label("Source").select_option("Demo")
    dialog.get_by_role("button", name="Add").click()
    dialog.get_by_role("button", name="Add all the same").click()
    expect(dialog).to_have_count(0)
    assert desk.calls[-1][1] == "night"


def test_removing_is_asked_about_first(cameras: Page, running: Any) -> None:
    define(running, source="demo")
    cameras.get_by_role("button", name="Remove camera door").click()
    cameras.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(cameras.locator(".camera[data-camera=door]")).to_be_visible()
    assert running.stub.camera_desk.calls == []


def define(running: Any, **fields: object) -> None:
    state = c.CameraState(name="door", online=False, definition=c.ShownDefinition.model_validate(fields))
    running.stub.camera_desk.cameras["door"] = state
    running.stub.publish("camera", json.loads(state.model_dump_json()))


def test_a_camera_is_paused_resumed_and_removed(cameras: Page, running: Any) -> None:
    define(running, source="demo")
    card = cameras.locator(".camera[data-camera=door]")
    cameras.get_by_role("button", name="Pause camera door").click()
    expect(card.locator(".badge")).to_have_text("paused")
    cameras.get_by_role("button", name="Resume camera door").click()
    expect(card.locator(".badge")).to_have_text("waiting")
    cameras.get_by_role("button", name="Remove camera door").click()
    cameras.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(card).to_have_count(0)
    assert [each[0] for each in running.stub.camera_desk.calls] == ["PATCH", "PATCH", "DELETE"]


def test_a_camera_says_why_nothing_comes(cameras: Page, running: Any) -> None:
    state = c.CameraState(name="door", online=False, problem="There is no camera at /dev/video0; plug one in")
    running.stub.publish("camera", json.loads(state.model_dump_json()))
    expect(cameras.locator(".camera[data-camera=door]")).to_contain_text("plug one in")
