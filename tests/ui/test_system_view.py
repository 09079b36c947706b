"""The system at a glance and over the last hour, in a real Chromium, the gateway a stub."""

from __future__ import annotations

import re
from typing import Any

import pytest
from digitscribe import contracts as c
from playwright.sync_api import Locator, Page, Route, expect

from tests.ui.acts import until
from tests.ui.test_models_view import started, tell

pytestmark = pytest.mark.browser

AWAY = c.Problem(title="Model server unavailable", status=503, detail="read it again when it is back")
DAMAGED = c.Problem(title="Image is damaged", status=422, detail="take the picture again")


@pytest.fixture
def system(page: Page) -> Page:
    page.locator("#nav").get_by_text("System").click()
    expect(chart(page, "Time to read").locator(".chart-lines .chart-line").first).to_have_attribute(
        "d", re.compile("L"), timeout=20_000
    )
    return page


def chart(page: Page, title: str) -> Locator:
    return page.locator(f'.chart[aria-label="{title}"]')


def test_the_present_is_told_in_numbers(system: Page) -> None:
    tiles = system.locator(".tiles")
    for words in ("Images a second1.2", "18 ms", "Recognizers1", "version 2"):
        expect(tiles).to_contain_text(words)
    expect(system.locator(".workers")).to_contain_text("recognizer-1")


def test_the_hour_is_drawn_and_a_time_without_samples_stays_open(system: Page) -> None:
    line = chart(system, "Time to read").locator(".chart-lines .chart-line").first
    drawn = line.get_attribute("d") or ""
    assert drawn.count("M") == 2, "two pieces: the stub's gateway was away for two minutes"
    assert drawn.count("L") > 300


def test_the_pointer_reads_the_values_off(system: Page) -> None:
    plot = chart(system, "Time to read").locator(".chart-plot")
    plot.hover(position={"x": 300, "y": 60})
    tip = plot.locator(".chart-tip")
    expect(tip).to_be_visible()
    assert re.fullmatch(r"\d\d:\d\d:\d\dp50[\d.]+ msp95\d+ msp99\d+ ms", tip.inner_text().replace("\n", ""))
    system.mouse.move(0, 0)
    expect(tip).to_be_hidden()


def test_the_arrow_keys_go_through_the_points_and_say_them(system: Page) -> None:
    figure = chart(system, "Jobs waiting")
    figure.locator(".chart-plot").focus()
    system.keyboard.press("Home")
    expect(figure.get_by_role("status")).to_contain_text("Interactive 1 job, Bulk 6 jobs")
    first = figure.get_by_role("status").text_content()
    system.keyboard.press("ArrowRight")
    expect(figure.get_by_role("status")).not_to_have_text(first or "")


def test_every_chart_is_a_table_too(system: Page) -> None:
    figure = chart(system, "Not read")
    figure.get_by_text("As a table").click()
    heads = figure.locator("thead th").all_text_contents()
    assert heads == ["Time", "Failed", "Camera frames too late"]
    assert figure.locator("tbody tr").count() > 100


def test_the_axis_reaches_as_far_back_as_asked(system: Page) -> None:
    line = chart(system, "Time to read").locator(".chart-lines .chart-line").first
    system.get_by_label("10 min").check(force=True)
    expect(line).to_have_attribute("d", re.compile(r"^M[^M]+$"))
    assert (line.get_attribute("d") or "").count("L") < 62


def test_newer_samples_are_asked_for_while_the_view_is_open_only(system: Page, running: Any) -> None:
    system.clock.install()
    system.locator("#nav").get_by_text("Models").click()
    system.locator("#nav").get_by_text("System").click()

    def asked() -> list[str]:
        return [each["path"] for each in running.stub.requests if "history" in each["path"]]

    before = len(asked())
    with system.expect_response("**/system/history?minutes=2"):
        system.clock.fast_forward(11_000)
    assert len(asked()) > before
    system.locator("#nav").get_by_text("Models").click()
    rested = len(asked())
    system.clock.fast_forward(60_000)
    assert len(asked()) == rested


def test_it_rests_although_an_answer_was_on_its_way_when_it_was_left(system: Page) -> None:
    system.clock.install()
    system.locator("#nav").get_by_text("Models").click()
    held: list[Route] = []
    system.route("**/system/history?*", lambda route: held.append(route))
    system.locator("#nav").get_by_text("System").click()
    until(system, lambda: len(held) == 1)
    system.locator("#nav").get_by_text("Models").click()
    with system.expect_response("**/system/history?*"):
        held[0].continue_()
    system.wait_for_timeout(200)
    system.clock.fast_forward(60_000)
    system.wait_for_timeout(200)
    assert len(held) == 1


def test_a_failed_image_is_read_again(page: Page, running: Any) -> None:
    failed = running.stub.failures.add(1, AWAY)
    running.stub.failures.add(2, DAMAGED)
    page.locator("#nav").get_by_text("System").click()
    failures = page.locator(".failures > li")
    expect(failures).to_have_count(2)
    expect(failures.first).to_contain_text("read it again when it is back")
    expect(failures.last.get_by_role("button")).to_have_count(0)
    failures.first.get_by_role("button", name="Read again").click()
    expect(failures).to_have_count(1)
    assert running.stub.failures.retried == [failed.id]


def test_all_that_may_end_better_are_read_again_at_once(page: Page, running: Any) -> None:
    for number in range(3):
        running.stub.failures.add(number, AWAY)
    page.locator("#nav").get_by_text("System").click()
    page.get_by_role("button", name="Read all 3 again").click()
    expect(page.locator(".failed")).to_contain_text("Nothing has failed")
    assert len(running.stub.failures.retried) == 3


def test_an_image_that_is_gone_is_told(page: Page, running: Any) -> None:
    running.stub.failures.add(1, AWAY)
    running.stub.failures.refuse_retry = c.Problem(title="No longer kept", status=410, detail="send it again")
    page.locator("#nav").get_by_text("System").click()
    page.get_by_role("button", name="Read again").click()
    expect(page.locator("#toasts")).to_contain_text("No longer kept. send it again")


def test_a_phone_sees_all_of_it_without_scrolling_sideways(system: Page) -> None:
    system.set_viewport_size({"width": 390, "height": 844})
    expect(chart(system, "Workers").locator(".chart-lines .chart-line").first).to_be_visible()
    system.wait_for_function("document.documentElement.scrollWidth <= innerWidth")


def test_a_button_beside_a_failure_keeps_the_focus_while_a_training_goes_on(page: Page, running: Any) -> None:
    running.stub.failures.add(1, AWAY)
    page.locator("#nav").get_by_text("System").click()
    again = page.get_by_role("button", name="Read again")
    again.focus()
    tell(running, started())
    expect(page.locator("#strip")).to_contain_text("Training")
    expect(again).to_be_focused()
