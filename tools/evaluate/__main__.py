"""The command: read labelled images, print the scoreboard."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
from digitscribe.errors import DigitscribeError
from digitscribe.vision.profile import Profile
from rich.console import Console
from rich.progress import track
from trainer.dataset import load_mnist

from tools.evaluate import classifiers, overlay, scoreboard
from tools.evaluate.pages import catalogue
from tools.evaluate.run import read_all
from tools.evaluate.samples import Sample, samples_of

DATA = Path(__file__).parents[2] / "data"
SHIPPED = DATA / "models" / "digits"


def main(arguments: list[str] | None = None) -> int:
    """Read everything under the given places and say how right it was."""
    options = _options(arguments)
    cv2.setNumThreads(1)  # one image a core is how the recognizer works; the times below are meant for that
    console = Console()
    try:
        samples = [sample for place in options.places for sample in samples_of(place)][:: options.every]
        samples += _generated(options.generated)
    except (FileNotFoundError, DigitscribeError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 2
    if not samples:
        print("evaluate: name folders with a labels.json, or ask for generated pages: --generated 490", file=sys.stderr)
        return 2
    classify = classifiers.served(options.serving) if options.serving else classifiers.saved(options.model)
    outcomes = read_all(samples, classify, Profile())
    for outcome in outcomes if options.save else ():
        overlay.save(outcome, options.save)
    scoreboard.show(outcomes, options.serving or _short(options.model), console)
    return 0


def _generated(count: int) -> list[Sample]:
    """Pages written with digits of MNIST's validation split; no choice is ever made on its test set."""
    if not count:
        return []
    validation = load_mnist(DATA).validation
    pages = catalogue.samples(count, validation.images, validation.labels)
    return list(track(pages, "Writing", count, console=Console(stderr=True), transient=True))


def _short(folder: Path) -> str:
    return "/".join(folder.parts[-3:])


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="evaluate", description="How well Digitscribe reads labelled images")
    parser.add_argument("places", nargs="*", type=Path, help="folders with labels.json, or .npz archives of digits")
    parser.add_argument("--generated", type=int, default=0, metavar="N", help="also N generated pages")
    parser.add_argument("--model", type=Path, default=SHIPPED, help="a SavedModel, or the folder of its versions")
    parser.add_argument("--serving", metavar="HOST:PORT", help="ask a running model server instead")
    parser.add_argument("--save", type=Path, metavar="DIR", help="write annotated pictures there")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth image")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
