"""Looking inside with the real server: the shipped version explains, one without that signature says so."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from digitscribe.errors import NotExplained, ServingUnavailable
from digitscribe.models import models_config
from digitscribe.serving.client import ServingClient
from digitscribe.serving.explain import Explainer
from digitscribe.settings import ServingSettings
from numpy.typing import NDArray

from tests.conftest import free_port
from tests.recognizer.harness import wait_until

ROOT = Path(__file__).parents[2]
SHIPPED, PLAIN = 1, 2

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingSettings]:
    """A server with the shipped version, and as another one a model that cannot explain; the latter is stable."""
    volume, port = tmp_path_factory.mktemp("models"), free_port()
    digits = volume / "digits"
    shutil.copytree(ROOT / "data" / "models" / "digits" / "1", digits / str(SHIPPED))
    shutil.copytree(ROOT / "tests" / "serving" / "tfs_behaviour" / "models" / "mlp" / "1", digits / str(PLAIN))
    config = models_config.initial("digits", str(digits), PLAIN)
    models_config.write(
        volume / "models.config", models_config.with_traffic(config, "digits", [1, 2], {"stable": PLAIN})
    )
    options = [f"--port={port}", f"--rest_api_port={free_port()}", f"--model_config_file={volume / 'models.config'}"]
    options.append("--allow_version_labels_for_unavailable_models=true")
    process = subprocess.Popen([str(Path(sys.executable).with_name("digitscribe-serving")), *options])
    wanted = ServingSettings(serving_grpc=f"127.0.0.1:{port}")
    try:
        with ServingClient(wanted) as client:
            wait_until(lambda: bool(_states(client)), "the model server")
            wait_until(lambda: set(_states(client).values()) == {"AVAILABLE"}, "both versions")
        yield wanted
    finally:
        process.terminate()
        process.wait(timeout=30)


def _states(client: ServingClient) -> dict[int, str]:
    try:
        return client.version_states()
    except ServingUnavailable:
        return {}


@pytest.fixture
def explainer(settings: ServingSettings) -> Iterator[Explainer]:
    opened = Explainer(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def seven() -> NDArray[np.float32]:
    """A 7 of MNIST."""
    with np.load(ROOT / "data" / "mnist" / "mnist.npz") as mnist:
        image = mnist["x_train"][mnist["y_train"] == 7][0]
    return (image / 255).astype(np.float32)


def test_a_version_explains_its_answer(explainer: Explainer, seven: NDArray[np.float32]) -> None:
    told = explainer.explain(seven, SHIPPED)
    assert told.version == SHIPPED
    assert int(told.probabilities.argmax()) == 7
    assert [each.shape[:2] for each in told.features] == [(28, 28), (14, 14)]


def test_ink_speaks_and_paper_far_from_it_does_not(explainer: Explainer, seven: NDArray[np.float32]) -> None:
    evidence = np.abs(explainer.explain(seven, SHIPPED).evidence)
    assert evidence[seven > 0.5].mean() > 10 * evidence[:2].mean()


def test_a_version_without_the_signature_says_so(explainer: Explainer, seven: NDArray[np.float32]) -> None:
    with pytest.raises(NotExplained):
        explainer.explain(seven, PLAIN)


def test_for_a_version_that_is_gone_the_one_in_traffic_is_asked(
    explainer: Explainer, seven: NDArray[np.float32]
) -> None:
    with pytest.raises(NotExplained):  # the version in traffic is the plain one
        explainer.explain(seven, 9)
