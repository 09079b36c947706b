"""Waiting for recognitions to end: woken by the hub, certain by the store."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from digitscribe.contracts import RecognitionStatus
from digitscribe.queueing.store import RecognitionStore

from gateway.answers import Json, to_json
from gateway.hub import Hub, Waiter

RECHECK_S = 2.0
"""How often the store is asked in spite of the hub, which may have lost its connection."""

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
    """The records of `receipt` as `until_ended` says; without a wait, as they began."""
    if not wait_s:
        return receipt.records
    return until_ended(hub, store, receipt.waiter, [each["id"] for each in receipt.records], wait_s)


def until_ended(hub: Hub, store: RecognitionStore, waiter: Waiter, ids: Sequence[str], wait_s: float) -> list[Json]:
    """The records of `ids`, in order, as they stand when all have ended or `wait_s` have passed.

    Records that have expired are left out.
    """
    deadline = time.monotonic() + wait_s
    while waiter.missing and not hub.released:
        left_s = deadline - time.monotonic()
        if left_s <= 0 or waiter.wait(min(left_s, RECHECK_S)):
            break
        look_up(store, waiter)
    current = {**look_up(store, waiter), **waiter.ended}
    return [current[each] for each in ids if each in current]


def look_up(store: RecognitionStore, waiter: Waiter) -> dict[str, Json]:
    """Ask the store for what `waiter` misses; the ends among it are noted, the rest is returned as well."""
    missing = tuple(waiter.missing)
    found = {record.id: to_json(record) for record in store.records(missing) if record}
    for recognition_id, record in found.items():
        if has_ended(record):
            waiter.note(recognition_id, record)
    return found
