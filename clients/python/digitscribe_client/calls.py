"""The requests of the API, as values: what is sent, what the answer is read as, and what may be repeated."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from .contracts import (
    CameraState,
    Correction,
    CorrectionRequest,
    EventType,
    ModelList,
    Recognition,
    RecognitionStatus,
    Source,
    SystemState,
    Training,
    TrainingRequest,
)
from .contracts.document import explained
from .errors import InvalidRequest
from .images import Upload
from .vision.profile import Profile
from .vision.tuning import Value, changed

T = TypeVar("T")

LONGEST_WAIT_S = 30.0
"""The longest that the gateway holds an answer."""

MOST_LISTED = 200
"""How many recognitions are asked for at once."""

ACTIVATION_S = 600.0
"""How long an activation may take: the model server has two minutes for each of its steps, and loads the version."""

_PART = "image"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request.

    Attributes:
        read: Makes the answer's JSON a value; raises pydantic's ValidationError.
        repeatable: Whether it may be sent again when nobody knows if it was carried out. Reading an image twice does
            no harm but a second line in the history; a second training would cost hours.
        holds_s: How long the answer may be held on purpose, on top of the usual time.
    """

    method: str
    path: str
    read: Callable[[bytes], T]
    params: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    images: tuple[Upload, ...] = ()
    repeatable: bool = True
    holds_s: float = 0.0

    @property
    def headers(self) -> dict[str, str]:
        """Headers that belong to the body."""
        return {"Content-Type": "application/json"} if self.body is not None else {}

    @property
    def files(self) -> list[tuple[str, tuple[str, bytes, str]]] | None:
        """The images as httpx takes multipart parts."""
        # a name of ours: a file's own could hold anything, and the gateway does not look at it
        parts = [(_PART, ("image", image.data, "application/octet-stream")) for image in self.images]
        return parts or None


def document(kind: type[T]) -> Callable[[bytes], T]:
    """A reader of documents of `kind`; fields that a newer gateway has added are passed over."""
    adapter = TypeAdapter(kind)
    return lambda body: adapter.validate_json(body, extra="ignore")


def listed(kind: type[T], name: str) -> Callable[[bytes], tuple[T, ...]]:
    """A reader of `{name: [documents of kind]}`."""
    adapter = TypeAdapter(tuple[kind, ...])  # type: ignore[valid-type]
    return lambda body: adapter.validate_python(json.loads(body)[name], extra="ignore")


_recognition = document(Recognition)
_recognitions = listed(Recognition, "recognitions")
_training = document(Training)
_models = document(ModelList)


@dataclass(frozen=True, slots=True)
class Reading:
    """How images are to be read.

    Attributes:
        source: Where they come from.
        profile: Settings of preprocessing that are to differ from those in force.

    Raises:
        ValueError: a setting is unknown or has a value that it may not have; the message names both.
    """

    source: Source = Source.UPLOAD
    profile: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        changed(Profile(), self.profile)

    @property
    def params(self) -> dict[str, str]:
        """The query."""
        return {"source": self.source.value} | ({"profile": json.dumps(dict(self.profile))} if self.profile else {})


def submit(images: Sequence[Upload], wait_s: float, reading: Reading) -> Call[tuple[Recognition, ...]]:
    """Have `images` read, in their order."""
    held_s = min(wait_s, LONGEST_WAIT_S)
    params = reading.params | ({"wait": f"{held_s:g}"} if held_s > 0 else {})
    read = _recognitions if len(images) > 1 else lambda body: (_recognition(body),)
    return Call("POST", "/v1/recognitions", read, params, images=tuple(images), holds_s=held_s)


def get(recognition_id: str, wait_s: float = 0.0) -> Call[Recognition]:
    """A recognition; with `wait_s`, when it has ended or after so long."""
    held_s = min(wait_s, LONGEST_WAIT_S)
    params = {"wait": f"{held_s:g}"} if held_s > 0 else {}
    return Call("GET", f"/v1/recognitions/{recognition_id}", _recognition, params, holds_s=held_s)


