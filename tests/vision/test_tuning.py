"""Changes to a profile: checked setting by setting, and told in words what is wrong with them."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from digitscribe.vision import tuning
from digitscribe.vision.profile import Polarity, Profile
from hypothesis import given
from hypothesis import strategies as st


def test_only_what_is_named_is_changed() -> None:
    profile = tuning.changed(Profile(min_height=0.5), tuning.parse('{"remove_lines": false}'))
    assert profile == Profile(min_height=0.5, remove_lines=False)


@pytest.mark.parametrize("text", ["", "{}"])
def test_nothing_named_changes_nothing(text: str) -> None:
    assert tuning.changed(Profile(), tuning.parse(text)) == Profile()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"min_contrast": 3}', "min_contrast: expected a number from 0 to 1"),
        ('{"min_contrast": "0.5"}', "min_contrast: expected a number from 0 to 1"),
        ('{"min_contrast": null}', "min_contrast: expected a number from 0 to 1"),
        ('{"polarity": "upside_down"}', "polarity: expected one of auto, dark_on_light, light_on_dark"),
        ('{"remove_lines": "no"}', "remove_lines: expected true or false"),
        ('{"colour": 1}', "there is no setting 'colour'; there are find_sheet, polarity, "),
        ("[1]", "expected a JSON object"),
        ("{", "expected a JSON object"),
        ('{"min_contrast": NaN}', "expected a JSON object"),
        ("[" * 100_000, "expected a JSON object"),
    ],
)
def test_what_is_wrong_is_told_by_name_and_range(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        tuning.parse(text)


def test_every_setting_says_what_it_may_be() -> None:
    for name in Profile.model_fields:
        assert "None" not in tuning.expected(name)
        assert tuning.expected(name) != "a text"


def test_a_profile_travels_as_what_it_changes() -> None:
    profile = Profile(polarity=Polarity.LIGHT_ON_DARK, min_height=0.2)
    assert tuning.changes_of(profile) == {"polarity": "light_on_dark", "min_height": 0.2}
    assert tuning.changed(Profile(), json.loads(json.dumps(tuning.changes_of(profile)))) == profile


def test_the_usual_profile_travels_as_nothing() -> None:
    assert tuning.changes_of(Profile()) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=4
)


@given(st.dictionaries(st.sampled_from(sorted(Profile.model_fields)) | st.text(), JSON, max_size=4))
def test_whatever_is_asked_for_becomes_a_profile_or_a_sentence(asked: dict[str, Any]) -> None:
    with suppress(ValueError):
        changes = tuning.parse(json.dumps(asked))
        assert tuning.changes_of(tuning.changed(Profile(), changes)).keys() <= asked.keys()
