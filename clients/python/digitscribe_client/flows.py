"""What takes more than one request, as generators that do no I/O: repeating, waiting, following.

A flow yields what it needs (`Call`, `Pause`) and is sent what came of it; `Digitscribe` and `AsyncDigitscribe` drive
the same flows, one with blocking calls and one with awaiting ones.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from . import calls
from .answers import Answer, may_be_repeated, refusal, value_of
from .calls import Call, Reading
from .contracts import Recognition, RecognitionStatus, TrainingStatus
from .errors import NoConnection, NotReadInTime, ReadingFailed, TryLater, UnexpectedAnswer
from .images import Upload
from .retry import Patience

log = logging.getLogger("digitscribe_client")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pause:
    """So many seconds of nothing."""

    seconds: float


Flow = Generator[Call[Any] | Pause, Answer | None, T]
"""Yields calls and pauses; is sent an Answer for the first, None for the second; returns a T."""

BEFORE_ANYTHING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Faults before anything was sent: any request may be repeated after them."""

ENDED = frozenset({RecognitionStatus.DONE, RecognitionStatus.FAILED})
TRAINING_ENDED = frozenset(TrainingStatus) - {TrainingStatus.QUEUED, TrainingStatus.RUNNING}

_SLICE_S = 10.0
"""How long one request waits for a reading at most: shorter than the limits of proxies in between."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a client treats its gateway.

    Attributes:
        url: The gateway's address.
        patience_s: How long a gateway that is away or busy is asked again.
        clock: Seconds that never go back.
    """

    url: str
    patience_s: float
    clock: Callable[[], float] = time.monotonic


def exchange(call: Call[T], manners: Manners) -> Flow[T]:
    """Send `call`, again and again while that is safe and the patience lasts.

    Raises:
        NoConnection: the gateway is away, or the connection broke in a request that must not be repeated.
        Refused, UnexpectedAnswer: see `answers.value_of`.
    """
    patience, since = Patience(manners.patience_s), None
    while True:
        try:
            answer = yield call
        except httpx.RequestError as error:
            fault: Exception = _lost(error, call, manners)
            again = isinstance(fault, NoConnection) and (call.repeatable or isinstance(error, BEFORE_ANYTHING))
            asked_s = None
        else:
            assert answer is not None
            if 200 <= answer.status < 300:
                return value_of(call, answer, manners.url)
            fault = refusal(answer, manners.url)
            again = may_be_repeated(call, fault)
            asked_s = fault.retry_after_s if isinstance(fault, TryLater) else None
        now = manners.clock()
        patience.spend(now - (now if since is None else since))
        since = now
        pause_s = patience.pause_s(asked_s) if again else None
        if pause_s is None:
            raise fault
        log.info("%s; trying again in %.1f s", fault, pause_s)
        yield Pause(pause_s)


def _lost(error: httpx.RequestError, call: Call[Any], manners: Manners) -> NoConnection | UnexpectedAnswer:
    reason = str(error) or type(error).__name__
    if not isinstance(error, httpx.TransportError):
        return UnexpectedAnswer(f"{manners.url}{call.path} gave an answer that cannot be read ({reason})")
    if isinstance(error, httpx.UnsupportedProtocol):
        return NoConnection(f"{manners.url!r} is no address; it begins with http:// or https://")
    if isinstance(error, BEFORE_ANYTHING):
        return NoConnection(
            f"no gateway answers at {manners.url} ({reason}); "
            "start one with `make up`, or name another in DIGITSCRIBE_URL"
        )
    unknown = "" if call.repeatable else "; whether it was carried out is unknown, so look before repeating it"
    return NoConnection(f"the connection to {manners.url} broke in {call.method} {call.path} ({reason}){unknown}")


def lost_stream(error: httpx.RequestError, url: str) -> NoConnection:
    """What it means that a stream broke, or never began."""
    return NoConnection(f"no stream of events from {url} ({error or type(error).__name__})")


def read(
    images: tuple[Upload, ...], wait_s: float, reading: Reading, manners: Manners
) -> Flow[tuple[Recognition, ...]]:
    """Have `images` read; returns their recognitions, in order, when all have ended or `wait_s` have passed."""
    deadline = manners.clock() + wait_s
    found = yield from exchange(calls.submit(images, min(wait_s, _SLICE_S), reading), manners)
    ended = []
    for recognition in found:
        ended.append((yield from until_ended(recognition, deadline, manners)))  # noqa: PERF401 - it yields
    return tuple(ended)


def until_ended(recognition: Recognition, deadline: float, manners: Manners) -> Flow[Recognition]:
    """`recognition` when it has ended, or as it stands at `deadline`."""
    while recognition.status not in ENDED and (left_s := deadline - manners.clock()) > 0:
        recognition = yield from exchange(calls.get(recognition.id, min(left_s, _SLICE_S)), manners)
    return recognition


def wait(recognition_id: str, wait_s: float, manners: Manners) -> Flow[Recognition]:
    """The recognition of this id when it has ended, or as it stands after `wait_s`."""
    deadline = manners.clock() + wait_s
    recognition = yield from exchange(calls.get(recognition_id, min(wait_s, _SLICE_S)), manners)
    return (yield from until_ended(recognition, deadline, manners))


def missing(manners: Manners) -> Flow[str]:
    """What is needed to read images and is away, asked once; empty if images can be read."""
    call = calls.ready()
    try:
        answer = yield call
    except httpx.RequestError as error:
        raise _lost(error, call, manners) from error
    assert answer is not None
    if answer.status == 200:
        return ""
    fault = refusal(answer, manners.url)
    if not isinstance(fault, TryLater):
        raise fault
    return fault.problem.detail if fault.problem else str(fault)


def finished(recognition: Recognition) -> Recognition:
    """`recognition`, if it was read.

    Raises:
        ReadingFailed: it could not be read.
        NotReadInTime: it has not ended.
    """
    if recognition.status is RecognitionStatus.FAILED:
        problem = recognition.error
        raise ReadingFailed(f"{problem.title}: {problem.detail}" if problem else "it could not be read", recognition)
    if recognition.status is not RecognitionStatus.DONE:
        raise NotReadInTime(
            f"recognition {recognition.id} is still {recognition.status.value}; "
            "wait for it longer, or see with system() whether a recognizer is alive",
            recognition,
        )
    return recognition
