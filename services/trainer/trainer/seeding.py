"""The first start: the shipped model goes onto an empty volume, and models.config names it. Without TensorFlow."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from digitscribe.errors import NotFound
from digitscribe.models import models_config
from digitscribe.models.volume import ModelVolume
from digitscribe.settings import TrainerSettings

_log = logging.getLogger(__name__)


def seed(volume: ModelVolume, shipped: Path, base_path: str) -> bool:
    """Make the volume ready for the model server; True if anything had to be done.

    A volume that holds versions keeps them as they are, and a models.config that is there stays.

    Args:
        volume: where to.
        shipped: a folder of versions, as `data/models/digits`.
        base_path: where the model server sees the volume's versions.

    Raises:
        NotFound: the volume is empty, and so is `shipped`.
    """
    copied = not volume.versions() and _copy(volume, shipped)
    missing = not volume.config_path.is_file()
    if missing:
        newest = volume.versions()[-1]
        models_config.write(volume.config_path, models_config.initial(volume.model_name, base_path, newest))
        _log.info("models.config names version %d as stable", newest)
    return copied or missing


def base_path(settings: TrainerSettings, model_name: str) -> str:
    """The folder of the model's versions, as the model server sees it."""
    return str((settings.serving_models_dir or settings.models_dir.resolve()) / model_name)


def _copy(volume: ModelVolume, shipped: Path) -> bool:
    versions = ModelVolume(shipped.parent, shipped.name).versions()
    if not versions:
        raise NotFound(
            f"{shipped} holds no model to begin with; set DIGITSCRIBE_DATA_DIR to the repository's data folder"
        )
    with volume.staging() as folder:
        shutil.copytree(shipped / str(versions[-1]), folder, dirs_exist_ok=True)
        volume.publish(folder, versions[-1])
    _log.info("the shipped version %d is on the volume %s", versions[-1], volume.models_dir)
    return True
