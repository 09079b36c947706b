"""How a camera's frames are prepared for reading: the system's profile, changed by the camera's own."""

from __future__ import annotations

from digitscribe.settings import CameraSettings
from digitscribe.vision import tuning
from digitscribe.vision.profile import Profile


def profile_of(settings: CameraSettings) -> Profile:
    """The profile that `settings` ask for.

    `camera_polarity` overrides the profile's if it is set; its default counts only where no profile names a polarity,
    because a camera that decides anew for each frame is less steady.
    """
    changes = {**tuning.parse(settings.profile), **tuning.parse(settings.camera_profile)}
    if "polarity" not in changes or "camera_polarity" in settings.model_fields_set:
        changes["polarity"] = settings.camera_polarity
    return tuning.changed(Profile(), changes)
