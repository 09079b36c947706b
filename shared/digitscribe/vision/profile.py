"""How an image is prepared for reading, as one typed value that can be set for one's own handwriting.

Each setting has a title, a description and bounds, so that a page can make controls from the JSON schema
(`Profile.model_json_schema()`).
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Polarity(StrEnum):
    """Whether ink is darker or lighter than what it stands on."""

    AUTO = "auto"
    DARK_ON_LIGHT = "dark_on_light"
    LIGHT_ON_DARK = "light_on_dark"


class Profile(BaseModel):
    """The settings of preprocessing, in the order of its steps."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    find_sheet: bool = Field(
        default=True,
        title="Find the sheet",
        description="Where a sheet of paper lies on a table, read only what stands on the sheet",
    )
    polarity: Polarity = Field(
        default=Polarity.AUTO,
        title="Polarity",
        description="Dark ink on light paper, or chalk on a board; by default what there is more of is looked for",
    )
    min_contrast: float = Field(
        default=0.05,
        ge=0.0,
        le=1.0,
        title="Faintest ink",
        description="How much stronger than its paper the faintest ink is: raise it against stains and "
        "show-through, lower it for hard pencils",
    )
    edge: float = Field(
        default=0.4,
        ge=0.05,
        le=0.95,
        title="Edge of a stroke",
        description="A stroke ends where it has this share of the strongest contrast near by: higher makes strokes "
        "thinner and parts digits that nearly touch",
    )
    remove_lines: bool = Field(
        default=True,
        title="Remove lines",
        description="Take out the lines of ruled and squared paper, underlines, frames, and print in another colour "
        "than the writing",
    )
    level_rows: bool = Field(
        default=True,
        title="Level rows",
        description="Turn writing that runs up or down hill, or lies on its side, until its rows lie level",
    )
    min_size: float = Field(
        default=0.0,
        ge=0.0,
        le=0.5,
        title="Smallest digit",
        description="Writing lower than this share of the longest side of the image, or of its sheet, is not read",
    )
    min_height: float = Field(
        default=0.35,
        ge=0.0,
        le=1.0,
        title="Dots and dashes",
        description="What is lower than this share of the height of the writing is a dot or a dash, not a digit, "
        "unless there is a whole row of it",
    )
    joining: float = Field(
        default=0.12,
        ge=0.0,
        le=1.0,
        title="Joining",
        description="Gaps in a digit's strokes up to this share of the height of the writing are bridged: raise it "
        "for a skipping pen, lower it for digits that stand close",
    )
    deslant: bool = Field(
        default=False, title="Slant correction", description="Set slanted digits upright before they are told apart"
    )
    stroke_width: float = Field(
        default=2.0,
        ge=0.0,
        le=4.0,
        title="Stroke thickness",
        description="Strokes thinner than three quarters of this are thickened to it, in pixels of a digit that is "
        "20 pixels high; 0 leaves them as they are",
    )
    min_confidence: float = Field(
        default=0.4,
        ge=0.0,
        le=1.0,
        title="Least confidence",
        description="What the classifier is less sure of is not taken for a digit",
    )
    min_digit_score: float = Field(
        default=0.2,
        ge=0.0,
        le=1.0,
        title="Least digit score",
        description="What is less surely one digit (a letter, a scribble, two digits in one) is left out",
    )
