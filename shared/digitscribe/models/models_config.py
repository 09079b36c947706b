"""`models.config`: which versions the model server loads, and where the labels point. Protobuf text, TFS's own format.

Everything here but `read` and `write` is pure; models, labels and options that it does not know stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from digitscribe.errors import ModelError, NotFound
from digitscribe.models.volume import write_file
from digitscribe.serving.protos import model_server_config_pb2

STABLE = "stable"
"""The label that traffic asks for."""

Config = Any
"""A ModelServerConfig message."""


def read(path: Path) -> Config:
    """The configuration in the file `path`.

    Raises:
        NotFound: there is no such file.
        ModelError: it is no models.config.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFound(f"{path} is missing; `python -m trainer seed` writes one") from error
    try:
        return text_format.Parse(text, model_server_config_pb2.ModelServerConfig())
    except text_format.ParseError as error:
        raise ModelError(f"{path} is no configuration of TensorFlow Serving: {error}") from error


def write(path: Path, config: Config) -> None:
    """Write `config` to `path` in one rename."""
    write_file(path, text_format.MessageToString(config).encode())


def initial(model_name: str, base_path: str, version: int) -> Config:
    """A configuration of one model with one version, which is the stable one."""
    config = model_server_config_pb2.ModelServerConfig()
    config.model_config_list.config.add(name=model_name, base_path=base_path, model_platform="tensorflow")
    return with_traffic(config, model_name, [version], {STABLE: version})


def loaded(config: Config, model_name: str) -> list[int]:
    """The versions of the model that are to be loaded, in ascending order."""
    return sorted(_entry(config, model_name).model_version_policy.specific.versions)


def labels(config: Config, model_name: str) -> dict[str, int]:
    """Version by label."""
    return dict(_entry(config, model_name).version_labels)


def stable_of(config: Config, model_name: str) -> int | None:
    """The version in traffic."""
    return labels(config, model_name).get(STABLE)


def with_traffic(config: Config, model_name: str, versions: Iterable[int], labelled: Mapping[str, int]) -> Config:
    """A copy of `config` in which exactly `versions` of the model are loaded, with the labels `labelled`."""
    changed = model_server_config_pb2.ModelServerConfig()
    changed.CopyFrom(config)
    entry = _entry(changed, model_name)
    entry.model_version_policy.specific.versions[:] = sorted(set(versions))
    entry.version_labels.clear()
    entry.version_labels.update(labelled)
    return changed


def _entry(config: Config, model_name: str) -> Any:
    for entry in config.model_config_list.config:
        if entry.name == model_name:
            return entry
    raise NotFound(f"models.config knows no model {model_name!r}")
