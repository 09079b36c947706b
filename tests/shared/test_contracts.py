"""Documents: what goes in comes out, and what is not in the contract is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from digitscribe.contracts import Box, Digit, Recognition, RecognitionStatus
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

boxes = st.builds(
    Box, x=st.integers(0, 9999), y=st.integers(0, 9999), width=st.integers(1, 999), height=st.integers(1, 999)
)
digits = st.builds(
    Digit,
    index=st.integers(0, 99),
    digit=st.integers(0, 9),
    confidence=st.floats(0, 1),
    row=st.integers(0, 9),
    box=boxes,
    alternatives=st.just(()),
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)


@given(st.lists(digits, max_size=5), moments)
def test_a_recognition_survives_its_json(found: list[Digit], moment: datetime) -> None:
    recognition = Recognition(id="0" * 32, status=RecognitionStatus.DONE, created_at=moment, digits=tuple(found))
    assert Recognition.model_validate_json(recognition.model_dump_json(exclude_none=True)) == recognition


def test_moments_are_utc_with_milliseconds() -> None:
    moment = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    record = Recognition(id="0" * 32, status=RecognitionStatus.QUEUED, created_at=moment)
    assert json.loads(record.model_dump_json())["created_at"] == "2026-11-22T10:00:00.000Z"


@pytest.mark.parametrize(
    "fault", [{"x": -1}, {"width": 0}, {"depth": 3}, {"y": "top"}], ids=["negative", "empty", "unknown", "text"]
)
def test_a_box_outside_the_contract_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Box.model_validate({"x": 0, "y": 0, "width": 1, "height": 1, **fault})
