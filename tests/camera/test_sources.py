"""Every kind of source, for real; a device only as far as a machine without a camera goes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from camera_worker.sources import DemoSource, DeviceSource, FolderSource, UrlSource, VideoSource, open_source
from camera_worker.sources.device import check_device
from digitscribe.errors import CameraUnavailable, SettingsError
from digitscribe.settings import CameraSettings

Numbers = Callable[[np.ndarray], int]
Pictures = Callable[[int], np.ndarray]


def settings(source: str) -> CameraSettings:
    return CameraSettings(camera_source=source, camera_image_s=1.0)


@pytest.mark.parametrize(
    ("source", "kind", "live"),
    [
        ("demo", DemoSource, True),
        ("0", DeviceSource, True),
        ("/dev/video3", DeviceSource, True),
        ("rtsp://cam/1", UrlSource, True),
        ("HTTP://cam/video", UrlSource, True),
    ],
)
def test_a_setting_names_its_source(source: str, kind: type, live: bool) -> None:
    opened = open_source(settings(source))
    assert type(opened) is kind
    assert opened.live is live


def test_a_video_a_folder_and_an_image_are_told_apart(video: Path, tmp_path: Path) -> None:
    image = tmp_path / "sheet.png"
    image.touch()
    kinds = [type(open_source(settings(str(path)))) for path in (video, tmp_path, image)]
    assert kinds == [VideoSource, FolderSource, FolderSource]


@pytest.mark.parametrize("source", ["file:///etc/passwd", "concat://a|b", "nowhere.mp4", "", "rtsp://u:p w@cam/"])
def test_what_is_no_source_is_refused_by_the_variables_name(source: str) -> None:
    with pytest.raises(SettingsError, match="DIGITSCRIBE_CAMERA_SOURCE"):
        open_source(settings(source))


def test_a_refused_url_does_not_show_its_password() -> None:
    with pytest.raises(SettingsError) as raised:
        open_source(settings("ftp://user:S3CRET@cam/"))
    assert "S3CRET" not in str(raised.value)


def test_a_video_yields_every_frame_once_in_order(video: Path, number_of: Numbers) -> None:
    assert [number_of(shot.image) for shot in VideoSource(video).shots()] == list(range(20))


def test_a_video_is_played_at_its_own_pace(video: Path) -> None:
    assert {round(shot.lasts_s, 6) for shot in VideoSource(video).shots()} == {0.05}


@pytest.mark.parametrize("content", [b"", b"no video at all", b"RIFF\x00\x00\x00\x00AVI LIST"])
def test_a_broken_video_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.avi"
    path.write_bytes(content)
    with pytest.raises(CameraUnavailable, match=r"broken\.avi"):
        list(VideoSource(path).shots())


def test_a_folder_is_shown_in_natural_order(tmp_path: Path, picture: Pictures, number_of: Numbers) -> None:
    for number in (10, 2, 1):
        cv2.imwrite(str(tmp_path / f"sheet{number}.png"), picture(number))
    shots = FolderSource(tmp_path, image_s=0.5, max_side=1280).shots()
    assert [number_of(shot.image) for shot in shots] == [1, 2, 10]


def test_each_image_of_a_folder_is_shown_for_its_time(tmp_path: Path, picture: Pictures) -> None:
    cv2.imwrite(str(tmp_path / "sheet.png"), picture(0))
    shots = list(FolderSource(tmp_path, image_s=3.0, max_side=1280).shots())
    assert sum(shot.lasts_s for shot in shots) == pytest.approx(3.0)


def test_what_is_no_image_is_passed_over(tmp_path: Path, picture: Pictures, number_of: Numbers) -> None:
    (tmp_path / "a.png").write_bytes(b"no image")
    (tmp_path / "b.txt").write_text("no image either")
    cv2.imwrite(str(tmp_path / "c.jpg"), picture(4))
    shots = FolderSource(tmp_path, image_s=0.5, max_side=1280).shots()
    assert [number_of(shot.image) for shot in shots] == [4]


def test_links_out_of_the_media_folder_do_not_count(tmp_path: Path, picture: Pictures, number_of: Numbers) -> None:
    sheets = tmp_path / "media" / "sheets"
    sheets.mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "secret.png"), picture(1))
    cv2.imwrite(str(tmp_path / "media" / "other.png"), picture(2))
    cv2.imwrite(str(sheets / "c.png"), picture(3))
    (sheets / "a.png").symlink_to(tmp_path / "secret.png")
    (sheets / "b.png").symlink_to("../other.png")

    def shown(media_dir: Path | None) -> list[int]:
        found = CameraSettings(camera_source=str(sheets), camera_image_s=0.5, camera_media_dir=media_dir)
        return [number_of(shot.image) for shot in open_source(found).shots()]

    assert shown(tmp_path / "media") == [2, 3]
    # what the settings name outside of the media folder is the machine's owner's own choice
    assert shown(None) == [1, 2, 3]


def test_large_images_of_a_folder_are_scaled_down(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "large.png"), np.zeros((300, 4000, 3), np.uint8))
    shot = next(FolderSource(tmp_path, image_s=1, max_side=1000).shots())
    assert shot.image.shape == (75, 1000, 3)


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CameraUnavailable, match="put PNG or JPEG files there"):
        list(FolderSource(tmp_path, image_s=1, max_side=1280).shots())


def test_a_missing_device_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CameraUnavailable, match="plug one in"):
        next(DeviceSource(str(tmp_path / "video7")).shots())


def test_a_device_that_is_no_camera_does_not_open() -> None:
    with pytest.raises(CameraUnavailable, match="/dev/null"):
        next(DeviceSource("/dev/null").shots())


def test_a_device_without_permission_names_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    # Root, as in most containers that run tests, may open everything.
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(CameraUnavailable, match="group `video`"):
        check_device(Path("/dev/null"))


def test_a_url_yields_the_cameras_frames(camera: Any, number_of: Numbers) -> None:
    with closing(UrlSource(camera.url, stall_s=5).shots()) as shots:
        numbers = [number_of(shot.image) for shot in islice(shots, 5)]
    assert numbers == list(range(numbers[0], numbers[0] + 5))


def test_a_url_with_the_cameras_password_opens(camera: Any) -> None:
    camera.credentials = "admin:pa55"
    url = camera.url.replace("http://", "http://admin:pa55@")
    with closing(UrlSource(url, stall_s=5).shots()) as shots:
        assert next(shots).image.shape == (240, 320, 3)


def test_a_camera_that_falls_silent_is_given_up(camera: Any) -> None:
    with closing(UrlSource(camera.url, stall_s=0.5).shots()) as shots:
        next(shots)
        camera.silent.set()
        with pytest.raises(CameraUnavailable, match="stopped delivering"):
            list(shots)


def test_a_killed_camera_is_noticed(camera: Any) -> None:
    with closing(UrlSource(camera.url, stall_s=5).shots()) as shots:
        next(shots)
        camera.kill()
        with pytest.raises(CameraUnavailable, match="stopped delivering"):
            list(shots)


def test_a_camera_that_is_away_does_not_open(camera: Any) -> None:
    camera.kill()
    with pytest.raises(CameraUnavailable, match="does not open"):
        next(UrlSource(camera.url, stall_s=1).shots())


def test_the_demo_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [np.full((2, 2, 3), number, np.uint8) for number in range(3)]
    monkeypatch.setattr("camera_worker.sources.demo.clip", lambda: iter(frames))
    seen = [int(shot.image[0, 0, 0]) for shot in islice(DemoSource().shots(), 7)]
    assert seen == [0, 1, 2, 0, 1, 2, 0]
