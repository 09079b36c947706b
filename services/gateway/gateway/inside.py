"""An explanation as a document: feature maps become pictures, the evidence stays numbers, for pages to colour."""

from __future__ import annotations

import base64

import numpy as np
from digitscribe.contracts import Digit
from digitscribe.contracts.inside import Evidence, FeatureLayer, FeatureMap, Inside
from digitscribe.serving.explain import Explanation
from numpy.typing import NDArray

from gateway.png import encode_grey

FAINTEST = 0.05
"""A map whose strongest answer is below this share of its layer's is not lit up to white: it found next to nothing."""

_DECIMALS = 4


def inside_of(recognition_id: str, digit: Digit, explanation: Explanation) -> Inside:
    """What `explanation` says about `digit`."""
    height, width = explanation.evidence.shape
    evidence = tuple(_rounded(value) for value in explanation.evidence.ravel())
    return Inside(
        recognition_id=recognition_id,
        digit_index=digit.index,
        digit=digit.digit,
        model_version=explanation.version,
        answer=int(explanation.probabilities.argmax()),
        probabilities=tuple(_share(value) for value in explanation.probabilities),
        digit_score=_share(explanation.digit_score),
        layers=tuple(_layer(number, maps) for number, maps in enumerate(explanation.features, start=1)),
        evidence=Evidence(width=width, height=height, values=evidence),
    )


def _layer(number: int, maps: NDArray[np.float32]) -> FeatureLayer:
    """The maps of a layer, float32 [H, W, C]; what a filter answers below 0 counts as nothing found."""
    found = np.maximum(maps, 0.0)
    strongest = float(found.max())
    height, width, count = maps.shape
    pictures = tuple(_map(found[..., channel], strongest) for channel in range(count))
    return FeatureLayer(title=f"Convolution block {number}", width=width, height=height, maps=pictures)


def _map(found: NDArray[np.float32], strongest: float) -> FeatureMap:
    peak = float(found.max())
    white = max(peak, FAINTEST * strongest) or 1.0
    height, width = found.shape
    grey = np.round(found / white * 255).astype(np.uint8)
    picture = base64.b64encode(encode_grey(grey.tobytes(), width, height)).decode("ascii")
    return FeatureMap(picture=picture, strength=_share(peak / strongest if strongest else 0.0))


def _share(value: float | np.float32) -> float:
    return min(1.0, max(0.0, _rounded(value)))


def _rounded(value: float | np.float32) -> float:
    return round(float(value), _DECIMALS)
