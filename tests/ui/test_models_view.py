"""Versions and trainings, in a real Chromium, the gateway a stub."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from digitscribe import contracts as c
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def progress(epoch: int, step: int, **changes: Any) -> c.TrainingProgress:
    """Training of two passes, a hundred steps in all."""
    return c.TrainingProgress(phase="train", epoch=epoch, epochs=2, step=step, steps=100, **changes)


def tell(running: Any, training: c.Training) -> c.Training:
    running.stub.publish("training", json.loads(training.model_dump_json()))
    return training


def started() -> c.Training:
    """A training of two passes, that nobody started on this page."""
    return c.Training(
        id="a" * 32, status=c.TrainingStatus.RUNNING, request=c.TrainingRequest(epochs=2), created_at=datetime.now(UTC)
    )


@pytest.fixture
def models(page: Page) -> Page:
    expect(page.locator("#connection")).to_have_text("Live", timeout=20_000)
    page.locator("#nav").get_by_text("Models").click()
    return page


def test_version_is_rolled_back_after_a_question(models: Page, running: Any) -> None:
    models.get_by_role("button", name="Roll back to version 1").click()
    dialog = models.get_by_role("dialog")
    expect(dialog).to_contain_text("99.57 %")
    expect(dialog).to_contain_text("99.56 %")
    assert running.stub.stable == 2, "nothing happens before the answer"
    dialog.get_by_role("button", name="Roll back").click()
    expect(models.locator("tr.stable .version")).to_have_text("1")
    assert running.stub.stable == 1
    expect(models.locator("#strip")).to_contain_text("version 1")


def test_the_question_can_be_answered_with_no(models: Page, running: Any) -> None:
    models.get_by_role("button", name="Activate version 3").click()
    models.keyboard.press("Escape")
    expect(models.get_by_role("dialog")).to_have_count(0)
    assert running.stub.stable == 2


def test_what_a_refusal_says_stays_in_the_question(models: Page, running: Any) -> None:
    running.stub.refuse_with = c.Problem(title="Model cannot be used", status=409, detail="its log says why")
    models.get_by_role("button", name="Activate version 3").click()
    models.get_by_role("dialog").get_by_role("button", name="Activate").click()
    expect(models.get_by_role("dialog")).to_contain_text("its log says why")


def test_a_version_shows_its_card_and_what_changed(models: Page, running: Any) -> None:
    models.get_by_role("button", name="Details of version 3").click()
    card = models.locator(".model-card")
    for words in ("303,210", "60,000", "3.15.0"):
        expect(card).to_contain_text(words)
    changed = card.locator(".changed tbody tr")
    expect(changed).to_have_text([re.compile("test accuracy99.57 %99.58 %"), re.compile("corrections1734")])
    card.get_by_label("Compare version 3 with").select_option("version 1")
    expect(changed.last).to_have_text(re.compile("corrections034"))


def test_an_open_card_stays_open_while_events_arrive(models: Page, running: Any) -> None:
    models.get_by_role("button", name="Details of version 3").click()
    running.stub.stable = 1
    running.stub.publish("model", {})
    expect(models.locator("tr.stable .version")).to_have_text("1")
    expect(models.locator(".model-card")).to_be_visible()


def test_retrain_is_started_and_followed(models: Page, running: Any) -> None:
    models.get_by_label("Passes over the data").fill("2")
    models.get_by_role("button", name="Retrain the model").click()
    expect(models.locator(".progress")).to_contain_text("Waiting for the trainer")
    training = running.stub.trainings[0]
    assert training.request.epochs == 2
    moved = training.model_copy(
        update={"status": c.TrainingStatus.RUNNING, "progress": progress(0, 40, loss=0.1234, accuracy=0.98)}
    )
    tell(running, moved)
    expect(models.locator(".progress")).to_contain_text("0.1234")
    expect(models.get_by_role("progressbar", name="Training")).to_have_attribute("aria-valuenow", "38")
    expect(models.get_by_role("progressbar", name="This pass")).to_have_attribute("aria-valuenow", "80")
    expect(models.locator(".progress")).to_contain_text("pass 1 of 2")
    tell(running, moved.model_copy(update={"status": c.TrainingStatus.DONE, "version": 4}))
    expect(models.locator(".past")).to_contain_text("version 4")
    expect(models.get_by_role("button", name="Retrain the model")).to_be_enabled()


def test_a_training_started_elsewhere_draws_its_curves_as_it_goes(models: Page, running: Any) -> None:
    training = started()
    line = models.locator('.progress .chart[aria-label="Loss"] .chart-lines .chart-line')
    ends = ()
    for step in (10, 30, 50, 70):
        at = progress(step // 50, step, loss=1 / step, accuracy=0.9 + step / 1000)
        if step == 50:
            at = at.model_copy(update={"validation_accuracy": 0.97})
            ends = (at,)
        training = tell(running, training.model_copy(update={"progress": at, "history": ends}))
        expect(models.locator(".progress dl")).to_contain_text(f"{step} of 100")
    expect(line).to_have_attribute("d", re.compile(r"^M[\d.,]+(L[\d.,]+){3}$"))
    held = models.locator('.progress .chart[aria-label="Read right"] .chart-lines .chart-line').last
    expect(held).to_have_attribute("d", re.compile(r"^M[\d.,]+h0.01$"))


def test_a_training_is_cancelled_and_started_again(models: Page, running: Any) -> None:
    training = started()
    running.stub.trainings.append(training)
    tell(running, training)
    models.locator(".progress").get_by_role("button", name="Cancel").click()
    expect(models.locator(".past")).to_contain_text("cancelled")
    models.get_by_role("button", name="Start again").click()
    expect(models.locator(".progress")).to_contain_text("Waiting for the trainer")
    assert [each.request.epochs for each in running.stub.trainings] == [2, 2]


def test_a_button_keeps_the_focus_while_another_training_goes_on(models: Page, running: Any) -> None:
    tell(running, started().model_copy(update={"id": "b" * 32, "status": c.TrainingStatus.CANCELLED}))
    again = models.get_by_role("button", name="Start again")
    again.focus()
    for step in (10, 20):
        tell(running, started().model_copy(update={"progress": progress(0, step, loss=0.5, accuracy=0.9)}))
        expect(models.locator(".progress dl")).to_contain_text(f"{step} of 100")
    expect(again).to_be_focused()
