"""From the setting `camera_source` to a source."""

from __future__ import annotations

from pathlib import Path

from digitscribe.errors import SettingsError
from digitscribe.settings import CameraSettings

from camera_worker.redact import redact
from camera_worker.sources.base import Source
from camera_worker.sources.demo import DemoSource
from camera_worker.sources.device import DeviceSource
from camera_worker.sources.folder import SUFFIXES, FolderSource, is_below
from camera_worker.sources.url import SCHEMES, UrlSource
from camera_worker.sources.video import VideoSource

VARIABLE = "DIGITSCRIBE_CAMERA_SOURCE"


def open_source(settings: CameraSettings) -> Source:
    """The source that the settings name; nothing is opened yet.

    Raises:
        SettingsError: it is none of the kinds that are known, or a path that does not exist.
    """
    wanted = settings.camera_source.strip()
    if wanted == "demo":
        return DemoSource()
    if wanted.isdecimal() or wanted.startswith("/dev/"):
        return DeviceSource(wanted)
    if "://" in wanted:
        return _url(wanted, settings.camera_stall_s)
    return _file(wanted, settings)


def _url(url: str, stall_s: float) -> Source:
    scheme = url.partition("://")[0].lower()
    if scheme not in SCHEMES:
        known = ", ".join(sorted(SCHEMES))
        raise SettingsError(f"{VARIABLE}: {redact(url)} begins with none of {known}")
    if len(url.split()) != 1:
        raise SettingsError(f"{VARIABLE}: the URL holds a blank; write it as %20")
    return UrlSource(url, stall_s)


def _file(wanted: str, settings: CameraSettings) -> Source:
    path = Path(wanted)
    if wanted and (path.is_dir() or (path.is_file() and path.suffix.lower() in SUFFIXES)):
        media_dir = settings.camera_media_dir
        within = media_dir if media_dir and is_below(path, media_dir) else None
        return FolderSource(path, settings.camera_image_s, settings.camera_max_side, within)
    if path.is_file():
        return VideoSource(path)
    raise SettingsError(
        f"{VARIABLE}: {redact(wanted)!r} is neither `demo`, a device number or path, a URL, nor a file or folder "
        "that exists"
    )
