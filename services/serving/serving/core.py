"""The core of the server: the models in force, their labels, and the way from a request to a loaded version."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from serving import config
from serving.manager import Manager
from serving.servable import Servable
from serving.source import Source
from serving.states import State, StateBoard, VersionState
from serving.status import failed_precondition, invalid_argument, not_found

log = logging.getLogger(__name__)

Labels = Mapping[str, Mapping[str, int]]
"""Model → label → version."""


class ServerCore:
    """Takes configurations, answers with versions; safe to use from many threads."""

    def __init__(self, manager: Manager, board: StateBoard, source: Source, *, labels_before_models: bool) -> None:
        self._manager = manager
        self._board = board
        self._source = source
        self._labels_before_models = labels_before_models
        self._models: dict[str, Any] = {}
        self._labels: Labels = {}
        self._configuring = threading.Lock()

    def configure(self, server_config: Any, still_wanted: Callable[[], bool] = lambda: True) -> None:
        """Put a ModelServerConfig in force; returns when the models that are new in it are available.

        As with TensorFlow Serving, a model whose folder never gets a version is waited for without limit, and later
        configurations wait behind it: `still_wanted` is asked when the turn of this one has come.

        Raises:
            StatusError: the configuration is refused, or a new model could not be loaded.
        """
        with self._configuring:
            if not still_wanted():
                return
            if server_config.WhichOneof("config") != "model_config_list":
                log.info("Taking no action for empty config.")
                return
            models = config.check_models(server_config.model_config_list.config)
            config.check_platforms(self._models, models)
            self._labels = self._new_labels(models)
            since = self._board.now()
            new = models.keys() - self._models.keys()
            self._models = models
            log.info("Adding/updating models: %s", ", ".join(models))
            self._source.configure(models)
            self._board.wait_until_available(new, since)
            self._manager.settle()

    @contextmanager
    def use(self, spec: Any) -> Iterator[Servable]:
        """The version that a ModelSpec means; it stays loaded as long as the context lasts.

        Raises:
            StatusError: no name, an unknown label, or nothing available.
        """
        if not spec.name:
            raise invalid_argument("ModelSpec has no name specified.")
        with self._manager.use(spec.name, self._version(spec)) as servable:
            yield servable

    def states(self, spec: Any) -> dict[int, VersionState]:
        """The states of the versions of a model, newest first, or of the one version that the ModelSpec names.

        Raises:
            StatusError: NOT_FOUND.
        """
        versions = self._board.versions(spec.name)
        if not versions:
            raise not_found(f"Could not find any versions of model {spec.name}")
        # as with TensorFlow Serving, a label here means nothing
        if spec.WhichOneof("version_choice") != "version":
            return versions
        if spec.version.value not in versions:
            raise not_found(f"Could not find version {spec.version.value} of model {spec.name}")
        return {spec.version.value: versions[spec.version.value]}

    def stop(self) -> None:
        """Look for nothing new and load nothing more."""
        self._source.stop()
        self._manager.stop()

    def _version(self, spec: Any) -> int | None:
        choice = spec.WhichOneof("version_choice")
        if choice == "version_label":
            version = self._labels.get(spec.name, {}).get(spec.version_label)
            if version is None:
                raise invalid_argument(f"Unrecognized servable version label: {spec.version_label}")
            return version
        return int(spec.version.value) if choice == "version" else None

    def _new_labels(self, models: Mapping[str, Any]) -> Labels:
        """The labels of a new configuration; one that moves, or any without the flag, needs an available version."""
        for name, model in models.items():
            states = self._board.versions(name)
            for label, version in sorted(model.version_labels.items()):
                moves = self._labels.get(name, {}).get(label, version) != version
                available = version in states and states[version].state is State.AVAILABLE
                if (moves or not self._labels_before_models) and not available:
                    raise failed_precondition(
                        f"Request to assign label to version {version} of model {name}, which is not currently "
                        "available for inference"
                    )
        return {name: dict(model.version_labels) for name, model in models.items()}


def watch_config_file(core: ServerCore, path: str, wait_s: float, stopped: threading.Event) -> None:
    """Put the configuration in `path` in force again and again, every `wait_s` seconds, until `stopped`."""
    while not stopped.wait(wait_s):
        try:
            core.configure(config.read_model_config(path))
        except Exception as error:  # a wrong file changes nothing, and may be right the next time
            log.error("Failed to read ModelServerConfig file: %s", error)
