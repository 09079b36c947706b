"""Images in, readings out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import Any

from digitscribe.contracts import Recognition, RecognitionStatus, Source
from digitscribe.contracts.document import now
from digitscribe.errors import InvalidInput, NotFound
from digitscribe.logs import recognition_context
from digitscribe.queueing import jobs
from digitscribe.queueing.history import HistoryFilter
from digitscribe.queueing.store import Submission
from digitscribe.vision import tuning
from digitscribe.vision.profile import Profile
from flask import Blueprint, Response, g, request

from gateway import answers, parameters, queries
from gateway.answers import Json
from gateway.batching import Parcel
from gateway.corrections import cut_crop
from gateway.documents import RecognitionPage
from gateway.parameters import MAX_INTERACTIVE, Priority
from gateway.paths import digit_index
from gateway.png import encode_grey
from gateway.services import Services, services
from gateway.uploads import Upload, read_uploads
from gateway.waiting import Receipt, has_ended, look_up, records_after, until_ended

LARGE_BYTES = 256 * 1024
"""For a body that may be larger, room is looked for before it is read, and not only when it is stored."""

blueprint = Blueprint("recognitions", __name__)
log = logging.getLogger(__name__)


@blueprint.post("/v1/recognitions")
def create() -> Response:
    """Accept the images in the body; with `wait`, hold the answer until they are read."""
    asked, hold = queries.query(parameters.RECOGNIZE), services()
    with ExitStack() as until_answered:
        receipt = _take_in(hold, asked, until_answered)
        return accepted(records_after(hold.hub, hold.store, receipt, asked.get("wait", 0.0)))


@blueprint.get("/v1/recognitions")
def newest() -> Response:
    """A page of the history."""
    asked, store = queries.query(parameters.LIST_RECOGNITIONS), services().store
    limit, before = asked.pop("limit", parameters.RECOGNITIONS_LISTED), asked.pop("before", None)
    # those that were retried since are not failures any more
    if asked == {"status": RecognitionStatus.FAILED}:
        failed = store.failures.page(limit, before)
        return answers.document(RecognitionPage(recognitions=failed.recognitions, next=failed.next))
    page = store.history.page(limit, HistoryFilter(**asked), before)
    labels = store.labels.of([each.id for each in page.recognitions])
    said = [
        {"recognition_id": each, "digit_index": index, "label": label}  # null: no digit
        for each, by_digit in labels.items()
        for index, label in by_digit.items()
    ]
    listed = answers.to_json(RecognitionPage(recognitions=page.recognitions, next=page.next))
    return answers.plain({**listed, "corrections": said})


@blueprint.get("/v1/recognitions/<recognition_id>")
def one(recognition_id: str) -> Response:
    """A recognition as it stands; with `wait`, when it has ended."""
    wait_s, hold = queries.query(parameters.WAIT).get("wait", 0.0), services()
    g.recognition_id = recognition_id
    with hold.hub.waiting([recognition_id]) as waiter:
        if recognition_id not in look_up(hold.store, waiter):
            raise NotFound(f"there is no recognition {recognition_id[:64]}, or it has expired")
        records = until_ended(hold.hub, hold.store, waiter, [recognition_id], wait_s)
    if not records:
        raise NotFound(f"recognition {recognition_id[:64]} has expired")
    return answers.plain(records[0])


@blueprint.post("/v1/recognitions/<recognition_id>/retry")
def retry(recognition_id: str) -> Response:
    """Have a failed recognition's image read again."""
    queries.query(parameters.NONE)
    hold = services()
    g.recognition_id = recognition_id
    hold.store.check_room(1, 0)
    again = hold.store.retry(recognition_id, jobs.INTERACTIVE)
    log.info("accepted again")
    return accepted([answers.to_json(again)])


@blueprint.get("/v1/recognitions/<recognition_id>/digits/<index>/image")
def digit_image(recognition_id: str, index: str) -> Response:
    """The 28×28 picture of a digit that the model saw, as PNG."""
    queries.query(parameters.NONE)
    crop = cut_crop(services().store.crops(recognition_id), digit_index(index))
    response = Response(encode_grey(crop), content_type="image/png")
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


