"""The pages that tell what was measured: written from the results, and held against them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tools.accuracy import sections, tables
from tools.accuracy.results import Measured, Results, checksum, newest

ROOT = Path(__file__).parents[2]
MODELS = Path("data") / "models" / "digits"
RESULTS = Path("docs") / "accuracy.json"

Part = Callable[[Results, str], str]

PARTS: dict[Path, dict[str, Part]] = {
    Path("docs") / "accuracy.md": {
        "digits": tables.digits,
        "variants": tables.variants,
        "writers": tables.writers,
        "seeds": tables.seeds,
        "photos": tables.photos,
        "retakes": tables.retakes,
        "generated": tables.generated,
    },
    Path("README.md"): {"accuracy": tables.headline},
    Path("data") / "models" / "README.md": {"accuracy": tables.release},
}
"""Page → its parts by name → how each is written, from the results and the checksum of the shipped model."""


def write(root: Path) -> None:
    """Write the parts of all pages below `root` from its results.

    Raises:
        InvalidInput: a page has lost the marks of a part.
    """
    results, shipped = Results.load(root / RESULTS), checksum(newest(root / MODELS))
    for name, parts in PARTS.items():
        page = (root / name).read_text(encoding="utf-8")
        for part, write_part in parts.items():
            page = sections.replaced(page, part, write_part(results, shipped))
        (root / name).write_text(page, encoding="utf-8")


def stale(root: Path) -> list[str]:
    """What is not so any more below `root`, and what mends it; empty: the pages say what was measured of this model."""
    results, shipped = Results.load(root / RESULTS), checksum(newest(root / MODELS))
    return [*_other_models(results, shipped), *_other_figures(root, results, shipped)]


def _other_models(results: Results, shipped: str) -> list[str]:
    """What needs nothing but the repository is measured again with each model."""
    measured: dict[str, tuple[Measured | None, str]] = {
        "the validation split": (results.validation, "make evaluate"),
        "the hands that were held back": (results.hands, "make evaluate"),
        "the variants": (results.variants, "make evaluate"),
        "the generated pages": (results.generated, "make evaluate"),
        "the test set": (results.test, "make release-report"),
    }
    return [
        f"{name}: measured with model {of.model if of else None}, but {shipped} is shipped; run `{command}`"
        for name, (of, command) in measured.items()
        if of is None or of.model != shipped
    ]


def _other_figures(root: Path, results: Results, shipped: str) -> list[str]:
    return [
        f"{name}, part {part}: not what {RESULTS} says; run `python -m tools.accuracy --render`"
        for name, parts in PARTS.items()
        for part, write_part in parts.items()
        if sections.part((root / name).read_text(encoding="utf-8"), part) != write_part(results, shipped).strip()
    ]
