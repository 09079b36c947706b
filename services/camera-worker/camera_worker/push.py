"""Brings frames to the gateway: one at a time, within time limits, and not faster than it takes them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import Enum
from typing import Final

import httpx
from digitscribe.backoff import Backoff, retry_after_s
from digitscribe.contracts import CameraFrame, Recognition
from pydantic import ValidationError

from camera_worker.redact import redact

CONNECT_S: Final = 2.0
ANSWER_S: Final = 5.0
"""Time limits of a request; what the gateway is allowed to hold its answer is added."""

LONGEST_RETRY_AFTER_S: Final = 60.0
"""A gateway that asks for more patience is asked again after this all the same."""

PATIENT_STATUS: Final = frozenset({408, 425, 429})
"""Refusals that are about the moment and not about the frame; so are all from 500 on."""

_log = logging.getLogger(__name__)


class Delivery(Enum):
    """What became of a frame."""

    TAKEN = "taken"
    REFUSED = "refused"
    """The gateway does not want this frame, now or later."""
    AWAY = "away"
    """The gateway does not answer, or asks for patience."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The gateway's answer to a frame."""

    delivery: Delivery
    recognition: Recognition | None = None
    """What is known of the frame's recognition; finished only if the gateway waited for it."""
    retry_after_s: float | None = None
    reason: str = ""


class Gate:
    """Open while the gateway takes frames; closed for a while after each failure. It has no clock of its own."""

    def __init__(self, backoff: Backoff | None = None) -> None:
        self._backoff = backoff or Backoff()
        self._closed_until_s = float("-inf")

    def wait_s(self, now_s: float) -> float:
        """Seconds until the next frame may be tried; 0 if it may be now."""
        return max(0.0, self._closed_until_s - now_s)

    def note(self, answer: Answer, now_s: float) -> None:
        """Take in how a frame fared at `now_s`."""
        if answer.delivery is not Delivery.AWAY:
            self._backoff.succeed()
            self._closed_until_s = float("-inf")
            return
        asked_s = min(answer.retry_after_s or 0.0, LONGEST_RETRY_AFTER_S)
        self._closed_until_s = now_s + max(asked_s, self._backoff.fail())


class Gateway:
    """A kept-alive connection to `POST /v1/cameras/{name}/frames`."""

    def __init__(self, url: str, camera: str, wait_s: float = 0.0) -> None:
        timeout = httpx.Timeout(ANSWER_S + wait_s, connect=CONNECT_S)
        limits = httpx.Limits(max_connections=1)
        # The gateway is a neighbour: a proxy named in the environment is not on the way to it.
        self._client = httpx.Client(base_url=url, timeout=timeout, limits=limits, trust_env=False)
        self._path = f"/v1/cameras/{camera}/frames"
        self._params = {"wait": f"{wait_s:g}"} if wait_s > 0 else {}
        self._last = Delivery.TAKEN

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def post(self, frame: CameraFrame) -> Answer:
        """Offer `frame`; a gateway that cannot take it is an answer too, and never raises."""
        body = frame.model_dump_json(exclude_none=True).encode()
        headers = {"Content-Type": "application/json"}
        try:
            response = self._client.post(self._path, params=self._params, content=body, headers=headers)
            answer = _understand(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            answer = Answer(Delivery.AWAY, reason=f"{type(error).__name__}: {error}")
        self._tell(answer)
        return answer

    def _tell(self, answer: Answer) -> None:
        if answer.delivery is self._last:
            return
        self._last = answer.delivery
        if answer.delivery is Delivery.TAKEN:
            _log.info("the gateway takes frames again")
        else:
            _log.warning("the gateway does not take frames (%s)", redact(answer.reason))


def _understand(response: httpx.Response) -> Answer:
    if response.is_success:
        return Answer(Delivery.TAKEN, recognition=_recognition(response.content))
    reason = f"{response.status_code} {response.reason_phrase}: {response.text[:200]}"
    if response.status_code in PATIENT_STATUS or response.status_code >= 500:
        return Answer(Delivery.AWAY, retry_after_s=retry_after_s(response.headers), reason=reason)
    return Answer(Delivery.REFUSED, reason=reason)


def _recognition(body: bytes) -> Recognition | None:
    try:
        return Recognition.model_validate_json(body)
    except ValidationError:
        return None
