"""The recorded life cycles played again: versions come and go, and every state that they go through is compared."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.serving.conftest import RECORDS, record
from tests.serving.process import ServerProcess, eventually

RECORD = record("lifecycle")
POLL_S = 1.0

Versions = dict[int, list[str]]


class Folder:
    """A base path whose versions come and go as in the records; version k is the recorded model 1, 2 or 3."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._aside = base.parent / "aside"
        self._aside.mkdir()
        base.mkdir()

    def put(self, *names: str, like: int = 1) -> None:
        for name in names:
            coming = self._aside / f"coming-{name}"
            shutil.copytree(RECORDS / "models" / "mlp" / str(like), coming)
            coming.rename(self._base / name)

    def complete(self, name: str, like: int = 2) -> None:
        shutil.copytree(RECORDS / "models" / "mlp" / str(like), self._base / name, dirs_exist_ok=True)

    def put_broken(self, name: str, *, corrupt: bool = False, without_variables: bool = False) -> None:
        coming = self._aside / f"broken-{name}"
        coming.mkdir()
        if corrupt:
            (coming / "saved_model.pb").write_bytes(b"this is no model")
        if without_variables:
            shutil.copy(RECORDS / "models" / "mlp" / "2" / "saved_model.pb", coming)
        coming.rename(self._base / name)

    def take_away(self, name: str) -> None:
        (self._base / name).rename(self._aside / name)

    def put_back(self, name: str) -> None:
        (self._aside / name).rename(self._base / name)

    def delete(self, *names: str) -> None:
        for name in names:
            shutil.rmtree(self._base / name)

    def vanish(self) -> None:
        self._base.rename(self._aside / "base")

    def reappear(self) -> None:
        (self._aside / "base").rename(self._base)


ACTIONS: dict[str, Callable[[Folder], None]] = {
    "version dir 2 renamed into place": lambda folder: folder.put("2", like=2),
    "version dir 3 renamed into place": lambda folder: folder.put("3", like=3),
    "version dir 4 renamed into place": lambda folder: folder.put("4", like=1),
    "newest version dir 4 renamed away (3,2,1 still on disk)": lambda folder: folder.take_away("4"),
    "dir 4 put back": lambda folder: folder.put_back("4"),
    "old dirs 1,2 deleted": lambda folder: folder.delete("1", "2"),
    "served newest dir 4 rmtree, only 3 left": lambda folder: folder.delete("4"),
    "only version 3 removed; base path empty": lambda folder: folder.take_away("3"),
    "version 3 put back": lambda folder: folder.put_back("3"),
    "older version 2 added while 3 is served": lambda folder: folder.put("2", like=2),
    "non-numeric dirs abc, 007x added": lambda folder: folder.put("abc", "007x"),
    "dir 0010 (leading zeros)": lambda folder: folder.put("0010"),
    "whole base path renamed away": Folder.vanish,
    "base path back": Folder.reappear,
    "empty version dir 2 created": lambda folder: folder.put_broken("2"),
    "dir 2 completed in place after final failure": lambda folder: folder.complete("2"),
    "dir 2 removed": lambda folder: folder.delete("2"),
    "dir 2 re-added complete": lambda folder: folder.put("2", like=2),
    "version 3 with corrupt saved_model.pb": lambda folder: folder.put_broken("3", corrupt=True),
    "version 4 with saved_model.pb but no variables": lambda folder: folder.put_broken("4", without_variables=True),
    "good version 5": lambda folder: folder.put("5", like=2),
    "dir 2 completed in place while waiting for the retry": lambda folder: folder.complete("2"),
    "good version 3 added while 2 waits for its retry": lambda folder: folder.put("3", like=3),
}


def states_of(event: dict[str, Any]) -> dict[int, str]:
    return {each["version"]: each["state"] for each in event["status"]}


def recorded_states(events: list[dict[str, Any]]) -> Versions:
    """The states of each version one after the other, as the record saw them."""
    seen: Versions = {}
    for event in events:
        for version, state in states_of(event).items() if "status" in event else ():
            known = seen.setdefault(version, [])
            if not known or known[-1] != state:
                known.append(state)
    return seen


def logged(server: ServerProcess) -> list[tuple[int, str]]:
    """Every change of a version's state so far, in order."""
    found = re.findall(r"serving\.states: \{name: m version: (\d+)\} ([A-Z]+)$", server.log.read_text(), re.MULTILINE)
    return [(int(version), state) for version, state in found]


def own_states(first: dict[int, str], changes: list[tuple[int, str]]) -> Versions:
    seen = {version: [state] for version, state in first.items()}
    for version, state in changes:
        seen.setdefault(version, []).append(state)
    return seen


def without_unloading(versions: Versions) -> Versions:
    return {version: [state for state in states if state != "UNLOADING"] for version, states in versions.items()}


def replay(server: ServerProcess, folder: Folder, scenario: str) -> None:
    """Do what the record did, wait each time for what it saw last, and compare the states in between."""
    events = RECORD[scenario]["events"]
    first = next(states_of(event) for event in events if "status" in event)
    assert server.states("m") == first
    before, expected = len(logged(server)), first
    for index, event in enumerate(events):
        if "event" not in event:
            continue
        ACTIONS[event["event"]](folder)
        following = next((at for at in range(index + 1, len(events)) if "event" in events[at]), len(events))
        seen = [states_of(each) for each in events[index + 1 : following] if "status" in each]
        if seen:
            expected = seen[-1]
            eventually(lambda expected=expected: server.states("m") == expected)  # type: ignore[misc]
        else:
            time.sleep(POLL_S * 1.3)
            assert server.states("m") == expected, f"after: {event['event']}"
    mine = own_states(first, logged(server)[before:])
    assert without_unloading(mine) == recorded_states(events)
