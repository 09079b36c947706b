"""Arrays of several requests to one batch and back; pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from serving.status import failed_precondition, invalid_argument
from serving.tensors import Array

Feeds = Mapping[str, Array]
"""Tensor name → array; the first dimension of all is the same number of rows."""


def task_size(feeds: Feeds) -> int:
    """The number of rows in `feeds`.

    Raises:
        StatusError: INVALID_ARGUMENT, there are no rows or the arrays disagree about their number.
    """
    if any(array.ndim == 0 for array in feeds.values()):
        raise invalid_argument("Batching Run() input tensors must have at least one dimension")
    sizes = {len(array) for array in feeds.values()}
    if len(sizes) > 1:
        raise invalid_argument("Batching Run() input tensors must have equal 0th-dimension size")
    return sizes.pop() if sizes else 0


def merge(tasks: Sequence[Feeds], *, pad: bool) -> dict[str, Array]:
    """The rows of all `tasks`, one after the other; with `pad`, rows of different shapes grow to the largest.

    Raises:
        StatusError: FAILED_PRECONDITION, shapes differ and may not be padded.
    """
    if len(tasks) == 1:
        return dict(tasks[0])
    return {name: _merge_arrays(name, [task[name] for task in tasks], pad=pad) for name in tasks[0]}


def _merge_arrays(name: str, arrays: Sequence[Array], *, pad: bool) -> Array:
    if len({array.dtype for array in arrays}) > 1:
        raise invalid_argument(f"Tensors with name '{name}' from different tasks have different types")
    if len({array.shape[1:] for array in arrays}) == 1:
        return np.concatenate(arrays)
    if not pad or len({array.ndim for array in arrays}) > 1:
        raise failed_precondition(
            f"Tensors with name '{name}' from different tasks have different shapes and padding is turned off. Set "
            "pad_variable_length_inputs to true, or ensure that all tensors with the same name have equal dimensions "
            "starting with the first dim."
        )
    largest = np.max([array.shape[1:] for array in arrays], axis=0)
    return np.concatenate([_grow(array, largest) for array in arrays])


def _grow(array: Array, shape: Sequence[int]) -> Array:
    # an array is filled up with its own first value, as TensorFlow Serving does
    margins = [(0, 0)] + [(0, int(to) - size) for to, size in zip(shape, array.shape[1:], strict=True)]
    grown = np.empty([size + margin for size, (_, margin) in zip(array.shape, margins, strict=True)], array.dtype)
    grown[...] = array.flat[0] if array.size else np.zeros((), array.dtype)
    grown[tuple(slice(size) for size in array.shape)] = array
    return grown


def padded_size(rows: int, allowed: Sequence[int]) -> int:
    """The smallest allowed batch size that holds `rows`; without a list, `rows` itself."""
    return next((size for size in allowed if size >= rows), rows)


def pad_rows(feeds: Feeds, rows: int) -> Feeds:
    """`feeds` with the first row repeated until there are `rows`."""
    missing = rows - task_size(feeds)
    if missing <= 0:
        return feeds
    return {name: np.concatenate([array, np.repeat(array[:1], missing, axis=0)]) for name, array in feeds.items()}


def split(outputs: Sequence[Array], sizes: Sequence[int], rows: int) -> list[list[Array]]:
    """For each task the rows of every output that belong to it; rows beyond the tasks' are padding.

    Raises:
        StatusError: FAILED_PRECONDITION, an output has not one row for each row of the inputs.
    """
    for output in outputs:
        if output.ndim == 0:
            raise failed_precondition("Batched output tensor has 0 dimensions")
        if len(output) != rows:
            raise failed_precondition(
                "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input "
                "tensors"
            )
    ends = np.cumsum(sizes)
    return [[output[end - size : end] for output in outputs] for size, end in zip(sizes, ends, strict=True)]
