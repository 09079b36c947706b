"""Crops of generated pages, as the vision finds them: digits, and wrong cuts and joins that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trainer.dataset import Dataset, existing


def load_page_crops(data_dir: Path) -> Dataset:
    """What `python -m tools.page_crops` has written.

    Raises:
        NotFound: there is no crops.npz.
    """
    with np.load(existing(data_dir / "pages" / "crops.npz"), allow_pickle=False) as arrays:
        return Dataset(arrays["images"], arrays["labels"])
