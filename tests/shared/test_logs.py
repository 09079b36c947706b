"""Every line carries the recognition's id, as text and as JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from digitscribe.logs import configure_logging, recognition_context


@pytest.fixture(autouse=True)
def _root_logger_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_line_carries_the_recognition_it_is_about(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway", "INFO", log_format)
    with recognition_context("ab" * 16):
        logging.getLogger("x").info("read %d digits", 3)
    assert "ab" * 16 in capsys.readouterr().err


def test_outside_its_context_the_id_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway", "INFO", "json")
    with recognition_context("ab" * 16):
        pass
    logging.getLogger("x").info("idle")
    assert json.loads(capsys.readouterr().err)["recognition_id"] == "-"


def test_json_lines_carry_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway", "INFO", "json")
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("x").exception("failed")
    assert "ValueError: broken" in json.loads(capsys.readouterr().err)["exception"]
