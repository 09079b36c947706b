"""What a start shows in the terminal: each service as it comes up, then where the page is."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

_LEFT = "  "
_SPINNER = "◐◓◑◒"


class StartDisplay:
    """The services of a start and whether each is ready; a live view in a terminal, a line each elsewhere."""

    def __init__(self, console: Console, services: list[str]) -> None:
        self._console = console
        self._started = time.monotonic()
        self._ready: dict[str, float | None] = dict.fromkeys(services)
        self._notes: dict[str, str] = {}
        self._live = Live(get_renderable=self._view, console=console, refresh_per_second=8, transient=False)

    def __enter__(self) -> StartDisplay:
        self._console.print(f"\n{_LEFT}[bold]Digitscribe[/] · starting\n")
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def ready(self, service: str) -> None:
        """`service` answers."""
        if self._ready[service] is None:
            self._ready[service] = time.monotonic() - self._started
            if not self._console.is_terminal:
                self._console.print(self._line(service))

    def note(self, service: str, words: str) -> None:
        """Say something beside a service that is not ready yet."""
        self._notes[service] = words

    def _view(self) -> Group:
        return Group(*(self._line(service) for service in self._ready))

    def _line(self, service: str) -> Text:
        seconds = self._ready[service]
        if seconds is None:
            turn = _SPINNER[int(time.monotonic() * 4) % len(_SPINNER)]
            return Text(f"{_LEFT}{turn} {service:<16}{self._notes.get(service, '')}", style="dim")
        return Text.assemble(_LEFT, ("●", "green"), f" {service:<16}", (f"{seconds:5.1f} s", "dim"))


def show_address(console: Console, page: str, api: str) -> None:
    """Say that the page answers, and where."""
    console.print(f"\n{_LEFT}[bold green]Ready[/]   [bold]{page}[/]", soft_wrap=True)
    console.print(f"{_LEFT}API     {api}/docs", soft_wrap=True)
    console.print(f"{_LEFT}Logs    make logs", soft_wrap=True)
    console.print(f"{_LEFT}Stop    Ctrl-C, or make down from elsewhere\n", soft_wrap=True)


def show_event(console: Console, words: str) -> None:
    """One thing that happened while the system runs."""
    console.print(f"{_LEFT}[dim]{time.strftime('%H:%M:%S')}[/]  {words}", soft_wrap=True)
