"""From a trained network to a version on the volume: SavedModel, warm-up requests, card; checked, then one rename."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import tensorflow as tf
from digitscribe.contracts.model import ModelCard
from digitscribe.errors import ModelError
from digitscribe.model_shape import CLASSES, SIDE
from digitscribe.models.volume import CARD, WEIGHTS, ModelVolume
from digitscribe.serving.protos import predict_pb2, prediction_log_pb2
from digitscribe.vision.normalize import normalize
from numpy.typing import NDArray

from trainer import architectures
from trainer.dataset import Dataset
from trainer.evidence import evidence_of
from trainer.graph import normalized_from_bytes
from trainer.handwriting import ink_of
from trainer.weights import save_weights

SIGNATURE, BYTES_SIGNATURE, EXPLAIN_SIGNATURE = "serving_default", "classify_image_bytes", "explain"

CHECKED_SIZES = (1, 64)
"""Batch sizes at which the artefact has to say what Keras says."""

WARMUP_SIZES = (1, 8, 64)
"""Batch sizes of the warm-up requests; none greater than the smallest sensible `max_batch_size` of a server."""

TOLERANCE = 1e-4
"""Greatest difference of a probability between the artefact and Keras."""

BYTES_AGREEMENT = 0.95
"""Least share of pictures that the bytes signature reads as the model reads what `digitscribe.vision` makes of them."""


def export(volume: ModelVolume, model: keras.Model, card_of: Callable[[int], ModelCard], samples: Dataset) -> int:
    """Export `model` as the volume's next version; returns its number.

    `samples` (64 or more digits) are what the artefact is checked with, before it gets its name.

    Raises:
        ModelError: the artefact does not say what the model says.
    """
    with volume.staging() as folder:
        version = volume.next_version()
        _save(model, folder)
        (folder / CARD).parent.mkdir(exist_ok=True)
        (folder / CARD).write_text(card_of(version).model_dump_json(indent=2) + "\n", encoding="utf-8")
        save_weights(model, folder / WEIGHTS)
        _write_warmup(folder / "assets.extra" / "tf_serving_warmup_requests", volume.model_name, samples)
        check(folder, model, samples)
        volume.publish(folder, version)
    return version


def check(folder: Path, model: keras.Model, samples: Dataset) -> None:
    """Load the SavedModel in `folder` and compare it with `model` on `samples`.

    Raises:
        ModelError: they differ, at any of CHECKED_SIZES, or the bytes signature reads other digits.
    """
    served = tf.saved_model.load(str(folder)).signatures
    images = (samples.images[: max(CHECKED_SIZES), ..., None] / 255.0).astype(np.float32)
    wanted = _side_by_side(_answered(model(images, training=False)))
    for size in CHECKED_SIZES:
        parts = [images[start : start + size] for start in range(0, len(images), size)]
        given = np.concatenate([_side_by_side(served[SIGNATURE](images=tf.constant(part))) for part in parts])
        if (worst := float(np.abs(given - wanted).max())) > TOLERANCE:
            raise ModelError(f"the export differs from the model by {worst:.2g} at batch size {size}")
    _check_pictures(served[BYTES_SIGNATURE], model, samples.images[: len(images)])


def _check_pictures(serve: Any, model: keras.Model, images: NDArray[np.uint8]) -> None:
    # compared with what vision makes of the same pictures: how good the model is does not matter here
    crops = np.stack([normalize(ink_of(255 - image)) for image in images])
    wanted = model((crops[..., None] / 255.0).astype(np.float32), training=False).numpy()[:, :CLASSES]
    given = serve(image_bytes=tf.constant([bgr_to_png(image) for image in images]))["probabilities"].numpy()
    if (agreement := float((given.argmax(1) == wanted.argmax(1)).mean())) < BYTES_AGREEMENT:
        raise ModelError(f"{BYTES_SIGNATURE} agrees with the model on {agreement:.0%} of the digits only")


def bgr_to_png(image: NDArray[np.uint8]) -> bytes:
    """`image` uint8 [H, W] or [H, W, 3] (BGR) as a PNG file."""
    return cv2.imencode(".png", image)[1].tobytes()


def _save(model: keras.Model, folder: Path) -> None:
    inside = keras.Model(
        model.input, [*(model.get_layer(name).output for name in architectures.FEATURES), model.output]
    )

    def classify(images: Any) -> dict[str, Any]:
        return _answered(model(images, training=False))

    def classify_bytes(image_bytes: Any) -> dict[str, Any]:
        return classify(normalized_from_bytes(image_bytes))

    def explain(images: Any) -> dict[str, Any]:
        *maps, outputs = inside(images, training=False)
        evidence = evidence_of(
            lambda covered: model(covered, training=False)[:, :CLASSES], images, outputs[:, :CLASSES]
        )
        return _answered(outputs) | dict(zip(architectures.FEATURES, maps, strict=True)) | {"evidence": evidence}

    images = tf.TensorSpec([None, SIDE, SIDE, 1], tf.float32, name="images")
    pictures = tf.TensorSpec([None], tf.string, name="image_bytes")
    servable = tf.Module()
    # only the variables: the whole Keras model would bring its training functions along
    servable.variables_kept = [each.value for each in model.weights]
    signatures = {
        SIGNATURE: tf.function(classify).get_concrete_function(images),
        BYTES_SIGNATURE: tf.function(classify_bytes).get_concrete_function(pictures),
        EXPLAIN_SIGNATURE: tf.function(explain).get_concrete_function(images),
    }
    tf.saved_model.save(servable, str(folder), signatures=signatures)


def _answered(outputs: Any) -> dict[str, Any]:
    two = tf.reshape(outputs[:, architectures.PAIR : -1], [-1, 2, CLASSES])
    return {
        "probabilities": tf.nn.softmax(outputs[:, :CLASSES]),
        "digit_score": tf.sigmoid(outputs[:, CLASSES]),
        "pair_probabilities": tf.nn.softmax(two),
        "pair_score": tf.sigmoid(outputs[:, -1]),
    }


def _side_by_side(given: dict[str, Any]) -> NDArray[np.float32]:
    """All outputs as columns, float32 [N, 32]."""
    return np.concatenate([np.reshape(given[name], (len(given[name]), -1)) for name in sorted(given)], axis=1)


def _write_warmup(path: Path, model_name: str, samples: Dataset) -> None:
    pictures = np.array([bgr_to_png(image) for image in samples.images[: max(WARMUP_SIZES)]], dtype=object)
    images = (samples.images[: max(WARMUP_SIZES), ..., None] / 255.0).astype(np.float32)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for size in WARMUP_SIZES:
            writer.write(_warmup(model_name, SIGNATURE, "images", images[:size]))
            writer.write(_warmup(model_name, BYTES_SIGNATURE, "image_bytes", pictures[:size]))
        writer.write(_warmup(model_name, EXPLAIN_SIGNATURE, "images", images[:1]))


def _warmup(model_name: str, signature: str, name: str, values: NDArray[Any]) -> bytes:
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = model_name, signature
    request.inputs[name].CopyFrom(tf.make_tensor_proto(values))
    log = prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
    return bytes(log.SerializeToString())
