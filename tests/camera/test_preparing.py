"""A camera's profile: the system's, changed by its own, its polarity said last."""

from __future__ import annotations

import pytest
from camera_worker.preparing import profile_of
from digitscribe.errors import SettingsError
from digitscribe.settings import CameraSettings, load
from digitscribe.vision.profile import Polarity, Profile


def test_a_camera_sees_ink_on_paper_unless_told_otherwise() -> None:
    assert profile_of(load(CameraSettings)) == Profile(polarity=Polarity.DARK_ON_LIGHT)


def test_a_cameras_own_settings_go_before_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITSCRIBE_PROFILE", '{"remove_lines": false, "min_height": 0.5}')
    monkeypatch.setenv("DIGITSCRIBE_CAMERA_PROFILE", '{"min_height": 0.2, "polarity": "light_on_dark"}')
    asked = profile_of(load(CameraSettings))
    assert asked == Profile(remove_lines=False, min_height=0.2, polarity=Polarity.LIGHT_ON_DARK)


def test_the_polarity_by_its_own_name_overrides_the_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITSCRIBE_CAMERA_PROFILE", '{"polarity": "light_on_dark"}')
    monkeypatch.setenv("DIGITSCRIBE_CAMERA_POLARITY", "auto")
    assert profile_of(load(CameraSettings)).polarity is Polarity.AUTO


@pytest.mark.parametrize("variable", ["DIGITSCRIBE_PROFILE", "DIGITSCRIBE_CAMERA_PROFILE"])
def test_a_wrong_profile_is_told_by_the_variables_name(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, '{"min_contrast": 2}')
    with pytest.raises(SettingsError, match=f"{variable}: .*min_contrast: expected a number from 0 to 1"):
        load(CameraSettings)
