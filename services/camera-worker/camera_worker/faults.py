"""What to tell people when a source fails."""

from __future__ import annotations

import cv2
from digitscribe.errors import DigitscribeError

from camera_worker.redact import redact


def is_expected(error: Exception) -> bool:
    """Whether sources fail like this: the message says it all, and there is no need for a traceback."""
    return isinstance(error, DigitscribeError | OSError | cv2.error)


def problem_of(error: Exception) -> str:
    """What is wrong, in words without credentials."""
    said = redact(str(error))
    return said if is_expected(error) else f"the source failed unexpectedly ({type(error).__name__}: {said})"
