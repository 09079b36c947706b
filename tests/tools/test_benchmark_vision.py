from __future__ import annotations

import cv2
import numpy as np
from digitscribe.vision.colour import brightness_of
from digitscribe.vision.decode import DecodedImage

from tools.benchmark_vision import STAGES, stage_times


def test_every_step_of_reading_is_timed_and_left_as_it_was() -> None:
    page = np.full((240, 320, 3), 255, np.uint8)
    cv2.putText(page, "77", (60, 180), cv2.FONT_HERSHEY_SIMPLEX, 4.0, (0, 0, 0), 8)
    times = stage_times(DecodedImage.from_pixels(page))
    assert set(times) == {name for name, _, _ in STAGES}
    assert all(spent > 0 for spent in times.values())
    assert STAGES[1][1].brightness_of is brightness_of
