"""`python -m trainer`: train, evaluate, export, seed, worker."""

from __future__ import annotations

import argparse
import math
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported anywhere

from digitscribe.errors import DigitscribeError, SettingsError
from digitscribe.logs import configure_logging
from digitscribe.settings import TrainerSettings, load

from trainer.handwriting import FOLDS
from trainer.recipes import ALL, PAIRS, RECIPES

_RUN = Path("var/training")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the process's exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        settings = load(TrainerSettings)
        configure_logging("trainer", settings.log_level, settings.log_format)
        return int(parsed.command(settings, parsed) or 0)
    except SettingsError as error:
        print(f"trainer: wrong settings\n{error}", file=sys.stderr)
        return 2
    except DigitscribeError as error:
        print(f"trainer: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("trainer: interrupted; `train --resume` carries on after the last finished epoch", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trainer",
        description="Trains digit models and brings them to the model server.",
        epilog="Folders and addresses come from the environment: DIGITSCRIBE_DATA_DIR, DIGITSCRIBE_MODELS_DIR, …",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_train(commands.add_parser("train", help="train a network; a killed training can be resumed"))
    _add_evaluate(commands.add_parser("evaluate", help="measure a version or a training's result"))
    _add_export(commands.add_parser("export", help="make a training's result the next version on the volume"))
    _add_plain(commands.add_parser("seed", help="put the shipped model on an empty volume"), _seed)
    _add_plain(commands.add_parser("worker", help="work on the trainings that the gateway asks for"), _worker)
    return parser


def _add_train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--run", type=Path, default=_RUN, metavar="DIR", help="where checkpoint and result go (default: %(default)s)")
    add("--resume", action="store_true", help="carry on with the checkpoint in that folder, if there is one")
    add("--start", type=Path, metavar="DIR", help="begin with the weights that `train --run DIR` ended with")
    add("--blend", type=_share, default=1.0, help="share of the new weights beside --start's (default: %(default)s)")
    add("--recipe", choices=sorted(RECIPES), default="full", help="settings to begin with (default: %(default)s)")
    add("--architecture", help="the network, in place of the recipe's; the same with what follows")
    add("--epochs", type=_count, help="passes over the data")
    add("--batch-size", type=_count, help="images in one step")
    add("--peak-rate", type=_amount, help="greatest learning rate")
    add("--label-smoothing", type=_share, help="0: be as sure as can be")
    add("--augmentation", type=_amount, help="how far digits are changed; 1 is usual")
    add("--hands", type=_amount, help="characters of handwriting fonts, as a share of MNIST's; 0: none")
    add("--pens", type=_amount, help="digits drawn as 44 writers wrote them, as a share of MNIST's; 0: none")
    add("--drawn", type=_amount, help="digits drawn along paths of the pen, as a share of MNIST's; 0: none")
    add("--pairs", type=_amount, help="digits that touch, as a share of MNIST's; 0: none")
    add("--negatives", type=_amount, help="what is no digit, as a share of all digits")
    add("--learns", choices=(ALL, PAIRS), help="pairs: only the branch that reads them; digits are read as before")
    add("--limit", type=_count, help="train on this many of MNIST's images only")
    add("--seed", type=int, default=1, help="of all that is random (default: %(default)s)")
    add(
        "--extra-data",
        type=Path,
        metavar="NPZ",
        help="other handwriting: x_raw uint8 [N,96,96] dark on light, y, writer",
    )
    add("--extra-repeats", type=_count, default=2, help="how often it is shown in an epoch (default: %(default)s)")
    _add_held_fold(parser)
    parser.set_defaults(command=_train)


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--version", type=int, help="a version on the volume (default: the stable one)")
    what.add_argument("--saved-model", type=Path, metavar="DIR", help="the folder of a SavedModel")
    what.add_argument("--run", type=Path, metavar="DIR", help="the result of `train --run DIR`")
    add("--test", action="store_true", help="read MNIST's test set too; once per release, never for a choice")
    add("--extra-data", type=Path, metavar="NPZ", help="other handwriting: measured, too, all of it or the held fold")
    _add_held_fold(parser)
    parser.set_defaults(command=_evaluate)


def _add_held_fold(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--held-fold", type=int, choices=range(FOLDS), help="the fifth of the extra data's writers that is held out"
    )


def _count(text: str) -> int:
    """At least one."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value


def _amount(text: str) -> float:
    """A finite number from 0 up."""
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no number from 0 up")
    return value


def _share(text: str) -> float:
    """A number from 0 to 1."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no number from 0 to 1")
    return value


def _add_export(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--run", type=Path, default=_RUN, metavar="DIR", help="the result of `train --run DIR` (default: %(default)s)")
    add("--release", action="store_true", help="measure it on MNIST's test set and note that on its card")
    parser.set_defaults(command=_export)


def _add_plain(parser: argparse.ArgumentParser, command: object) -> None:
    parser.set_defaults(command=command)


def _train(settings: TrainerSettings, arguments: argparse.Namespace) -> None:
    from trainer.commands import train  # TensorFlow

    train(settings, arguments)


def _evaluate(settings: TrainerSettings, arguments: argparse.Namespace) -> None:
    from trainer.commands import evaluate  # TensorFlow

    evaluate(settings, arguments)


def _export(settings: TrainerSettings, arguments: argparse.Namespace) -> None:
    from trainer.commands import export_run  # TensorFlow

    export_run(settings, arguments)


def _seed(settings: TrainerSettings, _: argparse.Namespace) -> None:
    from trainer.worker import prepare

    prepare(settings)


def _worker(settings: TrainerSettings, _: argparse.Namespace) -> None:
    from trainer.worker import work

    work(settings)


if __name__ == "__main__":
    sys.exit(main())
