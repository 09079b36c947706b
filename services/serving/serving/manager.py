"""The manager: brings the versions that are served to those that are aspired to.

One thread looks every tenth of a second what the policy wants next, as TensorFlow Serving's does, and does it: on a
pool of load threads if there is one, else itself. A version is handed out with a count of its users; it is unloaded
only when none is left, so no request ever loses its model.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from serving.policy import Act, Action, Phase, Snapshot, next_action
from serving.servable import Servable, ServableId
from serving.states import State, StateBoard
from serving.status import Code, StatusError, not_found

log = logging.getLogger(__name__)

INTERVAL_S = 0.1
"""Time between two looks at what is to be done."""

STARTUP_INTERVAL_S = 0.002
"""The same until the first models are available."""

Load = Callable[[ServableId, Path], Servable]
"""Loads a version from its folder, or raises StatusError."""


@dataclass(frozen=True, slots=True)
class ManagerOptions:
    """How the manager loads and unloads; the defaults are TensorFlow Serving's."""

    num_load_threads: int = 0
    num_unload_threads: int = 0
    max_num_load_retries: int = 5
    load_retry_interval_s: float = 60.0


@dataclass(eq=False)
class _Managed:
    identity: ServableId
    folder: Path
    aspired: bool = True
    phase: Phase = Phase.NEW
    servable: Servable | None = None
    users: int = 0
    unwanted: threading.Event = field(default_factory=threading.Event)


