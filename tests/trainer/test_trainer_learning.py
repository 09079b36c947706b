"""Networks, augmentation, pipeline, training loop, checkpoints."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from digitscribe.contracts import Training, TrainingProgress, TrainingRequest, TrainingStatus
from digitscribe.contracts.document import now
from digitscribe.errors import InvalidInput, ModelError
from digitscribe_client.cli.training import progress_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from trainer import architectures, precision
from trainer.answers import answers_of
from trainer.augmentation import Augmentation, augment
from trainer.calibration import REFUSED, calibrated, temperature
from trainer.dataset import NEITHER, NO_PAIR, NOT_A_DIGIT, Splits, pair_label
from trainer.fitting import Fitting, _loss, accuracy, predict
from trainer.metrics import auroc, calibration_error, share_right
from trainer.normalization import FusedBatchNormalization
from trainer.pipeline import training_batches
from trainer.recipes import RECIPES, Recipe
from trainer.retraining import _training_progress
from trainer.schedule import averaging, learning_rate
from trainer.steps import Step
from trainer.weights import blended, load_weights, save_weights

TINY = Recipe(architecture="tiny", epochs=2, batch_size=32, peak_rate=0.01)


@pytest.fixture(scope="module")
def unbroken(small: Splits) -> tuple[Fitting, list[Step]]:
    """A training from beginning to end, and what it told."""
    steps: list[Step] = []
    fitting = Fitting(TINY, small.train, small.validation)
    fitting.run(steps.append)
    return fitting, steps


@pytest.fixture(scope="module")
def small(mnist: Splits) -> Splits:
    return Splits(mnist.train.sample(1024, 1), mnist.validation.sample(500, 1))


@pytest.mark.parametrize("name", architectures.names())
def test_each_architecture_takes_images_and_gives_logits_of_digits_and_of_pairs(name: str) -> None:
    assert architectures.build(name)(np.zeros((3, 28, 28, 1), np.float32), training=False).shape == (3, 32)


@pytest.mark.parametrize("name", architectures.names())
def test_each_architecture_names_what_is_shown(name: str) -> None:
    model = architectures.build(name)
    sizes = [model.get_layer(layer).output.shape[1:3] for layer in architectures.FEATURES]
    assert sizes == [(28, 28), (14, 14)]


@pytest.mark.parametrize("name", architectures.names())
def test_each_architecture_keeps_float32_weights_and_outputs_where_it_calculates_in_bfloat16(name: str) -> None:
    model = architectures.build(name, "mixed_bfloat16")
    outputs = model(np.zeros((3, 28, 28, 1), np.float32), training=False)
    assert {str(each.dtype) for each in model.weights if "seed" not in each.path} == {"float32"}
    assert outputs.dtype == "float32"
    assert architectures.build(name).compute_dtype == "float32"


@pytest.mark.parametrize(
    ("cpuinfo", "policy"),
    [
        ("flags\t: fpu amx_bf16 amx_tile\n", "mixed_bfloat16"),
        ("flags\t: fpu avx512_bf16\n", "mixed_bfloat16"),
        ("flags\t: fpu avx2 avx512f\n", "float32"),
        (None, "float32"),
    ],
)
def test_bfloat16_is_for_processors_that_multiply_it(cpuinfo: str | None, policy: str, tmp_path: Path) -> None:
    if cpuinfo:
        (tmp_path / "cpuinfo").write_text(cpuinfo)
    assert precision.policy(tmp_path / "cpuinfo") == policy


def _normalised(layer: keras.layers.Layer, images: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """What `layer` gives for `images`, the gradients of a sum with weights of it, and the moving statistics after."""
    layer.build(images.shape)
    layer.gamma.assign(np.linspace(0.5, 2, images.shape[-1]))
    layer.beta.assign(np.linspace(-1, 1, images.shape[-1]))
    inputs = tf.Variable(tf.cast(images, layer.compute_dtype))
    with tf.GradientTape() as tape:
        outputs = layer(inputs, training=True)
        total = tf.reduce_sum(tf.cast(outputs, tf.float32) * tf.cast(tf.roll(inputs, 1, 0), tf.float32))
    gradients = tape.gradient(total, [layer.gamma.value, layer.beta.value])
    return [np.asarray(each, np.float32) for each in (outputs, *gradients, layer.moving_mean, layer.moving_variance)]


@pytest.mark.parametrize(("policy", "off"), [("float32", 1e-4), ("mixed_bfloat16", 0.02)])
@pytest.mark.parametrize("channels", [8, 16])
def test_the_fused_normalisation_learns_what_keras_does(policy: str, off: float, channels: int) -> None:
    images = np.random.default_rng(1).normal(1, 2, (16, 14, 14, channels)).astype(np.float32)
    layers = (FusedBatchNormalization(dtype=policy), keras.layers.BatchNormalization(dtype=policy))
    ours, keras_own = (_normalised(layer, images) for layer in layers)
    for mine, wanted in zip(ours, keras_own, strict=True):
        assert np.allclose(mine, wanted, rtol=off, atol=off * np.abs(wanted).max())


def test_an_unknown_architecture_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cnn"):
        architectures.build("perceptron")


def test_augmented_digits_stay_in_range_and_keep_their_ink(small: Splits) -> None:
    images = tf.constant(small.train.images[:256, ..., None] / 255.0, tf.float32)
    changed = augment(images, tf.constant([1, 2]), Augmentation()).numpy()
    assert changed.shape == (256, 28, 28, 1)
    assert changed.min() >= 0
    assert changed.max() <= 1
    share = changed.sum(axis=(1, 2, 3)) / images.numpy().sum(axis=(1, 2, 3))
    # a thin stroke made thinner, and worn: a fifth of its ink at least is left
    assert share.min() > 0.2
    assert share.max() < 3.5


def test_each_image_is_changed_in_its_own_way(small: Splits) -> None:
    same = tf.constant(np.repeat(small.train.images[:1, ..., None], 8, axis=0) / 255.0, tf.float32)
    changed = augment(same, tf.constant([1, 2]), Augmentation()).numpy()
    assert len(np.unique(changed.reshape(8, -1), axis=0)) == 8


def test_no_augmentation_changes_nothing(small: Splits) -> None:
    images = tf.constant(small.train.images[:16, ..., None] / 255.0, tf.float32)
    assert np.allclose(augment(images, tf.constant([1, 2]), Augmentation().scaled(0)), images, atol=1e-5)


def test_an_epoch_is_the_same_each_time_and_another_one_differs(small: Splits) -> None:
    def first(epoch: int) -> NDArray[np.float32]:
        return np.asarray(next(iter(training_batches(small.train, 32, 7, epoch, Augmentation())))[0])

    assert np.array_equal(first(0), first(0))
    assert not np.array_equal(first(0), first(1))


@given(st.integers(1, 10_000), st.floats(1e-5, 1.0))
@settings(max_examples=50)
def test_the_learning_rate_rises_to_its_peak_and_ends_near_nothing(steps: int, peak: float) -> None:
    warmup = min(200, steps // 5)
    rates = [learning_rate(step, steps, peak, warmup) for step in range(0, steps + 1, max(1, steps // 50))]
    assert min(rates) > 0
    assert max(rates) <= peak * (1 + 1e-9)
    assert learning_rate(steps, steps, peak, warmup) == pytest.approx(peak / 100)


def test_young_averages_move_fast() -> None:
    assert averaging(0, 0.998) < 0.2
    assert averaging(100_000, 0.998) == 0.998


def test_a_tiny_network_learns_and_tells_how_far_it_is(small: Splits, unbroken: tuple[Fitting, list[Step]]) -> None:
    fitting, steps = unbroken
    ends = [step for step in steps if step.validation_accuracy is not None]
    assert [step.epoch for step in ends] == [1, 2]
    assert ends[-1].step == ends[-1].steps == 64
    assert accuracy(fitting.best_model(), small.validation) > 0.6
    assert np.allclose(fitting.best_outputs(), predict(fitting.best_model(), small.validation), atol=1e-3)


def test_the_command_shows_how_far_the_trainer_is(unbroken: tuple[Fitting, list[Step]]) -> None:
    shown = [progress_of(_running(_training_progress(step, TINY.epochs))) for step in unbroken[1]]
    assert [share for share, _, _ in shown] == [20 / 64, 32 / 64, 52 / 64, 1]
    assert [detail.partition(" · ")[0] for _, _, detail in shown] == ["epoch 1 of 2", *["epoch 2 of 2"] * 3]


def _running(progress: TrainingProgress) -> Training:
    return Training(
        id="0" * 32, status=TrainingStatus.RUNNING, request=TrainingRequest(), created_at=now(), progress=progress
    )


def test_a_resumed_training_ends_where_an_unbroken_one_does(
    small: Splits, tmp_path: Path, unbroken: tuple[Fitting, list[Step]]
) -> None:
    def break_off(step: Step) -> None:
        if step.validation_accuracy is not None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Fitting(TINY, small.train, small.validation).run(break_off, tmp_path / "c.npz")
    resumed = Fitting(TINY, small.train, small.validation)
    resumed.restore(tmp_path / "c.npz")
    assert resumed.epoch == 1
    resumed.run(lambda _: None)
    given_ones = [predict(each.best_model(), small.validation) for each in (unbroken[0], resumed)]
    assert np.allclose(given_ones[0], given_ones[1], atol=0.05)


def test_a_checkpoint_of_other_settings_is_refused(small: Splits, tmp_path: Path) -> None:
    Fitting(TINY, small.train, small.validation).save(tmp_path / "c.npz")
    other = Fitting(Recipe(architecture="tiny", epochs=3), small.train, small.validation)
    with pytest.raises(InvalidInput, match="other settings"):
        other.restore(tmp_path / "c.npz")


def test_weights_survive_their_file(small: Splits, tmp_path: Path) -> None:
    model = architectures.build("tiny")
    save_weights(model, tmp_path / "w.npz")
    read = load_weights(tmp_path / "w.npz")
    assert np.array_equal(predict(read, small.validation), predict(model, small.validation))


def test_weights_of_an_unknown_architecture_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", architecture=np.array("lost"))
    with pytest.raises(ModelError, match="lost"):
        load_weights(tmp_path / "w.npz")


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    sure = np.tile(np.eye(10, dtype=np.float32)[3], (10, 1))
    labels = np.array([3] * 6 + [4] * 4, np.uint8)
    assert share_right(sure, labels) == pytest.approx(0.6)
    assert calibration_error(sure, labels) == pytest.approx(0.4)


def test_the_recipes_that_have_a_name_can_be_built() -> None:
    assert {recipe.architecture for recipe in RECIPES.values()} <= set(architectures.names())


def test_the_area_under_the_curve_is_how_often_a_digit_scores_higher() -> None:
    digits, others = np.array([0.9, 0.6, 0.4], np.float32), np.array([0.5, 0.1], np.float32)
    assert auroc(digits, others) == pytest.approx(5 / 6)
    assert auroc(digits, digits) == pytest.approx(0.5)


def test_calibration_makes_confidence_match_accuracy(small: Splits) -> None:
    model = architectures.build("tiny")
    kernel, bias = model.get_layer(architectures.HEAD).get_weights()
    model.get_layer(architectures.HEAD).set_weights([kernel * 5, bias])  # far surer than it is right
    labels = small.validation.labels
    outputs = predict(model, small.validation)
    before, after = (answers_of(each) for each in (outputs, calibrated(model, outputs, labels)[1]))
    assert calibration_error(after.probabilities, labels) < calibration_error(before.probabilities, labels) - 0.2
    assert np.array_equal(after.probabilities.argmax(1), before.probabilities.argmax(1))


def test_calibration_puts_the_threshold_where_few_digits_are_refused(small: Splits) -> None:
    model = architectures.build("tiny")
    _, given = calibrated(model, predict(model, small.validation), small.validation.labels)
    scores = answers_of(given).digit_scores
    assert (scores < 0.5).mean() == pytest.approx(REFUSED, abs=1 / len(scores))


def test_a_calibrated_model_gives_what_was_told_of_it(small: Splits) -> None:
    model = architectures.build("tiny")
    final, given = calibrated(model, predict(model, small.validation), small.validation.labels)
    assert np.allclose(predict(final, small.validation), given, atol=1e-3)


def test_a_temperature_is_found_again() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (20_000, 10))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (chances.cumsum(axis=1) < rng.random((20_000, 1))).sum(axis=1).clip(0, 9).astype(np.uint8)
    assert temperature((3 * logits).astype(np.float32), labels) == pytest.approx(3, rel=0.05)


def _slopes(*labels: int) -> NDArray[np.float32]:
    """How the loss changes with each of 32 outputs, of pictures with these labels."""
    outputs = tf.constant(np.random.default_rng(1).normal(0, 1, (len(labels), 32)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(outputs)
        loss = _loss(outputs, tf.constant(labels), 0.0)
    return np.asarray(tape.gradient(loss, outputs))


def test_what_is_no_digit_teaches_only_that() -> None:
    slopes = _slopes(3, NOT_A_DIGIT, 5, NOT_A_DIGIT)
    assert not slopes[1, :10].any()
    assert slopes[1, 10] > 0 > slopes[0, 10]
    assert not slopes[1, 11:].any()


def test_a_pair_teaches_which_two_digits_it_is_and_that_it_is_none() -> None:
    pair, digit, neither, perhaps = _slopes(pair_label(4, 2), 7, NEITHER, NO_PAIR)
    assert (pair[11 + 4] < 0, pair[21 + 2] < 0, pair[31] < 0, pair[10] > 0) == (True, True, True, True)
    assert not pair[:10].any()
    assert not digit[11:31].any()
    assert (digit[31] > 0, neither[31] > 0, perhaps[31] > 0) == (True, True, True)
    assert (neither[10] > 0, perhaps[10]) == (True, 0)


def test_blended_weights_lie_between_both() -> None:
    start, end = architectures.build("tiny"), architectures.build("tiny")
    middle = blended(start, end, 0.25).get_weights()
    pairs = zip(start.get_weights(), end.get_weights(), middle, strict=True)
    assert all(np.allclose(0.75 * before + 0.25 * after, found) for before, after, found in pairs)


def test_networks_of_different_architectures_are_not_blended() -> None:
    with pytest.raises(ModelError, match="different"):
        blended(architectures.build("tiny"), architectures.build("cnn"), 0.5)
