"""Random changes to whole batches of digits, as handwriting varies; they live in the input pipeline, not in the model.

Everything is drawn with stateless random numbers from a seed, so that a resumed training sees what it would have seen.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

Tensor = Any


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far digits are changed: lengths in pixels of the 28, angles in radians, the rest as shares.

    `blur` is the greatest share of a blurred copy, `texture` how deep ink that skips is worn away, `neighbour` the
    share of pictures with another digit's stroke at their edge, `noise` the greatest standard deviation of grain.
    """

    rotation: float = 0.26
    slant: float = 0.25
    scale: float = 0.14
    shift: float = 1.8
    elastic: float = 0.9
    stroke: float = 0.75
    ink: float = 0.35
    blur: float = 0.6
    texture: float = 0.35
    neighbour: float = 0.08
    noise: float = 0.12

    def scaled(self, factor: float) -> Augmentation:
        """The same, stronger or weaker."""
        return Augmentation(*(factor * getattr(self, each.name) for each in dataclasses.fields(self)))


def augment(images: Tensor, seed: Tensor, strength: Augmentation) -> Tensor:
    """Change each of `images`, float32 [N, 28, 28, 1] in [0, 1], in its own way; `seed` is int [2].

    Returns:
        float32 [N, 28, 28, 1] in [0, 1].
    """
    seeds = tf.random.split(seed, 7)
    images = _warp(images, _coordinates(tf.shape(images)[0], seeds[0], strength))
    images = _change_stroke(images, seeds[1], strength.stroke)
    images = _add_neighbours(images, seeds[2], strength.neighbour)
    images = _wear(images, seeds[3], strength.texture)
    images = _blur(images, seeds[4], strength.blur)
    return _add_noise(_change_ink(images, seeds[5], strength.ink), seeds[6], strength.noise)


def _uniform(count: Tensor, seed: Tensor, reach: float) -> Tensor:
    return tf.random.stateless_uniform([count, 1, 1], seed, -reach, reach)


def _coordinates(count: Tensor, seed: Tensor, strength: Augmentation) -> Tensor:
    seeds = tf.random.split(seed, 7)
    angle, slant = _uniform(count, seeds[0], strength.rotation), _uniform(count, seeds[1], strength.slant)
    wide = tf.exp(_uniform(count, seeds[2], strength.scale))
    high = tf.exp(_uniform(count, seeds[3], strength.scale))
    axis = tf.range(28, dtype=tf.float32) - 13.5
    x, y = axis[None, None, :], axis[None, :, None]
    slanted = x + slant * y
    across = (tf.cos(angle) * slanted - tf.sin(angle) * y) * wide + _uniform(count, seeds[4], strength.shift)
    down = (tf.sin(angle) * slanted + tf.cos(angle) * y) * high + _uniform(count, seeds[5], strength.shift)
    # a coarse field of pushes, made smooth: neighbouring ink moves alike
    coarse = tf.random.stateless_normal([count, 4, 4, 2], seeds[6]) * strength.elastic
    push = tf.image.resize(coarse, (28, 28), method="bicubic")
    return tf.stack([down, across], axis=-1) + push + 13.5


def _warp(images: Tensor, at: Tensor) -> Tensor:
    # an empty border catches what is sampled from outside
    padded = tf.pad(images[..., 0], [[0, 0], [1, 1], [1, 1]])
    flat = tf.reshape(padded, [-1, 900])
    at = tf.clip_by_value(at + 1.0, 0.0, 28.999)
    low = tf.floor(at)
    part_y, part_x = tf.unstack(at - low, axis=-1)
    corner = tf.cast(low[..., 0] * 30 + low[..., 1], tf.int32)

    def pick(offset: int) -> Tensor:
        return tf.gather(flat, corner + offset, batch_dims=1)

    top = pick(0) * (1 - part_x) + pick(1) * part_x
    bottom = pick(30) * (1 - part_x) + pick(31) * part_x
    return (top * (1 - part_y) + bottom * part_y)[..., None]


def _change_stroke(images: Tensor, seed: Tensor, reach: float) -> Tensor:
    amount = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed, -reach, reach)
    thick = tf.nn.max_pool2d(images, 3, 1, "SAME")
    thin = -tf.nn.max_pool2d(-images, 2, 1, "SAME")
    return images + tf.nn.relu(amount) * (thick - images) + tf.nn.relu(-amount) * (thin - images)


def _add_neighbours(images: Tensor, seed: Tensor, share: float) -> Tensor:
    """The edge of another digit of the batch comes in from the left or from the right."""
    seeds = tf.random.split(seed, 2)
    count = tf.shape(images)[0]
    some = tf.random.stateless_uniform([count, 1, 1, 1], seeds[0]) < share
    reach = tf.random.stateless_uniform([], seeds[1], 20, 24, tf.int32)
    others = tf.roll(images, 1, axis=0)
    from_right = tf.pad(others[:, :, : 28 - reach], [[0, 0], [0, 0], [reach, 0], [0, 0]])
    from_left = tf.pad(others[:, :, reach:], [[0, 0], [0, 0], [0, reach], [0, 0]])
    left = tf.reshape(tf.range(count) % 2, [-1, 1, 1, 1]) == 0
    return tf.where(some, tf.maximum(images, tf.where(left, from_left, from_right)), images)


def _wear(images: Tensor, seed: Tensor, depth: float) -> Tensor:
    """Pens skip, pencils fade: a smooth field of random strength takes ink away."""
    seeds = tf.random.split(seed, 2)
    count = tf.shape(images)[0]
    coarse = tf.random.stateless_uniform([count, 10, 10, 1], seeds[0])
    deepest = tf.random.stateless_uniform([count, 1, 1, 1], seeds[1], 0.0, depth)
    return images * (1 - deepest * tf.image.resize(coarse, (28, 28), method="bilinear"))


def _blur(images: Tensor, seed: Tensor, share: float) -> Tensor:
    amount = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed, 0.0, share)
    soft = tf.nn.avg_pool2d(tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]]), 3, 1, "VALID")
    return images + amount * (soft - images)


def _change_ink(images: Tensor, seed: Tensor, reach: float) -> Tensor:
    seeds = tf.random.split(seed, 2)
    shape = [tf.shape(images)[0], 1, 1, 1]
    strength = tf.exp(tf.random.stateless_uniform(shape, seeds[0], -0.5 * reach, reach))
    gamma = tf.exp(tf.random.stateless_uniform(shape, seeds[1], -reach, reach))
    return tf.clip_by_value(tf.pow(tf.maximum(images, 0.0), gamma) * strength, 0.0, 1.0)


def _add_noise(images: Tensor, seed: Tensor, reach: float) -> Tensor:
    """Grain of a strength of its own on every other picture: clean ones are what the vision mostly gives."""
    seeds = tf.random.split(seed, 2)
    strength = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seeds[0], -reach, reach)
    grain = tf.random.stateless_normal(tf.shape(images), seeds[1])
    return tf.clip_by_value(images + tf.nn.relu(strength) * grain, 0.0, 1.0)
