"""Clients that never pause, and what came of their requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc

from tests.serving.process import ServerProcess

ROW = b'{"instances":[[1,1,1,1]]}'


@dataclass
class Outcomes:
    """How requests ended; `versions` in the order in which they were first seen."""

    answered: int = 0
    errors: list[str] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)

    def saw(self, version: int) -> None:
        self.answered += 1
        if not self.versions or self.versions[-1] != version:
            self.versions.append(version)


@contextmanager
def firing(server: ServerProcess, name: str = "m") -> Iterator[tuple[Outcomes, Outcomes]]:
    """Predicts over gRPC and REST, one after the other each, as long as the context lasts."""
    over_grpc, over_rest, done = Outcomes(), Outcomes(), threading.Event()

    def fire_grpc() -> None:
        while not done.is_set():
            try:
                over_grpc.saw(server.version_answering(f'name: "{name}"'))
            except grpc.RpcError as error:
                over_grpc.errors.append(f"{error.code().name}: {error.details()}")

    def fire_rest() -> None:
        while not done.is_set():
            answer = server.rest("POST", f"/v1/models/{name}:predict", body=ROW)
            if answer["status"] == 200:
                over_rest.answered += 1
            else:
                over_rest.errors.append(f"{answer['status']}: {answer['body']}")

    threads = [threading.Thread(target=fire) for fire in (fire_grpc, fire_rest)]
    for thread in threads:
        thread.start()
    try:
        yield over_grpc, over_rest
    finally:
        done.set()
        for thread in threads:
            thread.join()
