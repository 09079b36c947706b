"""What writes docs/accuracy.md: the parts of a page, the changed digits, the measures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow  # noqa: F401 - whole, before keras asks for parts: tests of the model server load some without the rest
from digitscribe.errors import InvalidInput
from trainer.answers import Answers
from trainer.dataset import Dataset, load_mnist

from tools.accuracy import measures, sections, variants
from tools.accuracy.measures import Measured

DATA = Path(__file__).parents[2] / "data"
PAGE = "# Title\n<!-- one -->\nold\n<!-- /one -->\nbetween\n<!-- two -->\n<!-- /two -->\n"


def test_only_the_named_part_of_a_page_changes() -> None:
    changed = sections.replaced(PAGE, "one", "new \\1 text")
    assert changed == PAGE.replace("old", "new \\1 text")
    assert sections.replaced(changed, "one", "old") == PAGE


def test_a_part_that_is_missing_is_named() -> None:
    with pytest.raises(InvalidInput, match="three"):
        sections.replaced(PAGE, "three", "")


@pytest.mark.parametrize("name", variants.VARIANTS)
def test_changed_digits_are_digits_in_mnists_form(name: str) -> None:
    digits = load_mnist(DATA).validation.sample(12, 1)
    made = variants.changed(digits.images, variants.VARIANTS[name], seed=1)
    assert (made.shape, made.dtype) == ((12, 28, 28), np.uint8)
    assert (made.max(axis=(1, 2)) == 255).all()
    assert np.array_equal(made, variants.changed(digits.images, variants.VARIANTS[name], seed=1))


def test_a_table_counts_what_is_wrong() -> None:
    digits = Dataset(np.zeros((4, 28, 28), np.uint8), np.array([1, 2, 3, 3], np.uint8))
    said = np.eye(10, dtype=np.float32)[[1, 2, 3, 8]]
    measured = Measured("four digits", digits, Answers(said, np.array([0.9, 0.9, 0.9, 0.2], np.float32)))
    others = Answers(said, np.zeros(4, np.float32))
    row = measures.accuracy_table([measured], others).splitlines()[-1]
    assert row == "| four digits | 4 | 75.00 % | 1 | 25.00 % | 25.00 % | 1.0000 |"
    assert measured.wrong.tolist() == [3]
