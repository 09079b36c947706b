"""Which versions of a model are on disk, and which of them its policy wants. Pure but for one look at a folder."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

_NUMBER = re.compile(r"[0-9]{1,19}")
_LARGEST = 2**63 - 1


def find(base: Path) -> dict[int, Path]:
    """The versions under `base`: whatever has a number for a name.

    Raises:
        OSError: there is no such folder, or it cannot be read.
    """
    found: dict[int, Path] = {}
    for child in sorted(base.iterdir()):
        version = version_of(child.name)
        if version is None:
            continue
        if version in found:
            log.warning("Duplicate version directories detected. Version %d is loaded from %s", version, found[version])
        else:
            found[version] = child
    return found


def version_of(name: str) -> int | None:
    """The version that a folder of this name holds, or None: `12` and `0012` hold 12, `12x` none."""
    if not _NUMBER.fullmatch(name):
        return None
    version = int(name)
    return version if version <= _LARGEST else None


def choose(versions: Mapping[int, Path], policy: Any) -> dict[int, Path]:
    """The versions that a ServableVersionPolicy wants: the latest (1 unless it says more), all, or specific ones."""
    kind = policy.WhichOneof("policy_choice")
    if kind == "all":
        return dict(versions)
    if kind == "specific":
        return _specific(versions, policy.specific.versions)
    count = policy.latest.num_versions or 1
    return {version: versions[version] for version in sorted(versions, reverse=True)[:count]}


def _specific(versions: Mapping[int, Path], wanted: Iterable[int]) -> dict[int, Path]:
    for version in wanted:
        if version not in versions:
            log.error(
                "Version %d, which was requested as a 'specific' version, was not found in the file system", version
            )
    return {version: versions[version] for version in wanted if version in versions}
