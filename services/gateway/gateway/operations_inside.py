"""The calls that show how an image was read, and that say how the next ones are to be."""

from __future__ import annotations

from digitscribe.contracts import Inside, ReadingSteps

from gateway.documents import ProfileState
from gateway.operation import Answer, Operation

INSIDE_OPERATIONS = (
    Operation(
        "GET",
        "/v1/recognitions/<recognition_id>/steps",
        "getSteps",
        "recognitions",
        "How an image was read, in pictures",
        {200: Answer("From grey to the crops that the model saw", (ReadingSteps,))},
        (400, 404, 409, 503),
        description="For an image that was sent with `steps=true`; kept for two minutes.",
    ),
    Operation(
        "GET",
        "/v1/recognitions/<recognition_id>/digits/<index>/inside",
        "lookInside",
        "recognitions",
        "What the model made of a digit",
        {200: Answer("Feature maps, and what spoke for and against the answer", (Inside,))},
        (400, 404, 409, 429, 502, 503),
        description="Asks the version that read the digit, or the one in traffic if that is not loaded. `409`: that "
        "version cannot be looked into; a newer one can. Or the digit was read together with its neighbour.",
    ),
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
