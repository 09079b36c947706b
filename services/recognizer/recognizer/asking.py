"""The model server as one job asks it: whatever the number of its calls, it waits once for a server that is away."""

from __future__ import annotations

import time

from digitscribe.errors import ServingUnavailable
from digitscribe.serving.client import Images, Prediction, ServingClient

CALL_S, IMAGE_S = 1.0, 0.002
"""What a call takes longer than this, and this for each image, it has waited for the server."""


class JobPredictor:
    """Asks `serving` for one job, whose calls may wait `patience_s` seconds together; answers cost no patience."""

    def __init__(self, serving: ServingClient, patience_s: float) -> None:
        self._serving = serving
        self._left_s = patience_s
        self._away: ServingUnavailable | None = None

    def predict(self, images: Images) -> Prediction:
        """Classify `images` as `ServingClient.predict` does.

        Raises:
            ServingUnavailable: no answer while the job's patience lasted; from then on without being asked again.
            ServingRefused: the server will not answer this.
        """
        if self._away and len(images):
            raise ServingUnavailable(str(self._away)) from self._away
        began = time.monotonic()
        try:
            return self._serving.predict(images, max(0.0, self._left_s))
        except ServingUnavailable as error:
            self._away = error
            raise
        finally:
            self._left_s -= max(0.0, time.monotonic() - began - CALL_S - IMAGE_S * len(images))
