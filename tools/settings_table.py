"""Print the README's table of settings, made from the settings themselves: `python -m tools.settings_table`."""

from __future__ import annotations

from digitscribe import settings
from digitscribe.settings import ENV_PREFIX, Settings

SERVICES: dict[str, type[Settings]] = {
    "gateway": settings.GatewaySettings,
    "recognizer": settings.RecognizerSettings,
    "trainer": settings.TrainerSettings,
    "camera-worker": settings.CameraSettings,
    "ui": settings.UiSettings,
}


def settings_table() -> str:
    """Every variable with its default, its meaning and the services that read it, as a Markdown table."""
    readers: dict[str, list[str]] = {}
    for service, group in SERVICES.items():
        for name in group.model_fields:
            readers.setdefault(name, []).append(service)
    rows = [_row(name, services) for name, services in readers.items()]
    return "\n".join(["| variable | default | meaning | read by |", "| --- | --- | --- | --- |", *rows])


def _row(name: str, services: list[str]) -> str:
    field = SERVICES[services[0]].model_fields[name]
    default = "–" if field.default is None or str(field.default) == "" else f"`{field.default}`"
    read_by = "all" if len(services) == len(SERVICES) else ", ".join(services)
    return f"| `{ENV_PREFIX}{name.upper()}` | {default} | {field.description} | {read_by} |"


if __name__ == "__main__":
    print(settings_table())
