"""Which cameras are to run, and with which settings: pure, from what people defined and this worker's own settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from digitscribe.contracts import AskedTrial, CameraDefinition, DefinedCamera
from digitscribe.contracts.camera_definition import URL_SCHEMES
from digitscribe.errors import SettingsError
from digitscribe.settings import ENV_PREFIX, CameraSettings

MEDIA_DIR: Final = "DIGITSCRIBE_CAMERA_MEDIA_DIR"

TRIAL_ID: Final = "CAMERA_WORKER_TRIAL"
"""Environment variable of a process that looks through a source once: the trial's id."""


@dataclass(frozen=True)
class Camera:
    """A camera that is to run: what its process's environment says beside this one's; or why it cannot run."""

    name: str
    environment: tuple[tuple[str, str], ...]
    problem: str | None = None


def plan(settings: CameraSettings, defined: Iterable[DefinedCamera]) -> dict[str, Camera]:
    """The cameras to run, by name: the worker's own one, unless it is paused, and each defined one that is not.

    A definition with the name of the worker's own camera changes that one.
    """
    definitions = {each.name: each.definition for each in defined}
    definitions.setdefault(settings.camera_name, CameraDefinition())
    running = {name: each for name, each in definitions.items() if not each.paused}
    return {name: _camera(name, each, settings) for name, each in sorted(running.items())}


def _camera(name: str, definition: CameraDefinition, settings: CameraSettings) -> Camera:
    try:
        return Camera(name, tuple(sorted(_environment(name, definition, settings).items())))
    except SettingsError as error:
        return Camera(name, (), str(error))


def _environment(name: str, definition: CameraDefinition, settings: CameraSettings) -> Mapping[str, str]:
    profile = definition.profile and definition.profile.model_dump_json(exclude_unset=True)
    given = {
        "source": definition.source and resolve(definition.source, settings.camera_media_dir),
        "fps": definition.fps and f"{definition.fps:g}",
        "polarity": definition.polarity,
        "profile": profile,
    }
    if definition.source is None and name != settings.camera_name:
        raise SettingsError("this camera has no source; set one")
    changes = {f"{ENV_PREFIX}CAMERA_{field.upper()}": str(value) for field, value in given.items() if value}
    return {f"{ENV_PREFIX}CAMERA_NAME": name, **changes}


def trial_environment(trial: AskedTrial, settings: CameraSettings) -> dict[str, str]:
    """What the environment of a process says that looks through the trial's source once.

    Raises:
        SettingsError: as `resolve` says.
    """
    return {TRIAL_ID: trial.id, f"{ENV_PREFIX}CAMERA_SOURCE": resolve(trial.source, settings.camera_media_dir)}


def resolve(source: str, media_dir: Path | None) -> str:
    """`source` as this machine knows it: files by their full path, which lies below `media_dir`.

    Raises:
        SettingsError: it is a file, and there is no media folder, or it lies elsewhere, through a link, say.
    """
    if source == "demo" or source.isdecimal() or source.startswith("/dev/") or _is_url(source):
        return source
    if media_dir is None:
        raise SettingsError(f"files can be read only below {MEDIA_DIR}, and it is not set")
    folder = media_dir.resolve()
    path = (folder / source).resolve()
    if not path.is_relative_to(folder):
        raise SettingsError(f"{source!r} lies outside of the folder {MEDIA_DIR}")
    if not path.exists():
        raise SettingsError(f"there is no {source!r} in the folder {MEDIA_DIR}")
    return str(path)


def _is_url(source: str) -> bool:
    scheme, separator, _ = source.partition("://")
    return bool(separator) and scheme in URL_SCHEMES