def retry(recognition_id: str) -> Call[Recognition]:
    """Have a failed recognition's image read again. Not repeated: the second time it would be no failed one."""
    return Call("POST", f"/v1/recognitions/{recognition_id}/retry", _recognition, repeatable=False)


def profile() -> Call[Profile]:
    """The settings of preprocessing in force."""
    return Call("GET", "/v1/profile", lambda body: Profile.model_validate(json.loads(body)["values"], extra="ignore"))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which recognitions of the history.

    Attributes:
        source: Only from there.
        text: Only with these digits somewhere in the text, line breaks left out.
        below: Only with a digit less sure than this, in [0, 1].
        version: Only what this version of the model read.
        status: Only done or only failed ones.
    """

    source: Source | None = None
    text: str | None = None
    below: float | None = None
    version: int | None = None
    status: RecognitionStatus | None = None

    @property
    def params(self) -> dict[str, str]:
        """The query."""
        given = {name: getattr(self, name) for name in ("source", "text", "below", "version", "status")}
        return {name: str(value) for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the history, newest first; `next` is where the following page begins."""

    recognitions: tuple[Recognition, ...]
    next: str | None


def history(limit: int, wanted: Filter, before: str | None) -> Call[Page]:
    """A page of the history; `before` is the `next` of the page before."""
    params = {"limit": str(min(limit, MOST_LISTED)), **wanted.params} | ({"before": before} if before else {})
    return Call("GET", "/v1/recognitions", lambda body: Page(_recognitions(body), json.loads(body).get("next")), params)


def digit_image(recognition_id: str, index: int) -> Call[bytes]:
    """The 28×28 picture of a digit, as PNG."""
    return Call("GET", f"/v1/recognitions/{recognition_id}/digits/{index}/image", bytes)


def correct(recognition_id: str, digit_index: int, label: int | None) -> Call[Correction]:
    """Say what a digit really is. The last correction of a digit counts, so the same one twice is one.

    Raises:
        InvalidRequest: no recognition has such an id, or no digit such an index or label.
    """
    try:
        request = CorrectionRequest(recognition_id=recognition_id, digit_index=digit_index, label=label)
    except ValidationError as error:
        raise InvalidRequest(explained(error), 400) from error
    return Call("POST", "/v1/corrections", document(Correction), body=request.model_dump_json().encode())


def train(request: TrainingRequest) -> Call[Training]:
    """Start a training."""
    body = request.model_dump_json(exclude_unset=True).encode()
    return Call("POST", "/v1/trainings", _training, body=body, repeatable=False)


def training(training_id: str) -> Call[Training]:
    """A training as it stands."""
    return Call("GET", f"/v1/trainings/{training_id}", _training)


def trainings(limit: int) -> Call[tuple[Training, ...]]:
    """The newest trainings."""
    return Call("GET", "/v1/trainings", listed(Training, "trainings"), {"limit": str(limit)})


def cancel(training_id: str) -> Call[Training]:
    """Cancel a training. Not repeated: the second answer would be that it has ended."""
    return Call("DELETE", f"/v1/trainings/{training_id}", _training, repeatable=False)


def models() -> Call[ModelList]:
    """All versions."""
    return Call("GET", "/v1/models", _models)


def activate(version: int) -> Call[ModelList]:
    """Let a version take the traffic; doing it twice does it once."""
    return Call("POST", f"/v1/models/{version}/activate", _models, holds_s=ACTIVATION_S)


def system() -> Call[SystemState]:
    """The state of the whole system."""
    return Call("GET", "/v1/system", document(SystemState))


def cameras() -> Call[tuple[CameraState, ...]]:
    """All cameras."""
    return Call("GET", "/v1/cameras", listed(CameraState, "cameras"))


def ready() -> Call[dict[str, Any]]:
    """Whether images can be read now."""
    return Call("GET", "/readyz", json.loads)


def event_types(types: Sequence[EventType]) -> dict[str, str]:
    """The query of the stream of events."""
    return {"types": ",".join(each.value for each in types)} if types else {}
