"""Which cameras are to run, from what people defined and from the worker's own settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from camera_worker.plan import Camera, plan, resolve
from digitscribe.contracts import CameraDefinition, DefinedCamera
from digitscribe.errors import SettingsError
from digitscribe.settings import CameraSettings
from digitscribe.vision.profile import Profile


def own(**changes: object) -> CameraSettings:
    return CameraSettings.model_validate({"camera_name": "demo", **changes})


def defined(name: str, **fields: object) -> DefinedCamera:
    return DefinedCamera(name=name, definition=CameraDefinition.model_validate(fields))


def told(camera: Camera) -> dict[str, str]:
    return {name.removeprefix("DIGITSCRIBE_CAMERA_"): value for name, value in camera.environment}


def test_without_definitions_the_workers_own_camera_runs_as_its_settings_say() -> None:
    assert plan(own(), []) == {"demo": Camera("demo", (("DIGITSCRIBE_CAMERA_NAME", "demo"),))}


def test_a_defined_camera_runs_beside_it() -> None:
    cameras = plan(own(), [defined("door", source="rtsp://cam/1", fps=2.5, polarity="light_on_dark")])
    assert sorted(cameras) == ["demo", "door"]
    assert told(cameras["door"]) == {
        "NAME": "door",
        "SOURCE": "rtsp://cam/1",
        "FPS": "2.5",
        "POLARITY": "light_on_dark",
    }


def test_a_paused_camera_does_not_run() -> None:
    assert plan(own(), [defined("door", source="demo", paused=True), defined("demo", paused=True)]) == {}


def test_a_definition_changes_the_workers_own_camera() -> None:
    assert told(plan(own(), [defined("demo", fps=1)])["demo"]) == {"NAME": "demo", "FPS": "1"}


def test_a_profile_travels_as_what_it_changes() -> None:
    profile = Profile.model_validate({"remove_lines": False})
    assert told(plan(own(), [defined("door", source="demo", profile=profile)])["door"])["PROFILE"] == (
        '{"remove_lines":false}'
    )


def test_a_camera_without_a_source_says_so() -> None:
    assert "no source" in (plan(own(), [defined("door", fps=1)])["door"].problem or "")


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    (folder / "clips").mkdir(parents=True)
    (folder / "clips" / "a.mp4").touch()
    (tmp_path / "secret.mp4").touch()
    (folder / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    return folder


def test_a_file_is_read_below_the_media_folder(media: Path) -> None:
    assert resolve("clips/a.mp4", media) == str(media / "clips" / "a.mp4")


@pytest.mark.parametrize(
    "source", ["../secret.mp4", "clips/../../secret.mp4", "link.mp4", "/etc/passwd", "file:///etc/passwd"]
)
def test_and_nowhere_else(media: Path, source: str) -> None:
    with pytest.raises(SettingsError):
        resolve(source, media)


def test_without_a_media_folder_no_file_is_read() -> None:
    with pytest.raises(SettingsError, match="DIGITSCRIBE_CAMERA_MEDIA_DIR"):
        resolve("clips/a.mp4", None)


def test_a_file_that_is_missing_is_told_and_the_others_run(media: Path) -> None:
    cameras = plan(own(camera_media_dir=media), [defined("film", source="b.mp4"), defined("door", source="demo")])
    assert "no 'b.mp4'" in (cameras["film"].problem or "")
    assert cameras["door"].problem is None