def new_recognition(
    source: Source,
    camera: str | None = None,
    profile: Profile | None = None,
    *,
    steps: bool = False,
    live: bool = False,
    sequence: str | None = None,
) -> Recognition:
    """A recognition at its beginning; all that is given goes with its record, to whoever reads it."""
    return Recognition(
        id=jobs.new_id(),
        status=RecognitionStatus.QUEUED,
        source=source,
        camera=camera,
        created_at=now(),
        profile=(tuning.changes_of(profile) or None) if profile else None,
        live=live or None,
        sequence=sequence,
        steps=steps or None,
    )


def submit(hold: Services, queue: str, parcel: Parcel, until_answered: ExitStack) -> Receipt:
    """Store `parcel` for reading; its ends are waited for until `until_answered` is closed."""
    recognitions = [each.recognition for each in parcel.submissions]
    g.recognition_id = recognitions[0].id
    # registered before the work is stored: an end cannot come too early to be heard
    waiter = until_answered.enter_context(hold.hub.waiting([each.id for each in recognitions]))
    hold.lanes[queue].submit(parcel)
    _log_accepted(queue, parcel.submissions)
    return Receipt([answers.to_json(each) for each in recognitions], waiter)


def accepted(records: list[Json]) -> Response:
    """The answer to accepted images: 200 if all have ended, else 202; one record, or a list of several."""
    status = 200 if all(map(has_ended, records)) else 202
    if len(records) > 1:
        return answers.plain({"recognitions": records}, status)
    response = answers.plain(records[0], status)
    response.headers["Location"] = f"/v1/recognitions/{records[0]['id']}"
    return response


def _profile(hold: Services, asked: dict[str, Any]) -> Profile:
    """The profile in force, with what the request changes."""
    try:
        return tuning.changed(hold.profile, asked.get("profile", {}))
    except ValueError as error:  # each setting is fine, but not beside the others
        raise InvalidInput(f"query parameter 'profile': {error}") from error


def _take_in(hold: Services, asked: dict[str, Any], until_answered: ExitStack) -> Receipt:
    """Store the images in the body; their bytes are held here until that is done, and no longer."""
    with _in_hand(hold):
        uploads = read_uploads(request, hold.upload_limits)
        if len(uploads) > 1:  # the first was counted when the request came
            hold.rate_limit.take(g.client, len(uploads) - 1)
        queue = asked.get("priority") or (Priority.BULK if len(uploads) > MAX_INTERACTIVE else Priority.INTERACTIVE)
        return submit(hold, queue, _parcel(hold, asked, uploads), until_answered)


def _in_hand(hold: Services) -> AbstractContextManager[None]:
    """Room in this process for the body of the present request, if there is room for its images in the store."""
    longest = hold.upload_limits.longest(request.mimetype)
    expected = longest if request.content_length is None else min(request.content_length, longest)
    if expected > LARGE_BYTES:
        hold.store.check_room(1, request.content_length or 0)
    return hold.uploads_in_hand.use(expected)


def _parcel(hold: Services, asked: dict[str, Any], uploads: list[Upload]) -> Parcel:
    live, sequence = asked.get("live", False), asked.get("sequence")
    source, profile = asked.get("source", Source.UPLOAD), _profile(hold, asked)
    new = partial(new_recognition, source, profile=profile, live=live, sequence=sequence)
    steps = [asked.get("steps", False), *[False] * len(uploads)]  # of the first: pictures are many times a reading
    submissions = [Submission(new(steps=kept), upload.data) for kept, upload in zip(steps, uploads, strict=False)]
    return Parcel(submissions, [upload.pixels for upload in uploads])


def _log_accepted(queue: str, submissions: Sequence[Submission]) -> None:
    for each in submissions:
        with recognition_context(each.recognition.id):
            log.info("%s of %d bytes accepted for %s", each.recognition.source, len(each.image), queue)
