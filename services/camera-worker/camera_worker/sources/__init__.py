"""Where frames come from: devices, URLs, video files, folders of images, and the demo."""

from camera_worker.sources.base import Shot, Source
from camera_worker.sources.demo import DemoSource
from camera_worker.sources.device import DeviceSource
from camera_worker.sources.folder import FolderSource
from camera_worker.sources.opening import open_source
from camera_worker.sources.url import UrlSource
from camera_worker.sources.video import VideoSource

__all__ = ["DemoSource", "DeviceSource", "FolderSource", "Shot", "Source", "UrlSource", "VideoSource", "open_source"]
