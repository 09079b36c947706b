"""The calls of the API, a module for each noun."""

from gateway.routes import (
    cameras,
    corrections,
    docs,
    events,
    health,
    inside,
    models,
    profile,
    recognitions,
    steps,
    system,
    trainings,
)

BLUEPRINTS = (
    recognitions.blueprint,
    profile.blueprint,
    steps.blueprint,
    inside.blueprint,
    events.blueprint,
    corrections.blueprint,
    trainings.blueprint,
    models.blueprint,
    cameras.blueprint,
    system.blueprint,
    health.blueprint,
    docs.blueprint,
)

__all__ = ["BLUEPRINTS"]
