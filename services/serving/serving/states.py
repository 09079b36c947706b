"""The life cycle of every version, for those who ask and those who wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

from serving.servable import ServableId
from serving.status import Code, StatusError

log = logging.getLogger(__name__)


class State(IntEnum):
    """The states of a version, numbered as in ModelVersionStatus."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


@dataclass(frozen=True, slots=True)
class VersionState:
    """A version's state.

    Attributes:
        error: why it ended, if it ended badly.
        retrying: its first load failed, and it waits for another.
        order: grows with each change of any version.
    """

    state: State
    error: StatusError | None = None
    retrying: bool = False
    order: int = 0


class StateBoard:
    """The last known state of every version that ever was; versions that are gone stay as END."""

    def __init__(self) -> None:
        self._states: dict[str, dict[int, VersionState]] = {}
        self._changed = threading.Condition()
        self._order = 0

    def publish(
        self, identity: ServableId, state: State, error: StatusError | None = None, *, retrying: bool = False
    ) -> None:
        """Note a change, and wake those who wait for it."""
        log.info("%s %s", identity, "waits to be loaded again" if retrying else state.name)
        with self._changed:
            self._order += 1
            known = self._states.setdefault(identity.name, {})
            known[identity.version] = VersionState(state, error, retrying, self._order)
            self._changed.notify_all()

    def versions(self, name: str) -> dict[int, VersionState]:
        """The versions of a model, newest first; empty if nothing is known of it."""
        with self._changed:
            return dict(sorted(self._states.get(name, {}).items(), reverse=True))

    def now(self) -> int:
        """The order of the last change."""
        with self._changed:
            return self._order

    def wait_until_available(self, names: Collection[str], since: int) -> None:
        """Wait until each model's newest live version is AVAILABLE; counts only what changed after `since`.

        The older ones are waited for too, so that their labels answer; but not for one whose first load failed.

        Raises:
            StatusError: UNKNOWN, a model ended instead. A model without versions is waited for without limit.
        """
        with self._changed:
            self._changed.wait_for(lambda: all(self._verdict(name, since) is not None for name in names))
            failures = [self._failure(name, since) for name in sorted(names) if not self._verdict(name, since)]
        if failures:
            listed = "".join(f"{each}, " for each in failures)
            raise StatusError(Code.UNKNOWN, f"{len(failures)} servable(s) did not become available: {{{listed}}}")

    def _verdict(self, name: str, since: int) -> bool | None:
        recent = self._recent(name, since)
        live = {version: each for version, each in recent.items() if each.state is not State.END}
        if not live:
            return False if recent else None
        coming = any(each.state < State.AVAILABLE and not each.retrying for each in live.values())
        return True if live[max(live)].state is State.AVAILABLE and not coming else None

    def _recent(self, name: str, since: int) -> dict[int, VersionState]:
        return {version: each for version, each in self._states.get(name, {}).items() if each.order > since}

    def _failure(self, name: str, since: int) -> str:
        recent = self._recent(name, since)
        version = max(recent)
        return f"{{{ServableId(name, version)} due to error: {recent[version].error or 'OK'}}}"
