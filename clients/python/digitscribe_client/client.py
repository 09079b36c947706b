"""The client for programs that wait for their answers."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from types import MappingProxyType, TracebackType
from typing import Any, Self, TypeVar

import httpx

from . import calls, flows
from .answers import Answer, refusal
from .background import in_background
from .batches import BATCH, IN_FLIGHT, Item, Outcome, Packer, items, outcomes
from .calls import Call, Reading
from .contracts import (
    CameraState,
    Correction,
    EventType,
    ModelList,
    Recognition,
    RecognitionStatus,
    Source,
    SystemState,
    Training,
    TrainingRequest,
)
from .errors import DigitscribeError, NoConnection
from .images import Image, load
from .stream import SILENCE_S, LiveEvent, Resumable
from .transport import LIMITS, Address, gateway_url, through_proxies
from .vision.profile import Profile
from .vision.tuning import Value

T = TypeVar("T")

Changes = Mapping[str, Value]
"""Settings of preprocessing by name, see `Profile`."""

NONE: Changes = MappingProxyType({})


class Digitscribe:
    """A gateway, reached with blocking calls. Safe for several threads.

        with Digitscribe() as digitscribe:
            print(digitscribe.recognize("number.png").text)

    Every method raises `NoConnection` if the gateway stays away, `Refused` (and what is below it) if it refuses, and
    `UnexpectedAnswer` if something else answers at the address.

    Args:
        url: The gateway's address; without one, DIGITSCRIBE_URL's, else http://127.0.0.1:8080. The page's address with
            `/api` behind it does too.
        timeout_s: How long the gateway may be silent in a request. What it holds back on purpose is added.
        patience_s: How long a gateway that is away (connection refused, broken) or busy (429, 503) is asked again,
            with growing pauses, at least as long as its Retry-After says; 0 asks once. What must not be done twice
            (`train`, `cancel`) is repeated only if it was certainly not carried out.
        headers: Sent with every request; what stands before your gateway may want an Authorization.
        transport: Used in place of the network, for tests or for a transport of your own.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        timeout_s: float = 10.0,
        patience_s: float = 30.0,
        headers: Mapping[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._address = Address(gateway_url(url), timeout_s)
        self._manners = flows.Manners(self.url, patience_s)
        proxies = through_proxies(self.url)
        self._http = httpx.Client(headers=headers, transport=transport, trust_env=proxies, limits=LIMITS)
        self._closed = threading.Event()

    @property
    def url(self) -> str:
        """The gateway's address."""
        return self._address.url

    def close(self) -> None:
        """Close the connections; what is being repeated in the background stops."""
        self._closed.set()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def recognize(
        self, image: Image, *, wait_s: float = 30.0, source: Source = Source.UPLOAD, profile: Changes = NONE
    ) -> Recognition:
        """Read one image: bytes of an image file, a path, an open binary file, or an array (uint8; grey, RGB, RGBA).

        Args:
            image: What to read.
            wait_s: How long it may take.
            source: Where it comes from.
            profile: Settings of preprocessing that are to differ from those in force, by name: `{"deslant": True}`.

        Raises:
            ValueError: there is no such setting, or it may not have this value.
            UnusableImage: it is none of these.
            ImageRefused: it is too large, damaged, or of a format that is not read.
            ReadingFailed: it was accepted and could not be read.
            NotReadInTime: it was accepted, and was not read within `wait_s` seconds; `wait` goes on.
        """
        return flows.finished(self._run(flows.read((load(image),), wait_s, Reading(source, profile), self._manners))[0])

    def submit(self, image: Image, *, source: Source = Source.UPLOAD, profile: Changes = NONE) -> Recognition:
        """Have one image read in the background; it is safe with the system when this returns."""
        return self._send(calls.submit((load(image),), 0.0, Reading(source, profile)))[0]

    def wait(self, recognition_id: str, *, wait_s: float = 30.0) -> Recognition:
        """A recognition when it has ended; raises as `recognize` does."""
        return flows.finished(self._run(flows.wait(recognition_id, wait_s, self._manners)))

    def recognize_many(
        self,
        images: Iterable[Image],
        *,
        batch: int = BATCH,
        in_flight: int = IN_FLIGHT,
        wait_s: float = 60.0,
        source: Source = Source.UPLOAD,
        profile: Changes = NONE,
    ) -> Iterator[Outcome]:
        """Read many images; their outcomes come in the order of the images.

        `images` may be longer than the memory: it is taken in as it is read. One image that cannot be read does not
        hurt the others: its `Outcome` has the error. A gateway that dies meanwhile loses nothing: what it has not
        answered is sent again.

        Args:
            images: What to read, see `recognize`.
            batch: Images in a request, from 1 to 64.
            in_flight: Requests at once.
            wait_s: How long a request's images may take.
            source: Where they come from.
            profile: Settings of preprocessing that are to differ from those in force.
        """
        pending: deque[Future[list[Outcome]]] = deque()
        for each in _batches(images, batch):
            pending.append(
                in_background(partial(self._run, outcomes(each, wait_s, Reading(source, profile), self._manners)))
            )
            if len(pending) >= in_flight:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()

    def get(self, recognition_id: str) -> Recognition:
        """A recognition as it stands."""
        return self._send(calls.get(recognition_id))

    def retry(self, recognition_id: str) -> Recognition:
        """Have a failed recognition's image read again; `wait` tells what came of it."""
        return self._send(calls.retry(recognition_id))

    def profile(self) -> Profile:
        """The settings of preprocessing in force; `recognize(…, profile={…})` changes some for one image."""
        return self._send(calls.profile())

    def digit_image(self, recognition_id: str, index: int) -> bytes:
        """The 28×28 picture of a digit that the model saw, as PNG."""
        return self._send(calls.digit_image(recognition_id, index))

    def history(
        self,
        limit: int | None = 50,
        *,
        source: Source | None = None,
        text: str | None = None,
        below: float | None = None,
        version: int | None = None,
        status: RecognitionStatus | None = None,
    ) -> Iterator[Recognition]:
        """What was read, newest first, fetched page by page as it is taken.

        Args:
            limit: How many at most; None: all that are kept.
            source: Only from there.
            text: Only with these digits somewhere in the text.
            below: Only with a digit less sure than this, in [0, 1].
            version: Only what this version of the model read.
            status: Only done or only failed ones.
        """
        wanted, before = calls.Filter(source, text, below, version, status), None
        left = sys.maxsize if limit is None else limit
        while left > 0:
            page = self._send(calls.history(left, wanted, before))
            yield from page.recognitions
            left -= len(page.recognitions)
            if not (before := page.next):
                return

    def correct(self, recognition_id: str, digit_index: int, label: int | None) -> Correction:
        """Say what a digit really is (0–9), or that it is none (None)."""
        return self._send(calls.correct(recognition_id, digit_index, label))

    def train(self, request: TrainingRequest | None = None) -> Training:
        """Start a retrain; `follow` tells how it goes."""
        return self._send(calls.train(request or TrainingRequest()))

    def training(self, training_id: str) -> Training:
        """A training as it stands."""
        return self._send(calls.training(training_id))

    def trainings(self, limit: int = 50) -> Iterator[Training]:
        """The newest trainings, newest first, 200 at most."""
        yield from self._send(calls.trainings(limit))

    def follow(self, training_id: str, *, every_s: float = 0.5) -> Iterator[Training]:
        """A training each time that it has changed, until it has ended; asked for every `every_s` seconds."""
        seen = None
        while True:
            training = self.training(training_id)
            if training != seen:
                yield training
            if training.status in flows.TRAINING_ENDED:
                return
            seen = training
            self._pause(every_s)

    def cancel(self, training_id: str) -> Training:
        """Cancel a training."""
        return self._send(calls.cancel(training_id))

    def models(self) -> ModelList:
        """All versions of the model, newest first, and which is in traffic."""
        return self._send(calls.models())

    def activate(self, version: int) -> ModelList:
        """Let a version take the traffic; returns when it has."""
        return self._send(calls.activate(version))

    def system(self) -> SystemState:
        """Queues, workers, rates, latencies and the model server."""
        return self._send(calls.system())

    def cameras(self) -> tuple[CameraState, ...]:
        """All cameras."""
        return self._send(calls.cameras())

    def missing(self) -> str:
        """What is needed to read images and is away at this moment; empty if images can be read."""
        return self._run(flows.missing(self._manners))

    def events(
        self,
        types: Sequence[EventType] = (),
        *,
        last_event_id: str | None = None,
        on_lost: Callable[[DigitscribeError], None] | None = None,
    ) -> Iterator[LiveEvent]:
        """What happens, as it happens, for as long as you listen.

        A connection that breaks or falls silent is replaced, and what was missed meanwhile comes first.

        Args:
            types: Which events; all without one.
            last_event_id: Resume behind the event of this id; None: from now on.
            on_lost: Told of each connection that was lost.
        """
        stream = Resumable(last_event_id, self._manners.patience_s)
        while True:
            try:
                yield from self._connection(stream, calls.event_types(types))
                fault: DigitscribeError = NoConnection(f"{self.url} ended the stream of events")
            except httpx.RequestError as error:
                fault = flows.lost_stream(error, self.url)
            except DigitscribeError as error:
                fault = error
            pause_s = stream.pause_s(fault)
            if on_lost:
                on_lost(fault)
            self._pause(pause_s)

    def _connection(self, stream: Resumable, params: dict[str, str]) -> Iterator[LiveEvent]:
        timeout = self._address.timeout(SILENCE_S)
        url, headers = f"{self.url}/v1/events", stream.headers()
        with self._http.stream("GET", url, params=params, headers=headers, timeout=timeout) as response:
            if not response.is_success:
                raise refusal(Answer(response.status_code, response.headers, response.read()), self.url)
            for piece in response.iter_bytes():
                yield from stream.feed(piece)

    def _send(self, call: Call[T]) -> T:
        return self._run(flows.exchange(call, self._manners))

    def _run(self, flow: flows.Flow[T]) -> T:
        """Do what `flow` asks for until it returns."""
        try:
            wish = next(flow)
            while True:
                try:
                    came = self._grant(wish)
                except httpx.RequestError as error:
                    wish = flow.throw(error)
                else:
                    wish = flow.send(came)
        except StopIteration as end:
            value: T = end.value
            return value

    def _grant(self, wish: Call[Any] | flows.Pause) -> Answer | None:
        if isinstance(wish, Call):
            return self._perform(wish)
        self._pause(wish.seconds)
        return None

    def _perform(self, call: Call[Any]) -> Answer:
        response = self._http.request(**self._address.request(call))
        return Answer(response.status_code, response.headers, response.content)

    def _pause(self, seconds: float) -> None:
        if self._closed.wait(seconds):
            raise NoConnection("this client was closed")


def _batches(images: Iterable[Image], most: int) -> Iterator[tuple[Item, ...]]:
    packer = Packer(most)
    for item in items(images):
        if full := packer.add(item):
            yield full
    if rest := packer.rest():
        yield rest
