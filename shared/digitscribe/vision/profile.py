"""The few constants of preprocessing, as one typed value that can be set for one's own handwriting."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Polarity(StrEnum):
    """Whether ink is darker or lighter than what it stands on."""

    AUTO = "auto"
    DARK_ON_LIGHT = "dark_on_light"
    LIGHT_ON_DARK = "light_on_dark"


class Profile(BaseModel):
    """How an image is prepared for reading. Lengths are shares of the height of the writing unless said otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    polarity: Polarity = Field(default=Polarity.AUTO, description="Dark ink on light paper, or chalk on a board")
    min_contrast: float = Field(
        default=0.05, ge=0.0, le=1.0, description="Faintest ink: how much darker than its paper, from 0 to 1"
    )
    edge: float = Field(
        default=0.4,
        gt=0.0,
        lt=1.0,
        description="Where a stroke ends: share of the contrast of the strongest ink near by",
    )
    min_height: float = Field(
        default=0.35, ge=0.0, le=1.0, description="Smaller ink that stands alone is a dot or a dash, not a digit"
    )
    joining: float = Field(default=0.12, ge=0.0, le=1.0, description="Gaps in a digit's strokes up to this are bridged")
    remove_lines: bool = Field(default=True, description="Take out ruled lines and squares")
    min_confidence: float = Field(
        default=0.4, ge=0.0, le=1.0, description="What the classifier is less sure of is not taken for a digit"
    )
