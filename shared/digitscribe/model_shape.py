"""The shape of what the model takes and gives: images float32 [N, SIDE, SIDE, 1] → probabilities float32 [N, CLASSES].

Every service may import this: it needs neither an image library nor the model server's messages.
"""

from __future__ import annotations

SIDE = 28
"""Height and width of a digit as the model sees it, in pixels."""

CLASSES = 10
"""Digits, 0 to 9."""
