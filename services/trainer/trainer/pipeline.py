"""Datasets as tf.data pipelines."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from trainer.augmentation import Augmentation, augment
from trainer.dataset import Dataset


def training_batches(dataset: Dataset, batch_size: int, seed: int, epoch: int, strength: Augmentation) -> Any:
    """One epoch of augmented batches: images float32 [B, 28, 28, 1] in [0, 1] and labels int32 [B].

    The order and every change follow from `seed` and `epoch`. A last, smaller batch is left out (unless it is the only
    one): the images in it change from epoch to epoch.
    """

    def prepare(index: Any, batch: Any) -> Any:
        images, labels = batch
        seeds = tf.stack([tf.constant(seed * 1000 + epoch, tf.int32), tf.cast(index, tf.int32)])
        return augment(_to_float(images), seeds, strength), tf.cast(labels, tf.int32)

    order = tf.data.Dataset.from_tensor_slices((dataset.images, dataset.labels))
    order = order.shuffle(len(dataset), seed=seed * 1000 + epoch)
    batches = order.batch(batch_size, drop_remainder=len(dataset) >= batch_size)
    return batches.enumerate().map(prepare, num_parallel_calls=2).prefetch(4)


def evaluation_batches(dataset: Dataset, batch_size: int = 500) -> Any:
    """All of `dataset` in order: images float32 [B, 28, 28, 1] in [0, 1] and labels int32 [B]."""
    batches = tf.data.Dataset.from_tensor_slices((dataset.images, dataset.labels)).batch(batch_size)
    return batches.map(lambda images, labels: (_to_float(images), tf.cast(labels, tf.int32))).prefetch(2)


def _to_float(images: Any) -> Any:
    return tf.cast(images, tf.float32)[..., None] / 255.0
