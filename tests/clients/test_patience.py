"""When a request is repeated, and when it must not be. The gateway's side of each answer is tested with the gateway."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from digitscribe_client import (
    Digitscribe,
    DigitscribeError,
    NoConnection,
    RateLimited,
    TrainingRequest,
    Unavailable,
    UnexpectedAnswer,
)
from digitscribe_client.backoff import Backoff, retry_after_s
from digitscribe_client.retry import Patience
from hypothesis import given
from hypothesis import strategies as st

from tests.clients.conftest import Respond, problem

Clients = Callable[..., Digitscribe]

MODELS = {"model": "digits", "stable": 1, "versions": []}
TRAINING = {"id": "a" * 32, "status": "queued", "request": {}, "created_at": "2026-11-22T10:00:00.000Z"}


class Gateway:
    """Answers in turn, and remembers what it was asked; an error is raised in place of an answer."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def ok(document: dict[str, object]) -> httpx.Response:
    return httpx.Response(200, json=document)


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("refused"),
        httpx.ReadError("broken"),
        httpx.ReadTimeout("silent"),
        httpx.RemoteProtocolError("half an answer"),
        problem(503),
        problem(429),
        problem(502, "gateway-unavailable"),
        httpx.Response(504, text="<html>a proxy</html>"),
    ],
    ids=repr,
)
def test_a_question_is_asked_again_whatever_came_between(client_of: Clients, trouble: httpx.Response) -> None:
    gateway = Gateway(trouble, trouble, ok(MODELS))
    assert client_of(gateway).models().stable == 1
    assert gateway.asked == 3


@pytest.mark.parametrize("trouble", [httpx.ConnectError("refused"), problem(429), problem(503, "queue-full")], ids=repr)
def test_a_training_that_was_not_begun_is_asked_for_again(client_of: Clients, trouble: httpx.Response) -> None:
    gateway = Gateway(trouble, ok(TRAINING))
    assert client_of(gateway).train(TrainingRequest(epochs=1)).id == "a" * 32


@pytest.mark.parametrize("trouble", [httpx.ReadError("broken"), httpx.ReadTimeout("silent")], ids=repr)
def test_a_training_that_may_have_begun_is_not(client_of: Clients, trouble: Exception) -> None:
    gateway = Gateway(trouble, ok(TRAINING))
    with pytest.raises(NoConnection, match="whether it was carried out is unknown"):
        client_of(gateway).train()
    assert gateway.asked == 1


def test_a_training_that_the_store_may_have_is_not_asked_for_twice(client_of: Clients) -> None:
    gateway = Gateway(problem(503, "store-unavailable"), ok(TRAINING))
    with pytest.raises(Unavailable):
        client_of(gateway).train()
    assert gateway.asked == 1


def test_patience_has_an_end_and_the_last_reason_is_told(client_of: Clients) -> None:
    respond: Respond = lambda _: problem(503, "queue-full")  # noqa: E731
    with pytest.raises(Unavailable) as caught:
        client_of(respond, patience_s=0.3).models()
    assert caught.value.problem is not None
    assert caught.value.problem.type.endswith("queue-full")
    assert "not like this" in str(caught.value)


def test_a_gateway_that_asks_for_more_patience_than_there_is_is_not_waited_for(client_of: Clients) -> None:
    gateway = Gateway(problem(429, **{"Retry-After": "60"}))
    with pytest.raises(RateLimited) as caught:
        client_of(gateway).models()
    assert (gateway.asked, caught.value.retry_after_s) == (1, 60)


def test_a_refusal_is_not_repeated(client_of: Clients) -> None:
    gateway = Gateway(problem(409))
    with pytest.raises(DigitscribeError):
        client_of(gateway).activate(2)
    assert gateway.asked == 1


def test_something_else_at_the_address_is_told_from_a_gateway(client_of: Clients) -> None:
    texts = ("<html>", '{"a": 1}', "[]", "null", "1", "[" * 100_000)
    pages = [httpx.Response(200, text=text) for text in texts]
    for page in (*pages, httpx.Response(404, text="<html>")):
        with pytest.raises(UnexpectedAnswer, match="Digitscribe gateway"):
            client_of(Gateway(page)).models()


def test_an_answer_that_is_not_packed_as_it_says_is_none_of_a_gateway(client_of: Clients) -> None:
    def torn(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))

    with pytest.raises(UnexpectedAnswer, match="cannot be read"):
        client_of(torn).models()


def test_what_a_newer_gateway_adds_is_passed_over(client_of: Clients) -> None:
    newer = {**MODELS, "new": 1, "versions": [{"version": 1, "state": "AVAILABLE", "colour": "blue"}]}
    assert client_of(Gateway(ok(newer))).models().versions[0].state == "AVAILABLE"


@given(st.integers(1, 100), st.floats(0, 1))
def test_pauses_grow_to_a_cap_and_never_vanish(failures: int, luck: float) -> None:
    backoff = Backoff(0.1, 5.0, lambda: luck)
    pauses = [backoff.fail() for _ in range(failures)]
    assert all(0.05 <= pause <= 5.0 for pause in pauses)
    assert pauses == sorted(pauses)


@given(st.floats(0, 100), st.floats(0, 30))
def test_patience_never_waits_longer_than_it_lasts_nor_shorter_than_it_was_asked_to(
    seconds: float, asked: float
) -> None:
    patience, waited = Patience(seconds, Backoff(1, 8, lambda: 1.0)), 0.0
    while (pause := patience.pause_s(asked)) is not None:
        assert pause >= asked
        patience.spend(pause)
        waited += pause
    assert waited <= seconds + 1e-6


def test_retry_after_is_a_number_or_a_date() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    dated = (noon + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    given = ("7", dated, "Sun, 22 Nov 2026 11:00:00 -0000", "soon", "")
    assert [retry_after_s({"retry-after": value}, noon) for value in given] == [7.0, 90.0, 0.0, None, None]
