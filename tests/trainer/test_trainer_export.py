"""The exported artefact: what it answers, what is in it, and that its normalisation is vision's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tensorflow as tf
from digitscribe.contracts import Metrics, ModelCard
from digitscribe.errors import ModelError
from digitscribe.models.volume import CARD, WEIGHTS, ModelVolume
from digitscribe.serving.protos import prediction_log_pb2
from digitscribe.vision.normalize import normalize
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from trainer import export as exporting
from trainer import graph
from trainer.cards import Facts, data_sources, libraries
from trainer.dataset import Splits
from trainer.evidence import evidence_of
from trainer.export import bgr_to_png, check, export
from trainer.fitting import Fitting
from trainer.recipes import Recipe
from trainer.weights import load_weights

FACTS = Facts({"architecture": "tiny"}, {"mnist_train": 1}, Metrics(validation_accuracy=0.5), 10, 1.0)


def card_of(number: int) -> ModelCard:
    return FACTS.to_card(number, "digits")


@pytest.fixture(scope="module")
def trained(mnist: Splits) -> Fitting:
    fitting = Fitting(Recipe("tiny", 2, 32, peak_rate=0.01), mnist.train.sample(4096, 1), mnist.validation)
    fitting.run(lambda _: None)
    return fitting


@pytest.fixture(scope="module")
def volume(trained: Fitting, mnist: Splits, tmp_path_factory: pytest.TempPathFactory) -> ModelVolume:
    volume = ModelVolume(tmp_path_factory.mktemp("models"), "digits")
    export(volume, trained.best_model(), card_of, mnist.validation)
    return volume


@pytest.fixture(scope="module")
def served(volume: ModelVolume) -> dict[str, Any]:
    return dict(tf.saved_model.load(str(volume.path(1))).signatures)


def test_an_export_is_a_version_and_leaves_nothing_else(volume: ModelVolume) -> None:
    assert [each.name for each in volume.model_dir.iterdir()] == ["1"]


def test_it_has_the_signatures_of_the_contract(served: dict[str, Any]) -> None:
    assert set(served) == {"serving_default", "classify_image_bytes", "explain"}
    images = served["serving_default"].structured_input_signature[1]["images"]
    assert (images.shape.as_list(), images.dtype) == ([None, 28, 28, 1], tf.float32)
    pictures = served["classify_image_bytes"].structured_input_signature[1]["image_bytes"]
    assert (pictures.shape.as_list(), pictures.dtype) == ([None], tf.string)


@pytest.mark.parametrize("size", [1, 64])
def test_it_says_what_keras_says_at_any_batch_size(
    served: dict[str, Any], trained: Fitting, mnist: Splits, size: int
) -> None:
    images = (mnist.validation.images[:64, ..., None] / 255.0).astype(np.float32)
    parts = [served["serving_default"](images=tf.constant(images[i : i + size])) for i in range(0, 64, size)]
    said = np.concatenate([part["probabilities"] for part in parts])
    assert np.allclose(said, tf.nn.softmax(trained.best_model()(images, training=False)[:, :10]), atol=1e-4)


def test_the_card_and_the_weights_are_with_it(volume: ModelVolume, trained: Fitting) -> None:
    card = volume.card(1)
    assert card is not None
    assert (card.version, card.libraries) == (1, libraries())
    assert (volume.path(1) / CARD).parent.name == "assets.extra"
    weights = load_weights(volume.path(1) / WEIGHTS).get_weights()
    assert all(np.array_equal(*pair) for pair in zip(weights, trained.best_model().get_weights(), strict=True))


def test_warmup_requests_cover_all_signatures(volume: ModelVolume, served: dict[str, Any]) -> None:
    path = volume.path(1) / "assets.extra" / "tf_serving_warmup_requests"
    seen = set()
    for record in tf.data.TFRecordDataset(str(path)):
        request = prediction_log_pb2.PredictionLog.FromString(record.numpy()).predict_log.request
        ((name, tensor),) = request.inputs.items()
        values = tf.make_ndarray(tensor)
        served[request.model_spec.signature_name](**{name: tf.constant(values)})
        seen.add((request.model_spec.signature_name, len(values)))
    batched = {(name, size) for name in ("serving_default", "classify_image_bytes") for size in (1, 8, 64)}
    assert seen == {*batched, ("explain", 1)}


def test_the_next_export_has_the_next_number(volume: ModelVolume, trained: Fitting, mnist: Splits) -> None:
    assert export(volume, trained.best_model(), card_of, mnist.validation) == 2
    volume.remove(2)
    assert volume.next_version() == 3


def test_an_artefact_that_differs_from_the_model_is_refused(volume: ModelVolume, mnist: Splits) -> None:
    other = Fitting(Recipe("tiny", 1, 32, seed=9), mnist.validation, mnist.validation).best_model()
    with pytest.raises(ModelError, match="differs"):
        check(volume.path(1), other, mnist.validation)


def test_a_failed_check_leaves_no_version(
    tmp_path: Path, trained: Fitting, mnist: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "TOLERANCE", -1.0)
    volume = ModelVolume(tmp_path, "digits")
    with pytest.raises(ModelError):
        export(volume, trained.best_model(), card_of, mnist.validation)
    assert list(volume.model_dir.iterdir()) == []


def test_scores_come_with_the_probabilities(served: dict[str, Any], trained: Fitting, mnist: Splits) -> None:
    images = (mnist.validation.images[:16, ..., None] / 255.0).astype(np.float32)
    scores = served["serving_default"](images=tf.constant(images))["digit_score"]
    assert np.allclose(scores, tf.sigmoid(trained.best_model()(images, training=False)[:, 10]), atol=1e-4)


def test_pairs_come_with_the_probabilities(served: dict[str, Any], trained: Fitting, mnist: Splits) -> None:
    images = (mnist.validation.images[:16, ..., None] / 255.0).astype(np.float32)
    given = served["serving_default"](images=tf.constant(images))
    outputs = trained.best_model()(images, training=False)
    assert given["pair_probabilities"].shape == (16, 2, 10)
    assert np.allclose(
        given["pair_probabilities"], tf.nn.softmax(tf.reshape(outputs[:, 11:31], [-1, 2, 10])), atol=1e-4
    )
    assert np.allclose(given["pair_score"], tf.sigmoid(outputs[:, 31]), atol=1e-4)


def test_an_explanation_holds_what_was_said_and_the_maps_behind_it(served: dict[str, Any], mnist: Splits) -> None:
    images = tf.constant(mnist.validation.images[:3, ..., None] / 255.0, tf.float32)
    said, explained = served["serving_default"](images=images), served["explain"](images=images)
    assert np.allclose(explained["probabilities"], said["probabilities"], atol=1e-4)
    assert explained["features_1"].shape == (3, 28, 28, 8)
    assert explained["features_2"].shape == (3, 14, 14, 16)
    assert explained["evidence"].shape == (3, 28, 28)


def test_only_ink_is_evidence(served: dict[str, Any], mnist: Splits) -> None:
    images = tf.constant(mnist.validation.images[:20, ..., None] / 255.0, tf.float32)
    evidence = np.asarray(served["explain"](images=images)["evidence"])
    assert np.abs(evidence).max(axis=(1, 2)).min() > 0.1
    # the corners of MNIST's pictures are empty: covering them changes nothing
    assert np.abs(evidence[:, :2, :2]).max() < 1e-3


def test_evidence_is_by_how_much_the_log_odds_fall() -> None:
    def classify(images: Any) -> Any:
        """A classifier for which each pixel of the left half speaks for 0, and of the right half for 1."""
        left, right = (tf.reduce_sum(half, axis=(1, 2, 3)) for half in (images[:, :, :14], images[:, :, 14:]))
        return tf.stack([0.1 * left, 0.1 * right, *[tf.fill(tf.shape(left), -30.0)] * 8], axis=1)

    image = np.zeros((1, 28, 28, 1), np.float32)
    image[0, 8:20, 4:8] = 1
    image[0, 8:14, 20:22] = 1
    evidence = np.asarray(evidence_of(classify, tf.constant(image), classify(tf.constant(image))))[0]
    assert evidence[12, 6] > 1
    assert evidence[10, 21] < -0.5
    assert abs(evidence[24, 14]) < 1e-4


def _bytes_answer(served: dict[str, Any], pictures: list[bytes]) -> NDArray[np.float32]:
    return np.asarray(served["classify_image_bytes"](image_bytes=tf.constant(pictures))["probabilities"])


def _drawn(crop: NDArray[np.uint8]) -> list[bytes]:
    """The digit of `crop` as people send it: large, off the centre, dark on light and the other way, PNG and JPEG."""
    big = cv2.resize(crop, (140, 140), interpolation=cv2.INTER_CUBIC)
    canvas = np.zeros((260, 320), np.uint8)
    canvas[90:230, 20:160] = big
    paper = 255 - canvas
    colour = np.stack([np.clip(paper.astype(int) + 40, 0, 255).astype(np.uint8), paper, paper], axis=-1)
    alpha = np.dstack([np.zeros((260, 320, 3), np.uint8), canvas])
    jpeg = cv2.imencode(".jpg", colour, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
    return [bgr_to_png(canvas), bgr_to_png(paper), bgr_to_png(colour), bgr_to_png(alpha), jpeg]


def test_pictures_are_read_whatever_their_size_polarity_and_format(served: dict[str, Any], mnist: Splits) -> None:
    crops = mnist.validation.images[:40]
    wanted = served["serving_default"](images=tf.constant(crops[..., None] / 255.0, tf.float32))["probabilities"]
    variants = [_drawn(crop) for crop in crops]
    for kind in range(5):
        said = _bytes_answer(served, [variant[kind] for variant in variants])
        assert (said.argmax(1) == np.argmax(wanted, 1)).mean() >= 0.9


def test_a_picture_without_ink_is_answered(served: dict[str, Any]) -> None:
    said = _bytes_answer(served, [bgr_to_png(np.full((50, 70), 255, np.uint8)), bgr_to_png(np.zeros((1, 1), np.uint8))])
    assert np.allclose(said.sum(axis=1), 1, atol=1e-4)


_normalized = tf.function(graph.normalized, input_signature=[tf.TensorSpec([None, None], tf.float32)])


# where a centre of mass lies on a rounding's border, both neighbours are right: the digit may stand one pixel aside
@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.integers(0, 4999),
    st.tuples(st.integers(8, 220), st.integers(8, 220)),
    st.sampled_from([0, 0, 3, 5]),
    st.integers(20, 255),
)
def test_the_graph_normalises_as_vision_does(
    mnist: Splits, number: int, size: tuple[int, int], thinned: int, strongest: int
) -> None:
    ink = cv2.resize(mnist.validation.images[number], size, interpolation=cv2.INTER_LINEAR)
    if thinned:
        ink = cv2.erode(ink, np.ones((thinned, thinned), np.uint8))
    ink = (ink * (strongest / 255)).astype(np.uint8)
    here = _normalized(ink.astype(np.float32)).numpy() * 255
    there = normalize(ink).astype(np.float32)
    neighbours = [np.roll(there, (down, right), (0, 1)) for down in (0, -1, 1) for right in (0, -1, 1)]
    assert min(np.abs(here - neighbour).max() for neighbour in neighbours) <= 2


def test_a_card_names_the_licences_of_what_was_learnt_from(data_dir: Path) -> None:
    learnt = data_sources(data_dir, 100, 10, fonts=True, pens=True)
    assert {"mnist_licence", "hands_licence", "pens_licence"} <= learnt.keys()
    assert "pens_licence" not in data_sources(data_dir, 100, 10, fonts=True)
