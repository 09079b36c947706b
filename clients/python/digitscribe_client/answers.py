"""Answers of the gateway → values or errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .backoff import retry_after_s
from .calls import Call, T
from .contracts import Problem
from .errors import BY_STATUS, InvalidRequest, RateLimited, Refused, TryLater, Unavailable, UnexpectedAnswer

PATIENT_STATUS = frozenset({429, 503})
"""Refusals about the moment: the same request may succeed later."""

BEFORE_WORK = frozenset({"urn:digitscribe:problem:queue-full", "urn:digitscribe:problem:gateway-busy"})
"""Problems with such a status that are found before anything else; after another one nobody knows what was done."""

PROXY_STATUS = frozenset({502, 504})
"""What stands before a gateway (the page's server, a reverse proxy) says when it lost it in the middle."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in full."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def value_of(call: Call[T], answer: Answer, url: str) -> T:
    """What `call` was answered, with a status of success.

    Raises:
        UnexpectedAnswer: it is not the answer of a gateway at `url`.
    """
    try:
        return call.read(answer.body)
    except (ValueError, TypeError, KeyError, RecursionError) as error:  # any JSON may come from what is no gateway
        raise UnexpectedAnswer(
            f"{url}{call.path} gave an answer that this client does not understand ({type(error).__name__}); "
            "is it the address of a Digitscribe gateway, and of this client's version?"
        ) from error


def refusal(answer: Answer, url: str) -> Refused | UnexpectedAnswer:
    """The error that `answer` means."""
    problem = problem_of(answer.body)
    if problem is None and not (500 <= answer.status < 600):
        return UnexpectedAnswer(
            f"{url} answered {answer.status} and no problem object; is it the address of a Digitscribe gateway?"
        )
    message = f"{problem.title}: {problem.detail}" if problem else f"{url} answered {answer.status}"
    if answer.status in PATIENT_STATUS:
        kind: type[TryLater] = RateLimited if answer.status == 429 else Unavailable
        return kind(message, answer.status, problem, retry_after_s(answer.headers))
    default = InvalidRequest if answer.status < 500 else Refused
    return BY_STATUS.get(answer.status, default)(message, answer.status, problem)


def may_be_repeated(call: Call[Any], fault: Refused | UnexpectedAnswer) -> bool:
    """Whether `call` may be sent again after `fault`."""
    if not isinstance(fault, Refused):
        return False
    if call.repeatable:
        return fault.status in PATIENT_STATUS | PROXY_STATUS
    return fault.status == 429 or bool(fault.problem and fault.problem.type in BEFORE_WORK)


def problem_of(body: bytes) -> Problem | None:
    """The problem object in `body`, if there is one; its extensions are passed over."""
    try:
        return Problem.model_validate(json.loads(body), extra="ignore")
    except ValueError:  # pydantic's is one
        return None
