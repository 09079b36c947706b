"""Crops of generated pages, as the vision finds them: digits, and wrong cuts and joins that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from digitscribe.errors import NotFound

from trainer.dataset import Dataset


def load_page_crops(data_dir: Path) -> Dataset:
    """What `python -m tools.page_crops` has written.

    Raises:
        NotFound: there is no crops.npz.
    """
    path = data_dir / "pages" / "crops.npz"
    if not path.is_file():
        raise NotFound(f"{path} is missing; set DIGITSCRIBE_DATA_DIR to the repository's data folder")
    with np.load(path, allow_pickle=False) as arrays:
        return Dataset(arrays["images"], arrays["labels"])
