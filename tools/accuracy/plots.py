"""The pictures of docs/accuracy.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import binomtest
from trainer.dataset import Dataset

mpl.use("Agg")

INK, SOFT, ACCENT, DOUBT, PAPER, RULE = "#1d2742", "#545d74", "#2746b8", "#b3261e", "#fdfaf4", "#dcd2bf"
"""The page's colours, light: services/ui/ui/static/css/tokens.css."""

_BINS = 15
STYLE: Any = {
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": RULE,
    "axes.labelcolor": SOFT,
    "axes.titlecolor": INK,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "text.color": INK,
    "font.size": 10,
    "figure.dpi": 110,
}
"""What all pictures have in common: paper of their own, so that they look the same on light and on dark pages."""


def reliability(probabilities: NDArray[np.float32], labels: NDArray[np.uint8], path: Path) -> None:
    """Confidence against accuracy, with how many digits each bin holds; `probabilities` float32 [N, 10]."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    filled = [each for each in range(_BINS) if (bins == each).any()]
    sure = [float(confidence[bins == each].mean()) for each in filled]
    share = [float(right[bins == each].mean()) for each in filled]
    with plt.rc_context(STYLE):
        figure, (above, below) = plt.subplots(2, 1, figsize=(5.2, 5.6), height_ratios=[3, 1], sharex=True)
        above.plot([0, 1], [0, 1], color=RULE, linestyle="--", label="confidence = accuracy")
        sizes = [15 + 25 * float(np.log10((bins == each).sum())) for each in filled]
        above.vlines(sure, *_intervals(right, bins, filled), color=ACCENT, alpha=0.35, label="95 % interval")
        above.scatter(sure, share, sizes, color=ACCENT, label="the model", zorder=3)
        above.set(ylabel="share read right", xlim=(0, 1.02), ylim=(0, 1.04))
        above.set_title("Reliability, MNIST's test set", pad=22)
        above.legend(
            frameon=False, loc="lower left", bbox_to_anchor=(-0.02, 0.98), ncols=3, fontsize=8, columnspacing=1
        )
        counts = np.bincount(bins, minlength=_BINS)
        below.bar((np.arange(_BINS) + 0.5) / _BINS, counts, width=0.9 / _BINS, color=ACCENT)
        below.set(xlabel="confidence", ylabel="digits", yscale="log", ylim=(0.5, None))
        save(figure, path)


def _intervals(right: NDArray[np.bool_], bins: NDArray[np.intp], filled: list[int]) -> tuple[list[float], list[float]]:
    """In which interval each bin's share of right digits lies, given how few it holds (Wilson, 1927)."""
    found = [binomtest(int(right[bins == each].sum()), int((bins == each).sum())) for each in filled]
    limits = [each.proportion_ci(method="wilson") for each in found]
    return [each.low for each in limits], [each.high for each in limits]


def confusion(given: NDArray[np.intp], labels: NDArray[np.uint8], path: Path) -> None:
    """What was read (`given` [N]) for what was written (`labels` [N]); the right ones are counted, not coloured."""
    table = np.zeros((10, 10), np.int64)
    np.add.at(table, (labels, given), 1)
    wrong = table * (1 - np.eye(10, dtype=np.int64))
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(5.6, 5.2))
        tint = mpl.colors.LinearSegmentedColormap.from_list("errors", [PAPER, DOUBT])
        axes.imshow(wrong, cmap=tint, vmin=0, vmax=max(4, int(wrong.max())))
        for row, column in np.ndindex(10, 10):
            if table[row, column]:
                colour = SOFT if row == column else PAPER if wrong[row, column] > 2 else INK
                axes.text(column, row, str(table[row, column]), ha="center", va="center", color=colour, fontsize=8)
        axes.set(
            xticks=range(10), yticks=range(10), xlabel="read", ylabel="written", title="Confusion, MNIST's test set"
        )
        save(figure, path)


def errors(given: NDArray[np.intp], digits: Dataset, path: Path) -> None:
    """All digits that were read (`given` [N]) wrong, in rows of ten, each with what was made of it."""
    wrong = np.flatnonzero(given != digits.labels)
    rows = max(1, -(-len(wrong) // 10))
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(rows, 10, figsize=(8.4, 0.35 + 1.08 * rows), squeeze=False)
        for place in axes.flat:
            place.axis("off")
        for place, number in zip(axes.flat, wrong, strict=False):
            place.imshow(255 - digits.images[number], cmap="gray", vmin=0, vmax=255)
            caption = f"{digits.labels[number]} read as {given[number]}"
            place.set_title(caption, fontsize=8, fontweight="normal", color=SOFT, loc="center", pad=3)
        title = f"All {len(wrong)} errors on MNIST's test set"
        figure.suptitle(title, x=0.02, ha="left", fontweight="bold", fontsize=12)
        save(figure, path)


def scores(digits: NDArray[np.float32], others: NDArray[np.float32], path: Path) -> None:
    """How surely digits and what is none are digits: two histograms over the score, float32 [N] and [M]."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(6.4, 3.2))
        edges = np.linspace(0, 1, 41).tolist()
        axes.hist(others, edges, color=DOUBT, alpha=0.75, label="letters, scribbles, pairs, … (never learnt from)")
        axes.hist(digits, edges, color=ACCENT, alpha=0.75, label="digits (MNIST, validation)")
        axes.axvline(0.5, color=SOFT, linestyle="--", linewidth=1)
        axes.set(yscale="log", xlabel="digit score", ylabel="pictures", title="Is it a digit?")
        axes.legend(facecolor=PAPER, edgecolor=PAPER, framealpha=1, loc="upper center")
        save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write `figure` into a PNG or JPEG file, and forget it."""
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jpg":
        figure.savefig(path, pil_kwargs={"quality": 80})
    else:
        figure.savefig(path, metadata={"Software": None})  # no version inside: the same figures make the same file
    plt.close(figure)
