"""Which versions stay on the volume."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from redis import Redis

from digitscribe.models import models_config
from digitscribe.models.promotion import alone
from digitscribe.models.volume import ModelVolume


def surplus(versions: Sequence[int], in_use: Collection[int], kept: int) -> list[int]:
    """Of `versions`, the oldest beyond the newest `kept`; never one that is in use."""
    return [version for version in sorted(versions)[:-kept] if version not in in_use]


def remove_surplus(redis: Redis, volume: ModelVolume, kept: int) -> list[int]:
    """Remove the oldest versions beyond the newest `kept`, but none that models.config names; returns them.

    Raises:
        Conflict: a promotion is going on, perhaps of one of them.
    """
    with alone(redis):
        config = models_config.read(volume.config_path)
        name = volume.model_name
        in_use = {*models_config.loaded(config, name), *models_config.labels(config, name).values()}
        removed = surplus(volume.versions(), in_use, kept)
        for version in removed:
            volume.remove(version)
    return removed
