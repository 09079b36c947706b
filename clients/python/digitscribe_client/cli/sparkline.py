"""Numbers as a line of blocks."""

from __future__ import annotations

from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float]) -> str:
    """`values` as blocks, the smallest lowest; all alike lie in the middle."""
    if not values:
        return ""
    low, high = min(values), max(values)
    if low == high:
        return BLOCKS[len(BLOCKS) // 2 - 1] * len(values)
    step = (high - low) / (len(BLOCKS) - 1)
    return "".join(BLOCKS[round((value - low) / step)] for value in values)
