"""Asking a version to explain: the one that read, else the label's; and what is no explanation is told."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import numpy as np
import pytest
from digitscribe.errors import NotExplained, ServingRefused, ServingUnavailable
from digitscribe.serving.explain import Explainer
from digitscribe.serving.twin import ServingTwin
from digitscribe.settings import ServingSettings
from numpy.typing import NDArray

CROP = np.zeros((28, 28), np.float32)


def explanation() -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(3)
    return {
        "features_1": random.random((1, 28, 28, 4), np.float32),
        "features_2": random.random((1, 14, 14, 6), np.float32),
        "evidence": random.standard_normal((1, 28, 28), np.float32),
        "probabilities": np.full((1, 10), 0.1, np.float32),
        "digit_score": np.full(1, 0.75, np.float32),
    }


@pytest.fixture
def twin() -> Iterator[ServingTwin]:
    with ServingTwin(version=3) as running:
        running.explanation = explanation()
        yield running


@pytest.fixture
def explainer(twin: ServingTwin) -> Iterator[Explainer]:
    opened = Explainer(ServingSettings(serving_grpc=twin.target, serving_patience_s=0))
    yield opened
    opened.close()


def test_an_explanation_is_maps_evidence_and_answer(explainer: Explainer, twin: ServingTwin) -> None:
    told = explainer.explain(CROP, 3)
    assert told.version == 3
    assert [each.shape for each in told.features] == [(28, 28, 4), (14, 14, 6)]
    np.testing.assert_array_equal(told.evidence, explanation()["evidence"][0])
    assert told.digit_score == 0.75
    assert twin.asked_versions == [3]


def test_the_label_answers_for_a_version_that_is_not_loaded(explainer: Explainer, twin: ServingTwin) -> None:
    assert explainer.explain(CROP, 2).version == 3
    assert twin.asked_versions == [2, None]


def test_a_version_without_the_signature_is_told_from_a_fault(explainer: Explainer, twin: ServingTwin) -> None:
    twin.explanation = None
    with pytest.raises(NotExplained, match="retrain"):
        explainer.explain(CROP, 3)


def test_a_server_that_is_away_is_told(explainer: Explainer, twin: ServingTwin) -> None:
    twin.faults = iter([(grpc.StatusCode.UNAVAILABLE, "away")])
    with pytest.raises(ServingUnavailable):
        explainer.explain(CROP, 3)


@pytest.mark.parametrize("fault", ["no evidence", "no maps", "no numbers", "no score", "another shape"])
def test_what_is_no_explanation_is_refused(explainer: Explainer, twin: ServingTwin, fault: str) -> None:
    given = explanation()
    if fault == "no evidence":
        del given["evidence"]
    elif fault == "no maps":
        del given["features_1"], given["features_2"]
    elif fault == "no numbers":
        given["evidence"][0, 3, 3] = np.nan
    elif fault == "no score":
        given["digit_score"] = np.full(1, np.nan, np.float32)
    else:
        given["features_1"] = given["features_1"][0]
    twin.explanation = given
    with pytest.raises(ServingRefused):
        explainer.explain(CROP, 3)


def test_only_one_digits_picture_is_asked_about(explainer: Explainer) -> None:
    with pytest.raises(ValueError, match=r"expected an image \[28, 28\]"):
        explainer.explain(np.zeros((2, 28, 28), np.float32))
