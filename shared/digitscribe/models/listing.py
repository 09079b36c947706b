"""All versions at a glance: cards from the volume, labels from models.config, states from the model server."""

from __future__ import annotations

from collections.abc import Mapping

from digitscribe.contracts.model import ModelList, ModelVersion
from digitscribe.errors import NotFound
from digitscribe.models import models_config
from digitscribe.models.volume import ModelVolume

UNLOADED = "UNLOADED"
"""The state of a version that the model server does not hold."""


def list_models(volume: ModelVolume, states: Mapping[int, str]) -> ModelList:
    """All versions on the volume, newest first; `states` is what the model server says of each (empty if it is away).

    Raises:
        ModelError: models.config cannot be read.
    """
    labelled = _labels(volume)
    versions = tuple(
        ModelVersion(
            version=version,
            state=_state(states.get(version)),
            labels=tuple(sorted(label for label, target in labelled.items() if target == version)),
            card=volume.card(version),
        )
        for version in reversed(volume.versions())
    )
    return ModelList(model=volume.model_name, stable=labelled.get(models_config.STABLE), versions=versions)


def _labels(volume: ModelVolume) -> dict[str, int]:
    try:
        return models_config.labels(models_config.read(volume.config_path), volume.model_name)
    except NotFound:
        return {}


def _state(state: str | None) -> str:
    return UNLOADED if state in (None, "END") else str(state)
