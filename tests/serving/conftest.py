"""The records of the real server, and the models that they were made with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving.process import ServerProcess, serving

HERE = Path(__file__).parent
RECORDS = HERE / "tfs_behaviour"
CONFIG = HERE.parents[1] / "services" / "serving" / "config"


def record(name: str) -> Any:
    return json.loads((RECORDS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the records' models, and an empty one; the records call it /models."""
    folder = tmp_path_factory.mktemp("models")
    for name in ("mlp", "multi"):
        shutil.copytree(RECORDS / "models" / name, folder / name)
    shutil.copytree(HERE / "slow_model" / "1", folder / "slow" / "1")
    (folder / "empty").mkdir()
    return folder


@pytest.fixture(scope="session")
def at_home(models: Path) -> Callable[[str], str]:
    """Rewrites the paths of a recorded text to where the models are here."""
    return lambda text: text.replace("/models/", f"{models}/")


@pytest.fixture(scope="session")
def server(
    models: Path, at_home: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """A server with the configuration of rest.json; tests leave it as it is."""
    folder = tmp_path_factory.mktemp("server")
    config = folder / "models.config"
    config.write_text(at_home(record("rest")["config"]))
    flags = (
        f"--model_config_file={config}",
        "--allow_version_labels_for_unavailable_models",
        f"--monitoring_config_file={CONFIG / 'monitoring.config'}",
    )
    with serving(folder, *flags) as running:
        yield running


@pytest.fixture
def model_folder(tmp_path: Path) -> Callable[[int, str], Path]:
    """Puts a version of the recorded model mlp in place under `tmp_path`/name with one rename."""

    def put(version: int, name: str = "m", like: int = 1) -> Path:
        base = tmp_path / name
        base.mkdir(exist_ok=True)
        shutil.copytree(RECORDS / "models" / "mlp" / str(like), tmp_path / f"coming-{version}")
        return (tmp_path / f"coming-{version}").rename(base / str(version))

    return put
