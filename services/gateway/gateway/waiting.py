"""Waiting for recognitions to end: woken by the hub, certain by the store."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from digitscribe.contracts import RecognitionStatus
from digitscribe.queueing.store import RecognitionStore
from redis.exceptions import RedisError

from gateway.answers import Json, to_json
from gateway.hub import Hub, Waiter
from gateway.limits import Allowance

RECHECK_S = 2.0
"""How often the store is asked in spite of the hub, which may have lost its connection."""

BRIEF_S = 3.0
"""Everybody may wait so long: readings take far less, and probes have more patience than that."""

log = logging.getLogger(__name__)

ENDED = frozenset({RecognitionStatus.DONE.value, RecognitionStatus.FAILED.value})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was accepted: the records as they began, and who waits for their ends."""

    records: list[Json]
    waiter: Waiter


def has_ended(recognition: Json) -> bool:
    """Whether `recognition` is done or failed."""
    return recognition["status"] in ENDED


def records_after(hub: Hub, store: RecognitionStore, receipt: Receipt, wait_s: float) -> list[Json]:
    """The records of `receipt` as `until_ended` says; those that the store does not tell, as they began.

    What has been accepted is never answered with an error: who is told of one sends the images again.
    """
    if not wait_s:
        return receipt.records
    ids = [each["id"] for each in receipt.records]
    try:
        known = until_ended(hub, store, receipt.waiter, ids, wait_s)
    except RedisError as error:
        log.warning("Redis went away while accepted images were waited for: %s", error)
        known = list(receipt.waiter.ended.values())
    current = {each["id"]: each for each in (*receipt.records, *known)}
    return [current[each] for each in ids]


def until_ended(hub: Hub, store: RecognitionStore, waiter: Waiter, ids: Sequence[str], wait_s: float) -> list[Json]:
    """The records of `ids`, in order, as they stand when all have ended or `wait_s` have passed.

    Records that have expired are left out. While too many wait for long, nobody else waits longer than `BRIEF_S`.
    """
    with _granted(hub.long_waits, wait_s) as granted_s:
        deadline = time.monotonic() + granted_s
        while waiter.missing and not hub.released:
            left_s = deadline - time.monotonic()
            if left_s <= 0 or waiter.wait(min(left_s, RECHECK_S)):
                break
            look_up(store, waiter)
    current = {**look_up(store, waiter), **waiter.ended}
    return [current[each] for each in ids if each in current]


@contextmanager
def _granted(long_waits: Allowance, wait_s: float) -> Iterator[float]:
    if wait_s <= BRIEF_S:
        yield wait_s
        return
    with long_waits.spare() as is_free:
        yield wait_s if is_free else BRIEF_S


def look_up(store: RecognitionStore, waiter: Waiter) -> dict[str, Json]:
    """Ask the store for what `waiter` misses; the ends among it are noted, the rest is returned as well."""
    missing = tuple(waiter.missing)
    found = {record.id: to_json(record) for record in store.records(missing) if record}
    for recognition_id, record in found.items():
        if has_ended(record):
            waiter.note(recognition_id, record)
    return found
