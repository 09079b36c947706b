"""Reads a camera and pushes preprocessed frames.

The lines below must run before NumPy and OpenCV are loaded anywhere in the process: both read these variables only
once. One camera needs one thread of each, and what FFmpeg and OpenCV print about a URL would show its password.
"""

import os

_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENCV_LOG_LEVEL": "SILENT",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
}
"""Defaults; what the environment says already is left alone."""

for _name, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)
