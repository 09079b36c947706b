"""Seeding, and the command line without TensorFlow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from digitscribe.errors import NotFound
from digitscribe.models import models_config
from digitscribe.models.volume import ModelVolume
from digitscribe.settings import TrainerSettings
from trainer.seeding import base_path, seed


@pytest.fixture
def volume(tmp_path: Path) -> ModelVolume:
    return ModelVolume(tmp_path / "models", "digits")


def test_an_empty_volume_gets_the_shipped_model_and_a_config(volume: ModelVolume, data_dir: Path) -> None:
    assert seed(volume, data_dir / "models" / "digits", "/models/digits")
    assert volume.versions() == [1]
    assert volume.card(1) is not None
    config = models_config.read(volume.config_path)
    assert config.model_config_list.config[0].base_path == "/models/digits"
    assert models_config.labels(config, "digits") == {"stable": 1}


def test_a_second_seeding_changes_nothing(volume: ModelVolume, data_dir: Path) -> None:
    shipped = data_dir / "models" / "digits"
    seed(volume, shipped, "/models/digits")
    before = volume.config_path.stat().st_mtime_ns
    assert not seed(volume, shipped, "/elsewhere")
    assert volume.config_path.stat().st_mtime_ns == before


def test_a_volume_with_versions_keeps_them(volume: ModelVolume, data_dir: Path) -> None:
    shutil.copytree(data_dir / "models" / "digits" / "1", volume.path(4))
    assert seed(volume, data_dir / "models" / "digits", "/m")
    assert volume.versions() == [4]
    assert models_config.labels(models_config.read(volume.config_path), "digits") == {"stable": 4}


def test_nothing_to_seed_with_is_said(volume: ModelVolume, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no model to begin with"):
        seed(volume, tmp_path / "nowhere", "/m")


def test_the_model_server_may_see_the_volume_elsewhere(tmp_path: Path) -> None:
    assert base_path(TrainerSettings(models_dir=tmp_path), "digits") == str(tmp_path.resolve() / "digits")
    elsewhere = TrainerSettings(models_dir=tmp_path, serving_models_dir=Path("/models"))
    assert base_path(elsewhere, "digits") == "/models/digits"


def test_the_seed_command_works_and_does_not_import_tensorflow(tmp_path: Path, data_dir: Path) -> None:
    code = (
        "import sys; from trainer.__main__ import main; code = main(['seed']); import trainer.jobs;"
        "sys.exit(code or 10 * ('tensorflow' in sys.modules or 'keras' in sys.modules))"
    )
    environment = os.environ | {
        "DIGITSCRIBE_MODELS_DIR": str(tmp_path / "m"),
        "DIGITSCRIBE_DATA_DIR": str(data_dir),
    }
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
    assert (tmp_path / "m" / "models.config").is_file()


@pytest.mark.parametrize("command", [[], ["train"], ["evaluate"], ["export"], ["seed"], ["worker"]])
def test_each_command_explains_itself(command: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "trainer", *command, "--help"], capture_output=True, check=True, text=True
    )
    assert "usage: python -m trainer" in run.stdout


def test_a_wrong_setting_is_named(data_dir: Path) -> None:
    environment = os.environ | {"DIGITSCRIBE_VERSIONS_KEPT": "none"}
    command = [sys.executable, "-m", "trainer", "seed"]
    run = subprocess.run(command, env=environment, capture_output=True, check=False, text=True)
    assert run.returncode == 2
    assert "DIGITSCRIBE_VERSIONS_KEPT" in run.stderr


def test_the_shipped_model_is_small(data_dir: Path) -> None:
    files = [each for each in (data_dir / "models" / "digits" / "1").rglob("*") if each.is_file()]
    assert sum(each.stat().st_size for each in files) < 4_000_000
