"""The query parameters of each call; the routes parse by them, and the OpenAPI document describes them."""

from __future__ import annotations

from enum import StrEnum

from digitscribe.contracts import EventType, RecognitionStatus, Source
from digitscribe.queueing import jobs
from digitscribe.vision import tuning

from gateway.queries import Parameters, choice, flag, identifier, integer, json_object, matching, number, several

MAX_WAIT_S = 30
"""The longest that an answer is held."""

MAX_INTERACTIVE = 8
"""A request with more images than this counts as bulk, unless it says otherwise."""

RECOGNITIONS_LISTED = 50
"""How many recognitions a list has unless told otherwise."""

RECOGNITIONS_LISTED_MOST = 500
"""How many recognitions a list has at most."""

TRAININGS_LISTED = 50
"""How many trainings a list has unless told otherwise."""

HISTORY_MINUTES = 60
"""How much of the system's past is kept, and told unless less is asked for."""


class Priority(StrEnum):
    """Who goes first."""

    INTERACTIVE = jobs.INTERACTIVE
    BULK = jobs.BULK


_WAIT = number(0, MAX_WAIT_S, "Hold the answer for up to this many seconds, until the reading is there")

NONE: Parameters = {}

WAIT: Parameters = {"wait": _WAIT}

RECOGNIZE: Parameters = {
    "wait": _WAIT,
    "source": choice((Source.UPLOAD, Source.CANVAS, Source.WEBCAM), "Where the images come from"),
    "priority": choice(
        tuple(Priority), f"Which queue; by itself, requests with more than {MAX_INTERACTIVE} images are `bulk`"
    ),
    "profile": json_object(
        tuning.parse,
        {"$ref": "#/components/schemas/Profile"},
        "Settings of preprocessing that are to differ from those in force, which `/v1/profile` tells",
    ),
    "live": flag("They are frames of a moving picture: the history lists only what three in a row agree on"),
    "sequence": identifier(
        "A random id: the moving picture that live frames are of (without it, all of a source are one), or the drawing "
        "that is read stroke by stroke"
    ),
    "steps": flag("Keep pictures of how the (first) image is read, for `…/steps`"),
}

LIST_RECOGNITIONS: Parameters = {
    "limit": integer(1, RECOGNITIONS_LISTED_MOST, "How many at most", RECOGNITIONS_LISTED),
    "before": matching(r"[1-9][0-9]{0,18}-[0-9]{1,19}", "an earlier answer's `next`", "An earlier answer's `next`"),
    "source": choice(tuple(Source), "Only from there"),
    "text": matching(r"[0-9]{1,200}", "digits", "Only with these digits somewhere in the text, line breaks left out"),
    "below": number(0, 1, "Only with a digit less sure than this", 1),
    "version": integer(1, 2**31 - 1, "Only what this version of the model read", 1),
    "status": choice((RecognitionStatus.DONE, RecognitionStatus.FAILED), "Only these; `failed`: no moving pictures"),
}

LIST_TRAININGS: Parameters = {"limit": integer(1, 200, "How many at most", TRAININGS_LISTED)}

EVENTS: Parameters = {"types": several(tuple(EventType), "Which events, separated by commas; all, if it is absent")}

HISTORY: Parameters = {"minutes": integer(1, HISTORY_MINUTES, "How far back", HISTORY_MINUTES)}

PREVIEW: Parameters = {
    "single": flag("One JPEG instead of a stream"),
    "recognition": identifier("The JPEG of the frame that this recognition is of; kept for seconds"),
}
