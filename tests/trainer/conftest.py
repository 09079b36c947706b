"""Fixtures of the trainer's tests: little data, a tiny network, a real model server."""

from __future__ import annotations

from pathlib import Path

import pytest
from trainer.dataset import Splits, load_mnist

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The repository's data."""
    return DATA


@pytest.fixture(scope="session")
def mnist() -> Splits:
    """MNIST's training images, split."""
    return load_mnist(DATA)
