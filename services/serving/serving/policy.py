"""What to do next with the versions of a model: load, unload, or nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto


class Phase(Enum):
    """Where a managed version is, as the policy sees it."""

    NEW = auto()
    LOADING = auto()
    READY = auto()
    UNLOADING = auto()
    FAILED = auto()


class Act(Enum):
    """What can be done with a version."""

    LOAD = auto()
    UNLOAD = auto()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A managed version at one moment; `aspired` says that it should be served."""

    version: int
    phase: Phase
    aspired: bool


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing to do next for a model."""

    act: Act
    version: int


def next_action(versions: Iterable[Snapshot]) -> Action | None:
    """The next step that keeps the model available.

    A version that is no longer wanted goes only when one that is wanted can answer, or when none is wanted at all; the
    oldest goes first. Of new versions the newest is loaded first.
    """
    known = list(versions)
    unwanted = [each.version for each in known if each.phase is Phase.READY and not each.aspired]
    if unwanted and _can_spare(known):
        return Action(Act.UNLOAD, min(unwanted))
    new = [each.version for each in known if each.phase is Phase.NEW and each.aspired]
    return Action(Act.LOAD, max(new)) if new else None


def _can_spare(versions: Sequence[Snapshot]) -> bool:
    aspired = [each for each in versions if each.aspired]
    return not aspired or any(each.phase is Phase.READY for each in aspired)
