"""Model versions on disk: `<models_dir>/<model>/<version>/`, each complete from the moment it can be seen."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digitscribe.contracts.model import ModelCard
from digitscribe.errors import ModelError, NotFound

CARD = Path("assets.extra") / "model_card.json"
"""Where a version's card is."""

WEIGHTS = Path("assets.extra") / "weights.npz"
"""Where a version's weights are, for a training that starts from them; not every version has them."""

_STAGING = ".staging-"
"""No name that parses as an integer: TensorFlow Serving takes any that does, complete or not."""


class ModelVolume:
    """The versions of one model on the volume.

    Example:
        volume = ModelVolume(settings.models_dir, settings.model_name)
        with volume.staging() as folder:
            write_everything_into(folder)
            volume.publish(folder, volume.next_version())
    """

    def __init__(self, models_dir: Path, model_name: str) -> None:
        self.models_dir = models_dir
        self.model_name = model_name
        self.model_dir = models_dir / model_name

    @property
    def config_path(self) -> Path:
        """`models.config`, the file that the model server reads."""
        return self.models_dir / "models.config"

    def path(self, version: int) -> Path:
        """The folder of `version`, there or not."""
        return self.model_dir / str(version)

    def versions(self) -> list[int]:
        """All complete versions, in ascending order."""
        if not self.model_dir.is_dir():
            return []
        numbers = (int(each.name) for each in self.model_dir.iterdir() if each.name.isdecimal())
        return sorted(number for number in numbers if self.has(number))

    def has(self, version: int) -> bool:
        """Whether `version` is there."""
        return version > 0 and (self.path(version) / "saved_model.pb").is_file()

    def check(self, version: int) -> None:
        """Raise NotFound if `version` is not there."""
        if not self.has(version):
            raise NotFound(f"there is no version {version} of model {self.model_name}")

    def card(self, version: int) -> ModelCard | None:
        """The card of `version`; None if it has none that can be read."""
        try:
            return ModelCard.model_validate_json((self.path(version) / CARD).read_bytes())
        except (OSError, ValueError):
            return None

    def next_version(self) -> int:
        """A version that never was: the numbers only grow, also over versions that have been removed."""
        return max([*self.versions(), self._highest_ever()], default=0) + 1

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder on the same volume to prepare a version in; what was not published is removed."""
        self.model_dir.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=self.model_dir))
        try:
            # as long as this process lives and holds the lock, nobody takes the folder for a leftover
            with _locked(folder):
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, folder: Path, version: int) -> Path:
        """Give the prepared `folder` its final name in one rename, after all of it has reached the disk.

        Raises:
            ModelError: the version exists, or the folder holds no SavedModel.
        """
        target = self.path(version)
        if target.exists():
            raise ModelError(f"version {version} of model {self.model_name} exists already")
        if not (folder / "saved_model.pb").is_file():
            raise ModelError(f"{folder} holds no SavedModel")
        for each in (folder, *folder.rglob("*")):
            each.chmod(0o755 if each.is_dir() else 0o644)
            _sync(each)
        self._remember(version)
        folder.rename(target)
        _sync(self.model_dir)
        return target

    def remove_leftovers(self) -> int:
        """Remove what exports that were killed have left behind; returns how many."""
        folders = [each for each in self.model_dir.glob(f"{_STAGING}*") if _is_free(each)]
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        return len(folders)

    def remove(self, version: int) -> None:
        """Remove `version`; out of the model server's sight first, so that it never sees a part."""
        grave = Path(tempfile.mkdtemp(prefix=_STAGING, dir=self.model_dir))
        self._remember(version)
        self.path(version).rename(grave / "version")
        shutil.rmtree(grave)

    @property
    def _mark(self) -> Path:
        return self.models_dir / f".{self.model_name}.last_version"

    def _highest_ever(self) -> int:
        return int(self._mark.read_text(encoding="ascii")) if self._mark.is_file() else 0

    def _remember(self, version: int) -> None:
        write_file(self._mark, f"{max(version, self._highest_ever())}\n".encode())


def write_file(path: Path, content: bytes) -> None:
    """Write `content` to `path` in one rename: a reader sees the old file or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as unfinished:
        unfinished.write(content)
        unfinished.flush()
        os.fchmod(unfinished.fileno(), 0o644)
        os.fsync(unfinished.fileno())
    Path(unfinished.name).replace(path)
    _sync(path.parent)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _is_free(folder: Path) -> bool:
    try:
        with _locked(folder):
            return True
    except OSError:
        return False


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
