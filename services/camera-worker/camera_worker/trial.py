"""`python -m camera_worker.trial`: looks through one source once, and tells the gateway what it saw.

In a process of its own, because a driver can hang in a way that only the end of a process ends.
"""

from __future__ import annotations

import base64
import os
import sys
from contextlib import closing
from threading import Thread
from typing import Final

import cv2
from digitscribe.contracts import CameraTrial
from digitscribe.errors import SettingsError
from digitscribe.settings import CameraSettings, load

from camera_worker.faults import problem_of
from camera_worker.image import Image, fit
from camera_worker.plan import TRIAL_ID
from camera_worker.redact import configure_redacted_logging, redact
from camera_worker.reports import client_of, tell_trial
from camera_worker.sources import Source, open_source

PATIENCE_S: Final = 15.0
"""A source that has delivered nothing after so long is given up."""

WARM_UP: Final = 5
"""Frames that a live source may take to set its exposure: the last of them is shown."""

PICTURE_SIDE: Final = 960
PICTURE_QUALITY: Final = 80


def look(source: Source, patience_s: float = PATIENCE_S) -> CameraTrial:
    """What is seen through `source`, or why nothing is; never raises, and takes `patience_s` at most."""
    seen: list[Image] = []
    problems: list[str] = []
    thread = Thread(target=_look, args=(source, seen, problems), name="trial", daemon=True)
    thread.start()
    thread.join(patience_s)
    if seen:
        return _shown(seen[-1])
    if problems:
        return CameraTrial(problem=problems[0][:500])
    return CameraTrial(
        problem=f"{source.name} has sent no picture within {patience_s:.0f} seconds; check that it is switched on, "
        "that the address is the one of its stream, and that this machine reaches it"[:500]
    )


def _look(source: Source, seen: list[Image], problems: list[str]) -> None:
    try:
        with closing(source.shots()) as shots:
            for shot in shots:
                seen.append(shot.image)
                if not source.live or len(seen) >= WARM_UP:
                    return
        problems.append(f"{source.name} holds no picture")
    except Exception as error:  # a thread that ends without a word would look like a source that sends nothing
        problems.append(problem_of(error))


def _shown(image: Image) -> CameraTrial:
    height, width = image.shape[:2]
    _, jpeg = cv2.imencode(".jpg", fit(image, PICTURE_SIDE), [cv2.IMWRITE_JPEG_QUALITY, PICTURE_QUALITY])
    return CameraTrial(width=width, height=height, picture=base64.b64encode(jpeg.tobytes()).decode("ascii"))


def main() -> None:
    """Look, and tell."""
    settings = load(CameraSettings)
    configure_redacted_logging(settings)
    try:
        result = look(open_source(settings))
    except SettingsError as error:
        result = CameraTrial(problem=redact(str(error))[:500])
    with client_of(settings) as client:
        tell_trial(client, os.environ[TRIAL_ID], result)


if __name__ == "__main__":
    main()
    sys.stderr.flush()
    os._exit(0)  # a thread that hangs in a camera's driver would keep the interpreter from ending
