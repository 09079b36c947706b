"""The volume, models.config, and which versions stay."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from digitscribe.errors import Conflict, ModelError, NotFound
from digitscribe.models import models_config, promotion
from digitscribe.models.listing import list_models
from digitscribe.models.retention import remove_surplus, surplus
from digitscribe.models.volume import ModelVolume
from digitscribe.queueing import keys
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

OTHERS = """
model_config_list {
  config { name: "letters" base_path: "/m/letters" model_platform: "tensorflow"
           model_version_policy { latest { num_versions: 2 } } }
  config { name: "digits" base_path: "/m/digits" model_platform: "tensorflow"
           model_version_policy { specific { versions: 3 versions: 4 } }
           version_labels { key: "stable" value: 4 } version_labels { key: "canary" value: 3 } }
}
"""


def test_only_complete_versions_count(volume: ModelVolume) -> None:
    (volume.model_dir / "9").mkdir()
    (volume.model_dir / ".staging-x").mkdir()
    (volume.model_dir / "007x").mkdir()
    assert volume.versions() == [1, 2, 3, 4, 5]


def test_versions_only_grow(volume: ModelVolume) -> None:
    volume.remove(5)
    volume.remove(4)
    assert volume.versions() == [1, 2, 3]
    assert volume.next_version() == 6


def test_a_version_is_published_under_its_name_only_when_complete(volume: ModelVolume) -> None:
    with volume.staging() as folder:
        assert not folder.name.lstrip("-").isdecimal()
        with pytest.raises(ModelError, match="no SavedModel"):
            volume.publish(folder, 6)
        shutil.copytree(volume.path(1), folder, dirs_exist_ok=True)
        volume.publish(folder, 6)
    assert volume.versions() == [1, 2, 3, 4, 5, 6]


def test_a_published_version_is_never_replaced(volume: ModelVolume) -> None:
    with volume.staging() as folder, pytest.raises(ModelError, match="exists"):
        volume.publish(folder, 3)


def test_what_a_killed_export_left_is_removed_but_not_what_is_being_written(volume: ModelVolume) -> None:
    code = """import sys, time; from pathlib import Path; from digitscribe.models.volume import ModelVolume
with ModelVolume(Path(sys.argv[1]), "digits").staging() as folder: print(folder, flush=True); time.sleep(60)"""
    command = [sys.executable, "-c", code, str(volume.models_dir)]
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    folder = Path(other.stdout.readline().strip())
    assert volume.remove_leftovers() == 0
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    other.stdout.close()
    assert folder.exists()
    assert volume.remove_leftovers() == 1
    assert not folder.exists()


def test_a_broken_card_is_no_card(volume: ModelVolume) -> None:
    (volume.path(1) / "assets.extra").mkdir()
    (volume.path(1) / "assets.extra" / "model_card.json").write_text("{")
    assert volume.card(1) is None


def test_the_listing_names_states_and_labels(volume: ModelVolume) -> None:
    models = list_models(volume, {1: "AVAILABLE", 2: "END"})
    assert models.stable == 1
    assert [(each.version, each.state, each.labels) for each in models.versions[-2:]] == [
        (2, "UNLOADED", ()),
        (1, "AVAILABLE", ("stable",)),
    ]


def test_other_models_and_labels_survive_a_change(tmp_path: Path) -> None:
    path = tmp_path / "models.config"
    path.write_text(OTHERS)
    config = models_config.read(path)
    models_config.write(path, models_config.with_traffic(config, "digits", [4, 5], {"stable": 5, "canary": 4}))
    changed = models_config.read(path)
    assert changed.model_config_list.config[0] == config.model_config_list.config[0]
    assert models_config.loaded(changed, "digits") == [4, 5]
    assert models_config.labels(changed, "digits") == {"stable": 5, "canary": 4}


@given(
    versions=st.sets(st.integers(1, 2**62), min_size=1, max_size=5),
    labelled=st.dictionaries(st.text("abcdefghij-_", min_size=1, max_size=8), st.integers(1, 2**62), max_size=4),
)
def test_traffic_round_trips(versions: set[int], labelled: dict[str, int]) -> None:
    config = models_config.with_traffic(models_config.initial("digits", "/m", 1), "digits", versions, labelled)
    assert models_config.loaded(config, "digits") == sorted(versions)
    assert models_config.labels(config, "digits") == labelled


def test_a_config_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "models.config").write_text("stable = 1")
    with pytest.raises(ModelError, match="no configuration"):
        models_config.read(tmp_path / "models.config")


def test_a_missing_config_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="trainer seed"):
        models_config.read(tmp_path / "models.config")


@given(st.sets(st.integers(1, 50)), st.sets(st.integers(1, 50)), st.integers(1, 10))
def test_what_is_in_use_or_new_is_never_surplus(versions: set[int], in_use: set[int], kept: int) -> None:
    gone = set(surplus(sorted(versions), in_use, kept))
    assert not gone & in_use
    assert not gone & set(sorted(versions)[-kept:])
    assert len(versions - gone - in_use) <= kept


def test_old_versions_go_but_the_stable_one_stays(volume: ModelVolume, redis: Redis) -> None:
    assert remove_surplus(redis, volume, kept=2) == [2, 3]
    assert volume.versions() == [1, 4, 5]


def test_no_version_goes_while_one_is_promoted(
    volume: ModelVolume, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promotion, "LOCK_PATIENCE_S", 0.2)
    before = volume.versions()
    with redis.lock(keys.PROMOTION_LOCK, timeout=30), pytest.raises(Conflict):
        remove_surplus(redis, volume, kept=2)
    assert volume.versions() == before
