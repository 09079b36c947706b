"""What happens to running services, made out from one look at them to the next."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.local.supervisor import GIVEN_UP, RUNNING, ServiceState

SECOND_CHANCE_S = 30.0
"""How long a service that supervisord has given up rests before it is started again."""


class Watch:
    """Remembers which process each service ran in, and since when those that were given up rest."""

    def __init__(self) -> None:
        self._ran_as: dict[str, int] = {}
        self._is_up: dict[str, bool] = {}
        self._resting_since: dict[str, float] = {}

    def news(self, now: Mapping[str, ServiceState]) -> list[str]:
        """A sentence for each service that has ended, or runs again, since the last look."""
        return [words for name in sorted(now) if (words := self._news_of(now[name]))]

    def due_a_second_chance(self, now: Mapping[str, ServiceState], time_s: float) -> list[str]:
        """The services that have rested for long enough; `time_s` is a clock that only goes forward."""
        resting = {name for name, service in now.items() if service.state in GIVEN_UP}
        self._resting_since = {name: self._resting_since.get(name, time_s) for name in resting}
        due = [name for name, since in self._resting_since.items() if time_s - since >= SECOND_CHANCE_S]
        for name in due:
            del self._resting_since[name]
        return sorted(due)

    def _news_of(self, service: ServiceState) -> str:
        is_up = service.state == RUNNING
        was_up = self._is_up.get(service.name)
        ran_as = self._ran_as.get(service.name, service.pid)
        self._is_up[service.name] = is_up
        if is_up:
            self._ran_as[service.name] = service.pid
            return f"[green]{service.name} runs again[/]" if was_up is False or service.pid != ran_as else ""
        return f"[yellow]{service.name} has ended[/] {service.description}" if was_up else ""
