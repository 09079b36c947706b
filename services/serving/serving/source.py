"""The source: looks at the models' folders every second and tells the manager what should be served."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from serving import versions

log = logging.getLogger(__name__)

Aspire = Callable[[str, Mapping[int, Path]], None]
"""Tells the manager which versions of a model should be served."""


class Source:
    """Polls the base paths of the configured models.

    A base path that is not there changes nothing: what is served stays. One without versions takes the model away.

    Args:
        aspire: told after each look.
        poll_wait_s: seconds between two looks; 0: look once after each configuration, negative: never.
    """

    def __init__(self, aspire: Aspire, poll_wait_s: float) -> None:
        self._aspire = aspire
        self._poll_wait_s = poll_wait_s
        self._models: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def configure(self, models: Mapping[str, Any]) -> None:
        """Look after `models` (name → ModelConfig) from the next look on; those no longer named go at once."""
        with self._lock:
            gone = self._models.keys() - models.keys()
            self._models = dict(models)
            for name in gone:
                self._aspire(name, {})
        if self._thread is None and self._poll_wait_s > 0:
            self._thread = threading.Thread(target=self._work, name="source", daemon=True)
            self._thread.start()
        elif self._poll_wait_s == 0:
            self.look()

    def look(self) -> None:
        """Look at every base path once."""
        with self._lock:
            for name, model in self._models.items():
                self._look_at(name, model)

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _look_at(self, name: str, model: Any) -> None:
        try:
            found = versions.find(Path(model.base_path))
        except OSError as error:
            log.error("Could not find base path %s for servable %s: %s", model.base_path, name, error.strerror)
            return
        wanted = versions.choose(found, model.model_version_policy)
        if not wanted:
            log.warning("No versions of servable %s found under base path %s", name, model.base_path)
        self._aspire(name, wanted)

    def _work(self) -> None:
        while not self._stopped.is_set():
            started = time.monotonic()
            try:
                self.look()
            except Exception:  # the source outlives whatever one look runs into
                log.exception("The source could not finish its round")
            self._stopped.wait(max(0.0, started + self._poll_wait_s - time.monotonic()))
