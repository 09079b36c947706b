"""Numbers in paths: plain ones, or not found."""

from __future__ import annotations

import pytest
from digitscribe.errors import NotFound
from gateway.paths import digit_index, version_number
from hypothesis import example, given
from hypothesis import strategies as st


@given(st.text() | st.from_regex(r"\d+", fullmatch=True) | st.integers().map(str))
@example("")
@example("٣")
@example("²")
@example("1_0")
@example(" 1")
@example("0" * 5000)
def test_any_text_is_a_small_number_or_not_found(text: str) -> None:
    if 0 < len(text) <= 5 and all(letter in "0123456789" for letter in text):
        assert digit_index(text) == int(text)
        return
    with pytest.raises(NotFound, match="there is no digit") as refused:
        digit_index(text)
    assert len(str(refused.value)) < 300  # what was asked for is told back in part only


@given(st.integers(0, 10_000 - 1))
def test_every_place_that_a_digit_can_have_is_understood(place: int) -> None:
    assert digit_index(str(place)) == place


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("999999999", 999_999_999)])
def test_versions_are_longer(text: str, number: int) -> None:
    assert version_number(text) == number
    with pytest.raises(NotFound, match="there is no version"):
        version_number(text + "0" * 9)
