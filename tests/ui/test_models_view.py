"""Versions and trainings, in a real Chromium, the gateway a stub."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from digitscribe import contracts as c
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


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
