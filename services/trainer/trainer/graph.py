"""MNIST's normalisation inside TensorFlow's graph: the bytes of a picture of one digit → float32 [28, 28].

The same steps as `digitscribe.vision.normalize`, with which a test compares it, so that whoever talks to the model
server alone may send pictures.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import tensorflow as tf
from digitscribe.model_shape import SIDE
from digitscribe.vision import normalize as reference

from trainer.handwriting import NOISE

Tensor = Any

_LONG = reference.BOX * reference.FINE
_REACHES = 4
"""Widest dilation, in pixels of the intermediate size, that the thinnest stroke asks for."""


def normalized_from_bytes(image_bytes: Tensor) -> Tensor:
    """Pictures of one digit each, string [N], any size and polarity → float32 [N, 28, 28, 1] in [0, 1]."""
    spec = tf.TensorSpec([28, 28], tf.float32)
    each = tf.map_fn(lambda one: normalized(ink(grey(one))), image_bytes, fn_output_signature=spec)
    return tf.reshape(each, [-1, 28, 28, 1])


def grey(image_bytes: Tensor) -> Tensor:
    """One encoded picture → brightness float32 [H, W] in [0, 255]; what is transparent is white."""
    image = tf.cast(tf.io.decode_image(image_bytes, expand_animations=False), tf.float32)
    channels = tf.shape(image)[2]
    colours = channels - tf.cast(tf.equal(channels % 2, 0), tf.int32)
    rgb = image[..., :colours]
    weights = tf.cond(colours > 1, lambda: tf.constant([0.299, 0.587, 0.114]), lambda: tf.constant([1.0]))
    bright = tf.reduce_sum(rgb * weights, axis=-1)
    opaque = tf.cond(colours < channels, lambda: image[..., -1] / 255.0, lambda: tf.ones_like(bright))
    return bright * opaque + 255.0 * (1.0 - opaque)


def ink(bright: Tensor) -> Tensor:
    """Brightness float32 [H, W] → ink, float32 [H, W]: 0 is paper; the paper's brightness is that of the border."""
    border = tf.concat([bright[0], bright[-1], bright[:, 0], bright[:, -1]], axis=0)
    paper = tf.sort(border)[tf.size(border) // 2]
    dark, light = tf.nn.relu(paper - bright), tf.nn.relu(bright - paper)
    strokes = tf.where(tf.reduce_sum(dark) >= tf.reduce_sum(light), dark, light)
    return tf.where(strokes < NOISE * _otsu(strokes), 0.0, strokes)


def normalized(strokes: Tensor) -> Tensor:
    """Ink float32 [H, W], any size and range → float32 [28, 28] in [0, 1]; all 0 if there is no ink."""
    return tf.cond(tf.reduce_max(strokes) > 0, lambda: _normalized(strokes), lambda: tf.zeros([28, 28]))


def _normalized(strokes: Tensor) -> Tensor:
    fine = _thicken(_resize(_crop(strokes), _LONG))
    small = tf.nn.relu(_resize(fine, reference.BOX))
    return _place(small * (255.0 / tf.reduce_max(small))) / 255.0


def _otsu(strokes: Tensor) -> Tensor:
    levels = tf.range(256, dtype=tf.float32)
    counts = tf.cast(tf.histogram_fixed_width(tf.round(strokes), [0.0, 256.0], nbins=256), tf.float32)
    below, mass = tf.cumsum(counts), tf.cumsum(counts * levels)
    above = below[-1] - below
    gap = tf.math.divide_no_nan(mass, below) - tf.math.divide_no_nan(mass[-1] - mass, above)
    return tf.cast(tf.argmax(below * above * gap * gap), tf.float32)


def _crop(strokes: Tensor) -> Tensor:
    visible = strokes > reference.FAINT * tf.reduce_max(strokes)
    rows, columns = (tf.where(tf.reduce_any(visible, axis=axis))[:, 0] for axis in (1, 0))
    return strokes[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _resize(values: Tensor, long_side: int) -> Tensor:
    size = tf.cast(tf.shape(values), tf.float32)
    share = tf.cast(long_side, tf.float32) / tf.reduce_max(size)
    wanted = tf.maximum(1, tf.cast(tf.round(size * share), tf.int32))
    image = values[None, ..., None]
    resized = tf.cond(
        share < 1,
        lambda: tf.image.resize(image, wanted, method="area"),
        lambda: tf.image.resize(image, wanted, method="bilinear"),
    )
    return resized[0, ..., 0]


def _thicken(fine: Tensor) -> Tensor:
    mask = tf.pad(tf.cast(fine > 0.5 * tf.reduce_max(fine), tf.float32), [[1, 1], [1, 1]])
    core = -tf.nn.max_pool2d(-mask[None, ..., None], 3, 1, "SAME")
    area = tf.reduce_sum(mask)
    width = 2.0 * area / tf.maximum(1.0, area - tf.reduce_sum(core)) / reference.FINE
    reach = tf.cast(tf.round((reference.WANTED - width) * reference.FINE / 2), tf.int32)
    index = tf.clip_by_value(reach, 1, _REACHES) - 1
    branches = [lambda reach=reach: _dilate(fine, reach) for reach in range(1, _REACHES + 1)]
    return tf.cond(width >= reference.THIN, lambda: fine, lambda: tf.switch_case(index, branches))


def _dilate(fine: Tensor, reach: int) -> Tensor:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    outside = np.where(disc[..., None] > 0, 0.0, -1e9).astype(np.float32)
    padded = tf.pad(fine, [[reach, reach], [reach, reach]])[None, ..., None]
    wide = tf.nn.dilation2d(padded, outside, [1, 1, 1, 1], "SAME", "NHWC", [1, 1, 1, 1])
    return _resize(wide[0, ..., 0], _LONG)


def _place(small: Tensor) -> Tensor:
    size = tf.shape(small)
    height, width = size[0], size[1]
    total = tf.reduce_sum(small)

    def start(length: Tensor, axis: int) -> Tensor:
        along = tf.range(tf.cast(length, tf.float32))
        centre = tf.reduce_sum(along * tf.reduce_sum(small, axis=1 - axis)) / total
        return tf.clip_by_value(tf.cast(tf.round(SIDE / 2 - centre), tf.int32), 0, SIDE - length)

    top, left = start(height, 0), start(width, 1)
    around = [[top, SIDE - height - top], [left, SIDE - width - left]]
    return tf.ensure_shape(tf.pad(tf.round(small), around), [28, 28])
