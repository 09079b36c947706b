"""The history, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from digitscribe_client import Digitscribe, Source

from tests.running_system import RunningSystem


def test_pages_are_fetched_as_they_are_taken_up_to_the_limit(client_of: Callable[..., Digitscribe]) -> None:
    asked: list[dict[str, str]] = []

    def pages(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        first = int(request.url.params.get("before", "0-0").split("-")[1])
        count = min(3, int(request.url.params["limit"]))
        found = [
            {"id": f"{number:032x}", "status": "done", "created_at": "2026-11-22T10:00:00.000Z"}
            for number in range(first, first + count)
        ]
        return httpx.Response(200, json={"recognitions": found, "next": f"1-{first + count}", "corrections": []})

    def numbers(found: Iterator[object]) -> list[int]:
        return [int(each.id, 16) for each in found]  # type: ignore[attr-defined]

    client = client_of(pages)
    assert numbers(client.history(7, source=Source.CAMERA, below=0.5)) == list(range(7))
    assert [each.get("before") for each in asked] == [None, "1-3", "1-6"]
    assert all((each["source"], each["below"]) == ("camera", "0.5") for each in asked)
    asked.clear()
    next(client.history(None))
    assert len(asked) == 1


@pytest.mark.slow
def test_the_real_history_is_filtered_and_paged(
    system: RunningSystem, write_number: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digitscribe_client.calls.MOST_LISTED", 2)
    with Digitscribe(system.gateway_url) as client:
        ids = [client.recognize(write_number("905")).id for _ in range(3)]
        client.recognize(write_number("31"))
        assert [each.id for each in client.history(3, text="905")] == ids[::-1]
        assert next(client.history(1)).text == "31"
