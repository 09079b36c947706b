"""What a model version made of one digit: its feature maps, and what spoke for and against its answer."""

from __future__ import annotations

from pydantic import Field

from .document import ID_PATTERN, Document
from .steps import PNG_PATTERN


class FeatureMap(Document):
    """Where one filter of a layer found what it looks for."""

    picture: str = Field(
        description="8-bit grey PNG as base64; white is the filter's strongest answer", pattern=PNG_PATTERN
    )
    strength: float = Field(ge=0, le=1, description="Its strongest answer, as a share of the layer's strongest")


class FeatureLayer(Document):
    """All maps of one convolution block."""

    title: str
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    maps: tuple[FeatureMap, ...]


class Evidence(Document):
    """What spoke for the answer and what against, pixel by pixel of the digit's 28×28 picture."""

    width: int = Field(ge=1)
    height: int = Field(ge=1)
    values: tuple[float, ...] = Field(
        description="Row by row: by how much the log-odds of the answer fall when the ink around a pixel is covered. "
        "Above 0 it spoke for the answer, below 0 against"
    )


class Inside(Document):
    """How a model version reads one digit."""

    recognition_id: str = Field(pattern=ID_PATTERN)
    digit_index: int = Field(ge=0)
    digit: int = Field(ge=0, le=9, description="What it was read as")
    model_version: int = Field(ge=0, description="The version that was looked into")
    answer: int = Field(ge=0, le=9, description="What that version answers")
    probabilities: tuple[float, ...] = Field(description="Of the digits 0 to 9")
    digit_score: float = Field(ge=0, le=1, description="How sure it is that this is one digit")
    layers: tuple[FeatureLayer, ...]
    evidence: Evidence