class Manager:
    """Holds the versions of all models; safe to use from many threads."""

    def __init__(self, load: Load, board: StateBoard, options: ManagerOptions) -> None:
        self._load = load
        self._board = board
        self._options = options
        self._managed: dict[str, dict[int, _Managed]] = {}
        self._pending: dict[str, Mapping[int, Path]] = {}
        self._changed = threading.Condition()
        self._interval_s = STARTUP_INTERVAL_S
        self._stopped = threading.Event()
        self._loaders = _pool(options.num_load_threads, "load")
        self._unloaders = _pool(options.num_unload_threads, "unload")
        self._thread = threading.Thread(target=self._work, name="manager", daemon=True)
        self._thread.start()

    def aspire(self, name: str, versions: Mapping[int, Path]) -> None:
        """From now on, `versions` (version → folder) of the model `name` should be served, and no others."""
        with self._changed:
            self._pending[name] = dict(versions)

    def settle(self) -> None:
        """The first models are there: from now on, take the usual time between two looks."""
        self._interval_s = INTERVAL_S

    @contextmanager
    def use(self, name: str, version: int | None) -> Iterator[Servable]:
        """The version of the model, or its newest; it stays loaded as long as the context lasts.

        Raises:
            StatusError: NOT_FOUND, it is not available.
        """
        managed = self._take(name, version)
        try:
            assert managed.servable
            yield managed.servable
        finally:
            with self._changed:
                managed.users -= 1
                if not managed.users and managed.phase is Phase.UNLOADING:
                    self._changed.notify_all()

    def stop(self) -> None:
        """Let go of everything; versions in use are left to those who use them."""
        self._stopped.set()
        with self._changed:
            for versions in self._managed.values():
                for managed in versions.values():
                    managed.unwanted.set()
            self._changed.notify_all()

    def _take(self, name: str, version: int | None) -> _Managed:
        with self._changed:
            ready = {
                each.identity.version: each
                for each in self._managed.get(name, {}).values()
                if each.phase is Phase.READY
            }
            chosen = version if version is not None else max(ready, default=None)
            if chosen is None or chosen not in ready:
                wanted = f"Latest({name})" if version is None else f"Specific({name}, {version})"
                raise not_found(f"Servable not found for request: {wanted}")
            ready[chosen].users += 1
            return ready[chosen]

    def _work(self) -> None:
        while not self._stopped.is_set():
            started = time.monotonic()
            try:
                self._look()
            except Exception:  # the manager outlives whatever one look runs into
                log.exception("The manager could not finish its round")
            self._stopped.wait(max(0.0, started + self._interval_s - time.monotonic()))

    def _look(self) -> None:
        with self._changed:
            self._forget_failures()
            for name in [name for name in self._pending if not self._is_leaving(name)]:
                self._apply(name, self._pending.pop(name))
            action = self._choose()
        if action:
            self._perform(*action)

    def _forget_failures(self) -> None:
        for versions in self._managed.values():
            for version, managed in list(versions.items()):
                if not managed.aspired and managed.phase in (Phase.NEW, Phase.FAILED):
                    del versions[version]
                    if managed.phase is Phase.NEW:
                        self._board.publish(managed.identity, State.END)

    def _is_leaving(self, name: str) -> bool:
        """Whether a version that is asked for again is still on its way out: then its request waits."""
        managed = self._managed.get(name, {})
        return any(version in managed and not managed[version].aspired for version in self._pending[name])

    def _apply(self, name: str, versions: Mapping[int, Path]) -> None:
        known = self._managed.setdefault(name, {})
        for version, managed in known.items():
            if version not in versions:
                managed.aspired = False
                managed.unwanted.set()
        for version in sorted(versions.keys() - known.keys()):
            known[version] = _Managed(ServableId(name, version), versions[version])
            self._board.publish(known[version].identity, State.START)

    def _choose(self) -> tuple[Act, _Managed] | None:
        for versions in self._managed.values():
            snapshots = [Snapshot(each.identity.version, each.phase, each.aspired) for each in versions.values()]
            action = next_action(snapshots)
            if action:
                return self._begin(action, versions)
        return None

    def _begin(self, action: Action, versions: Mapping[int, _Managed]) -> tuple[Act, _Managed]:
        managed = versions[action.version]
        managed.phase = Phase.LOADING if action.act is Act.LOAD else Phase.UNLOADING
        return action.act, managed

    def _perform(self, act: Act, managed: _Managed) -> None:
        pool, job = (self._loaders, self._do_load) if act is Act.LOAD else (self._unloaders, self._do_unload)
        if pool:
            pool.submit(job, managed)
        else:
            job(managed)

    def _do_load(self, managed: _Managed) -> None:
        self._board.publish(managed.identity, State.LOADING)
        try:
            servable = self._load_patiently(managed)
        except StatusError as error:
            log.error("Servable %s cannot be loaded: %s", managed.identity, error)
            with self._changed:
                managed.phase = Phase.FAILED
            self._board.publish(managed.identity, State.END, error)
            return
        with self._changed:
            managed.servable, managed.phase = servable, Phase.READY
        self._board.publish(managed.identity, State.AVAILABLE)

    def _load_patiently(self, managed: _Managed) -> Servable:
        retries = 0
        while True:
            try:
                return self._load_once(managed)
            except StatusError as error:
                # a wrong parameter stays wrong, and nobody waits for what is no longer wanted
                if retries >= self._options.max_num_load_retries or error.code is Code.INVALID_ARGUMENT:
                    raise
                log.error("Loading servable: %s failed: %s", managed.identity, error)
                self._board.publish(managed.identity, State.LOADING, retrying=True)
                if managed.unwanted.wait(max(0.0, self._options.load_retry_interval_s)):
                    raise
            retries += 1
            log.info("Retrying of Loading servable: %s retry: %d", managed.identity, retries)

    def _load_once(self, managed: _Managed) -> Servable:
        try:
            return self._load(managed.identity, managed.folder)
        except StatusError:
            raise
        except Exception as error:  # a model may fail in any way, and must not take the manager with it
            log.exception("Loading servable: %s failed", managed.identity)
            raise StatusError(Code.INTERNAL, f"{type(error).__name__}: {error}") from error

    def _do_unload(self, managed: _Managed) -> None:
        self._board.publish(managed.identity, State.UNLOADING)
        with self._changed:
            self._changed.wait_for(lambda: not managed.users or self._stopped.is_set())
        if managed.servable and not managed.users:
            managed.servable.close()
        with self._changed:
            del self._managed[managed.identity.name][managed.identity.version]
        self._board.publish(managed.identity, State.END)


def _pool(threads: int, name: str) -> ThreadPoolExecutor | None:
    return ThreadPoolExecutor(threads, thread_name_prefix=name) if threads > 0 else None
