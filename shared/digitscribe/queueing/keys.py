"""The names of everything that Digitscribe keeps in Redis (RQ's own keys start with `rq:`)."""

from __future__ import annotations

EVENTS = "digitscribe:events"
"""Stream: what happened, for whoever listens; fields `type` and `data` (JSON)."""

HISTORY = "digitscribe:history"
"""Stream: what was read, for people to look through; field `data`, a recognition as JSON."""

HISTORY_FRAMES = "digitscribe:history:frames"
"""List: ids of the moving pictures' frames that HISTORY lists, newest first."""

PENDING = "digitscribe:pending"
"""Hash: accepted, unfinished recognitions; id → `bytes job_id accepted_at_ms`."""

PENDING_BYTES = "digitscribe:pending_bytes"
"""Integer: the bytes of all images in PENDING."""

FAILED = "digitscribe:failed"
"""Sorted set: ids of failed recognitions (without moving pictures' frames) by when they failed (ms)."""

FAILED_IMAGES = "digitscribe:failed:images"
"""Sorted set: `id:bytes` of failed recognitions whose image is kept for another try, by when they failed (ms)."""

FAILED_BYTES = "digitscribe:failed:bytes"
"""Integer: the bytes of all images in FAILED_IMAGES."""

RESULTS = "digitscribe:results"
"""Sorted set: ids of what was read and is kept (moving pictures' frames only where listed), by when it ended (ms)."""

GIVING_WAY = "digitscribe:results:giving_way"
"""There for a second after results made room for new work."""

SAMPLES = "digitscribe:samples"
"""Stream: the state of the system every ten seconds; the id is the sample's moment, the field `sample` its JSON."""

CAMERAS = "digitscribe:cameras"
"""Hash: camera name → JSON of its state."""

CAMERA_DEFINITIONS = "digitscribe:cameras:definitions"
"""Hash: camera name → JSON of its definition, its source with credentials."""

CAMERA_TRIALS = "digitscribe:cameras:trials"
"""Hash: trial id → `asked_at_ms source`: a source, with credentials, that a camera worker is to look through once."""

CAMERA_DROPS = "digitscribe:cameras:dropped"
"""Hash: camera name → frames that were too old when a recognizer had time for them."""

TRAININGS = "digitscribe:trainings"
"""Sorted set: training ids by the time of their creation."""

PROMOTION_LOCK = "digitscribe:lock:promotion"
"""Held by whoever changes which versions are in traffic."""


MAINTENANCE_LOCK = "digitscribe:lock:maintenance"
"""Held for a moment by the recognizer that looks after the work of those that died."""

MISSING_JOBS = "digitscribe:missing_jobs"
"""Hash: job id → since when (ms) it has been neither waiting nor being executed."""


STEPS_PREFIX = "digitscribe:steps:"

STEPS_ORDER = "digitscribe:steps_order"
"""List: recognitions whose steps are kept, newest first."""


def image(recognition_id: str) -> str:
    """Bytes: the image (or the camera frame's JSON) that waits to be read; has a TTL."""
    return f"digitscribe:image:{recognition_id}"


def recognition(recognition_id: str) -> str:
    """JSON: the recognition as it stands; has a TTL."""
    return f"digitscribe:recognition:{recognition_id}"


def crops(recognition_id: str) -> str:
    """Bytes: the digits' normalised pictures, uint8 [N, 28, 28], that the model saw; has a TTL."""
    return f"digitscribe:crops:{recognition_id}"


def history_run(moving_picture: str) -> str:
    """Hash: what a moving picture's last frames said (`text`), how often in a row (`times`), and what of it was listed
    last (`listed`); has a TTL."""
    return f"digitscribe:history:run:{moving_picture}"


def labels(recognition_id: str) -> str:
    """Hash: what people say the digits are, index → JSON of the label; has a TTL."""
    return f"digitscribe:labels:{recognition_id}"


def steps(recognition_id: str) -> str:
    """JSON: pictures of how an image was read; has a short TTL."""
    return f"{STEPS_PREFIX}{recognition_id}"


def training(training_id: str) -> str:
    """JSON: a training as it stands."""
    return f"digitscribe:training:{training_id}"


def camera_trial(trial_id: str) -> str:
    """List of one: JSON of what a camera worker saw through a source; has a short TTL."""
    return f"{CAMERA_TRIALS}:{trial_id}"


def preview(camera: str) -> str:
    """Hash: the newest preview of a camera (`jpeg`) and the id of its frame's recognition (`id`); has a TTL."""
    return f"digitscribe:preview:{camera}"


def preview_of(camera: str, recognition_id: str) -> str:
    """Bytes: the preview of the frame that the recognition is of, JPEG; has a short TTL."""
    return f"digitscribe:preview:{camera}:{recognition_id}"
