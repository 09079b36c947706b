"""The client for programs that run on asyncio."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from . import calls, flows
from .answers import Answer, refusal
from .batches import BATCH, IN_FLIGHT, Item, Outcome, Packer, item, outcomes
from .calls import Call, Reading
from .client import NONE, Changes
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

T = TypeVar("T")


class AsyncDigitscribe:
    """A gateway, reached with awaiting calls. It can what `Digitscribe` can, and its methods mean the same.

        async with AsyncDigitscribe() as digitscribe:
            print((await digitscribe.recognize("number.png")).text)

    Args:
        url: See `Digitscribe`, here and below.
        timeout_s: How long the gateway may be silent in a request.
        patience_s: How long a gateway that is away or busy is asked again.
        headers: Sent with every request.
        transport: Used in place of the network.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        timeout_s: float = 10.0,
        patience_s: float = 30.0,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._address = Address(gateway_url(url), timeout_s)
        self._manners = flows.Manners(self.url, patience_s)
        proxies = through_proxies(self.url)
        self._http = httpx.AsyncClient(headers=headers, transport=transport, trust_env=proxies, limits=LIMITS)

    @property
    def url(self) -> str:
        """The gateway's address."""
        return self._address.url

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def recognize(
        self, image: Image, *, wait_s: float = 30.0, source: Source = Source.UPLOAD, profile: Changes = NONE
    ) -> Recognition:
        """Read one image; see `Digitscribe.recognize`."""
        upload = await asyncio.to_thread(load, image)
        return flows.finished(
            (await self._run(flows.read((upload,), wait_s, Reading(source, profile), self._manners)))[0]
        )

    async def submit(self, image: Image, *, source: Source = Source.UPLOAD, profile: Changes = NONE) -> Recognition:
        """Have one image read in the background; it is safe with the system when this returns."""
        upload = await asyncio.to_thread(load, image)
        return (await self._send(calls.submit((upload,), 0.0, Reading(source, profile))))[0]

    async def wait(self, recognition_id: str, *, wait_s: float = 30.0) -> Recognition:
        """A recognition when it has ended; raises as `recognize` does."""
        return flows.finished(await self._run(flows.wait(recognition_id, wait_s, self._manners)))

    async def recognize_many(
        self,
        images: Iterable[Image] | AsyncIterable[Image],
        *,
        batch: int = BATCH,
        in_flight: int = IN_FLIGHT,
        wait_s: float = 60.0,
        source: Source = Source.UPLOAD,
        profile: Changes = NONE,
    ) -> AsyncIterator[Outcome]:
        """Read many images; their outcomes come in the order of the images. See `Digitscribe.recognize_many`."""
        pending: deque[asyncio.Task[list[Outcome]]] = deque()
        try:
            async for each in _batches(images, batch):
                pending.append(
                    asyncio.create_task(self._run(outcomes(each, wait_s, Reading(source, profile), self._manners)))
                )
                if len(pending) >= in_flight:
                    for outcome in await pending[0]:
                        yield outcome
                    pending.popleft()
            while pending:
                for outcome in await pending[0]:
                    yield outcome
                pending.popleft()
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    async def get(self, recognition_id: str) -> Recognition:
        """A recognition as it stands."""
        return await self._send(calls.get(recognition_id))

    async def retry(self, recognition_id: str) -> Recognition:
        """Have a failed recognition's image read again; `wait` tells what came of it."""
        return await self._send(calls.retry(recognition_id))

    async def profile(self) -> Profile:
        """The settings of preprocessing in force; `recognize(…, profile={…})` changes some for one image."""
        return await self._send(calls.profile())

    async def digit_image(self, recognition_id: str, index: int) -> bytes:
        """The 28×28 picture of a digit that the model saw, as PNG."""
        return await self._send(calls.digit_image(recognition_id, index))

    async def history(
        self,
        limit: int | None = 50,
        *,
        source: Source | None = None,
        text: str | None = None,
        below: float | None = None,
        version: int | None = None,
        status: RecognitionStatus | None = None,
    ) -> AsyncIterator[Recognition]:
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
            page = await self._send(calls.history(left, wanted, before))
            for recognition in page.recognitions:
                yield recognition
            left -= len(page.recognitions)
            if not (before := page.next):
                return

    async def correct(self, recognition_id: str, digit_index: int, label: int | None) -> Correction:
        """Say what a digit really is (0–9), or that it is none (None)."""
        return await self._send(calls.correct(recognition_id, digit_index, label))

    async def train(self, request: TrainingRequest | None = None) -> Training:
        """Start a retrain; `follow` tells how it goes."""
        return await self._send(calls.train(request or TrainingRequest()))

    async def training(self, training_id: str) -> Training:
        """A training as it stands."""
        return await self._send(calls.training(training_id))

    async def trainings(self, limit: int = 50) -> AsyncIterator[Training]:
        """The newest trainings, newest first, 200 at most."""
        for training in await self._send(calls.trainings(limit)):
            yield training

    async def follow(self, training_id: str, *, every_s: float = 0.5) -> AsyncIterator[Training]:
        """A training each time that it has changed, until it has ended; asked for every `every_s` seconds."""
        seen = None
        while True:
            training = await self.training(training_id)
            if training != seen:
                yield training
            if training.status in flows.TRAINING_ENDED:
                return
            seen = training
            await asyncio.sleep(every_s)

    async def cancel(self, training_id: str) -> Training:
        """Cancel a training."""
        return await self._send(calls.cancel(training_id))

    async def models(self) -> ModelList:
        """All versions of the model, newest first, and which is in traffic."""
        return await self._send(calls.models())

    async def activate(self, version: int) -> ModelList:
        """Let a version take the traffic; returns when it has."""
        return await self._send(calls.activate(version))

    async def system(self) -> SystemState:
        """Queues, workers, rates, latencies and the model server."""
        return await self._send(calls.system())

    async def cameras(self) -> tuple[CameraState, ...]:
        """All cameras."""
        return await self._send(calls.cameras())

    async def missing(self) -> str:
        """What is needed to read images and is away at this moment; empty if images can be read."""
        return await self._run(flows.missing(self._manners))

    async def events(
        self,
        types: Sequence[EventType] = (),
        *,
        last_event_id: str | None = None,
        on_lost: Callable[[DigitscribeError], None] | None = None,
    ) -> AsyncIterator[LiveEvent]:
        """What happens, as it happens, for as long as you listen; see `Digitscribe.events`."""
        stream = Resumable(last_event_id, self._manners.patience_s)
        while True:
            try:
                async for event in self._connection(stream, calls.event_types(types)):
                    yield event
                fault: DigitscribeError = NoConnection(f"{self.url} ended the stream of events")
            except httpx.RequestError as error:
                fault = flows.lost_stream(error, self.url)
            except DigitscribeError as error:
                fault = error
            pause_s = stream.pause_s(fault)
            if on_lost:
                on_lost(fault)
            await asyncio.sleep(pause_s)

    async def _connection(self, stream: Resumable, params: dict[str, str]) -> AsyncIterator[LiveEvent]:
        timeout = self._address.timeout(SILENCE_S)
        url, headers = f"{self.url}/v1/events", stream.headers()
        async with self._http.stream("GET", url, params=params, headers=headers, timeout=timeout) as response:
            if not response.is_success:
                raise refusal(Answer(response.status_code, response.headers, await response.aread()), self.url)
            async for piece in response.aiter_bytes():
                for event in stream.feed(piece):
                    yield event

    async def _send(self, call: Call[T]) -> T:
        return await self._run(flows.exchange(call, self._manners))

    async def _run(self, flow: flows.Flow[T]) -> T:
        """Do what `flow` asks for until it returns."""
        try:
            wish = next(flow)
            while True:
                try:
                    came = await self._grant(wish)
                except httpx.RequestError as error:
                    wish = flow.throw(error)
                else:
                    wish = flow.send(came)
        except StopIteration as end:
            value: T = end.value
            return value

    async def _grant(self, wish: Call[Any] | flows.Pause) -> Answer | None:
        if isinstance(wish, Call):
            return await self._perform(wish)
        await asyncio.sleep(wish.seconds)
        return None

    async def _perform(self, call: Call[Any]) -> Answer:
        response = await self._http.request(**self._address.request(call))
        return Answer(response.status_code, response.headers, response.content)


async def _batches(images: Iterable[Image] | AsyncIterable[Image], most: int) -> AsyncIterator[tuple[Item, ...]]:
    packer, index = Packer(most), 0
    async for image in _each(images):
        loaded = await asyncio.to_thread(item, index, image)
        index += 1
        if full := packer.add(loaded):
            yield full
    if rest := packer.rest():
        yield rest


async def _each(images: Iterable[Image] | AsyncIterable[Image]) -> AsyncIterator[Image]:
    if isinstance(images, AsyncIterable):
        async for image in images:
            yield image
    else:
        for image in images:
            yield image
