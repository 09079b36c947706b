"""The calls that show how an image was read, and that say how the next ones are to be."""

from __future__ import annotations

from gateway.documents import ProfileState
from gateway.operation import Answer, Operation

INSIDE_OPERATIONS = (
    Operation(
        "GET",
        "/v1/profile",
        "getProfile",
        "recognitions",
        "How images are prepared for reading",
        {200: Answer("The values in force, and what each may be", (ProfileState,))},
        (400,),
        description="`profile=` of `POST /v1/recognitions` changes some of it for one request, `DIGITSCRIBE_PROFILE` "
        "for all.",
    ),
)
