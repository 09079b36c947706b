"""What is told to the gateway beside the frames: where a camera reads, and why nothing comes."""

from __future__ import annotations

import logging
from typing import Final

import httpx
from digitscribe.contracts import CameraReport, CameraTrial
from digitscribe.redaction import redact
from digitscribe.settings import CameraSettings

TIMEOUT: Final = httpx.Timeout(5.0, connect=2.0)

AGAIN_S: Final = 10.0
"""A problem that lasts is told this often: the gateway may have been away, or forgotten it."""

_log = logging.getLogger(__name__)


def client_of(settings: CameraSettings) -> httpx.Client:
    """A client of the gateway that shows the token."""
    token = settings.camera_token.get_secret_value()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    # The gateway is a neighbour: a proxy named in the environment is not on the way to it.
    return httpx.Client(base_url=settings.gateway_url, timeout=TIMEOUT, headers=headers, trust_env=False)


def tell_trial(client: httpx.Client, trial_id: str, result: CameraTrial) -> None:
    """Tell what was seen through a source; a gateway that is away or does not wait any more is not told again."""
    body = result.model_dump_json(exclude_none=True).encode()
    try:
        client.put(f"/v1/camera-trials/{trial_id}", content=body, headers={"Content-Type": "application/json"})
    except httpx.HTTPError as error:
        _log.warning("the result of a trial is lost: %s", redact(str(error)))


class Reporter:
    """Tells the gateway about one camera; one that is away is told again."""

    def __init__(self, client: httpx.Client, camera: str) -> None:
        self._client = client
        self._path = f"/v1/cameras/{camera}/reports"
        self._told: CameraReport | None = None
        self._told_at_s = float("-inf")

    def keep_told(self, report: CameraReport, now_s: float) -> None:
        """Tell `report` if it is news, or if it is a problem that was told `AGAIN_S` ago."""
        is_due = now_s - self._told_at_s >= AGAIN_S
        is_news = self._told is not None and report != self._told
        if is_news or (is_due and (self._told is None or report.problem)):
            self._told_at_s = now_s
            self._told = report if self.tell(report) else None

    def tell(self, report: CameraReport) -> bool:
        """Tell `report`; returns whether the gateway took it."""
        try:
            body = report.model_dump_json(exclude_none=True).encode()
            headers = {"Content-Type": "application/json"}
            return self._client.post(self._path, content=body, headers=headers).is_success
        except httpx.HTTPError as error:
            _log.debug("the gateway takes no reports: %s", error)
            return False
