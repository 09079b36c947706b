"""What axe finds where cameras, models and system are in the thick of it: forms and cards open, failures listed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from digitscribe import contracts as c
from playwright.sync_api import Browser, Page, expect

from tests.ui.acts import grave_faults

pytestmark = pytest.mark.browser


def _cameras(page: Page, running: Any) -> None:
    state = c.CameraState(name="door", online=False, problem="plug one in", definition=c.ShownDefinition(source="demo"))
    running.stub.publish("camera", json.loads(state.model_dump_json()))
    page.get_by_role("button", name="Edit camera door").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _models(page: Page, running: Any) -> None:
    ends = tuple(
        c.TrainingProgress(phase="train", epoch=end, epochs=3, step=end, steps=3, loss=1 / end, accuracy=0.9)
        for end in (1, 2)
    )
    training = c.Training(
        id="a" * 32,
        status=c.TrainingStatus.RUNNING,
        request=c.TrainingRequest(),
        created_at=datetime.now(UTC),
        progress=ends[-1],
        history=ends,
    )
    running.stub.publish("training", json.loads(training.model_dump_json()))
    expect(page.locator(".progress")).to_contain_text("2 of 3")
    page.get_by_role("button", name="Details of version 3").click()


def _system(page: Page, running: Any) -> None:
    expect(page.locator(".failures li")).to_have_count(2)
    page.get_by_text("As a table").first.click()
    expect(page.locator(".chart-table tbody tr").first).to_be_visible()


FILL = {"cameras": _cameras, "models": _models, "system": _system}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Browser, ui: Any, running: Any, scheme: Any) -> None:
    for number, status in enumerate((503, 422)):
        running.stub.failures.add(number, c.Problem(title="It failed", status=status, detail="do something"))
    context = browser.new_context(viewport={"width": 1280, "height": 860}, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    faults = []
    for view, fill in FILL.items():
        page.goto(f"{ui.url}/#/{view}")
        page.reload()
        expect(page.locator("#connection")).to_have_text("Live", timeout=20_000)
        fill(page, running)
        faults += [f"{view}: {fault}" for fault in grave_faults(page)]
    context.close()
    assert faults == []
