"""The README names every case that the tests do not hold the server to."""

from __future__ import annotations

import pytest

from tests.serving import (
    test_batching_conformance,
    test_lifecycle_conformance,
    test_rest_conformance,
    test_startup_conformance,
)
from tests.serving.conftest import CONFIG

LEFT_OUT = {
    **test_rest_conformance.LEFT_OUT,
    **test_batching_conformance.LEFT_OUT,
    **test_startup_conformance.LEFT_OUT,
    **test_lifecycle_conformance.LEFT_OUT,
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_the_readme_names_what_is_left_out(case: str) -> None:
    assert f"`{case}`" in (CONFIG.parent / "README.md").read_text(encoding="utf-8")
