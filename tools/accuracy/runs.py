"""What came of trainings, read from their folders: writers held out by fold, and how much the seed matters."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from digitscribe.errors import InvalidInput
from trainer.cards import Facts
from trainer.commands import read_facts
from trainer.dataset import Dataset
from trainer.handwriting import FOLDS, load_handwriting
from trainer.metrics import share_right
from trainer.recipes import RECIPES, Recipe
from trainer.retraining import model_answers
from trainer.weights import load_weights

from tools.accuracy.measures import wrong_in
from tools.accuracy.results import HeldOut, Seed, Seeds, Writers
from tools.machine import machine

_ALWAYS_TOLD = ("architecture", "epochs")


def writers(folds: Sequence[Path], unseen: Path | None, handwriting: Path) -> Writers:
    """Measure the runs in `folds` (…fold0 to …fold4) on what each held out of `handwriting`, `unseen` on all of it.

    Raises:
        InvalidInput: a folder does not say which fold it held out, or its training did not hold that out.
    """
    each = {fold_of(run): run for run in folds}
    if sorted(each) != list(range(FOLDS)):
        raise InvalidInput(f"there are {FOLDS} folds; name a run for each, not {', '.join(map(str, folds))}")
    ways = {_way(read_facts(run)) for run in each.values()}
    if len(ways) > 1:
        raise InvalidInput(f"these folds were not trained alike: {'; '.join(sorted(ways))}")
    return Writers(
        machine=machine(),
        trained=ways.pop(),
        folds={fold: _held_out(each[fold], handwriting, fold) for fold in sorted(each)},
        unseen=_unseen(unseen, handwriting) if unseen else None,
    )


def seeds(runs: Sequence[Path], test: Dataset | None) -> Seeds:
    """The runs that differ by their seed only, together; each is measured on `test`, if that is given."""
    recipes: defaultdict[str, dict[int, Seed]] = defaultdict(dict)
    for run in runs:
        facts = read_facts(run)
        recipes[_way(facts)][int(facts.recipe["seed"])] = Seed(
            validation=round(facts.metrics.validation_accuracy, 4),
            test=round(_right(run, test), 4) if test is not None else None,
            seconds=round(facts.seconds, 1),
        )
    return Seeds(recipes={way: dict(sorted(found.items())) for way, found in recipes.items()})


def fold_of(run: Path) -> int:
    """The fold that a run held out: the number at the end of its folder's name. Raises InvalidInput."""
    number = re.search(r"\d+$", run.name)
    if not number:
        raise InvalidInput(f"{run}: its name does not end with the fold's number, as in fold0")
    return int(number[0])


def _way(facts: Facts) -> str:
    """How a training was made, but for its seed: what differs from the recipe that is most like it is told."""
    unlike = {name: _differences(facts, known) for name, known in RECIPES.items()}
    name, others = min(unlike.items(), key=lambda each: len(each[1]))
    called = "" if others else f"{name}: "
    network, passes = facts.recipe["architecture"], facts.recipe["epochs"]
    told = [f"{name.replace('_', ' ')} {value}" for name, value in others.items() if name not in _ALWAYS_TOLD]
    start = ["from earlier weights"] if facts.further else []
    return ", ".join([f"{called}{network}", f"{passes} passes", *told, *start])


def _differences(facts: Facts, recipe: Recipe) -> dict[str, object]:
    known = dataclasses.asdict(recipe)
    return {name: value for name, value in facts.recipe.items() if name != "seed" and value != known.get(name)}


def _held_out(run: Path, handwriting: Path, fold: int) -> HeldOut:
    held = load_handwriting(handwriting, fold).validation
    if read_facts(run).data.get("handwriting_held_out") != len(held):
        raise InvalidInput(f"{run} is not a training that held out fold {fold} of {handwriting}")
    return _wrong(run, held)


def _unseen(run: Path, handwriting: Path) -> HeldOut:
    if "handwriting_train" in read_facts(run).data:
        raise InvalidInput(f"{run} has learnt from other handwriting")
    return _wrong(run, load_handwriting(handwriting).train)


def _wrong(run: Path, digits: Dataset) -> HeldOut:
    answers = model_answers(load_weights(run / "weights.npz"), digits)
    return HeldOut(digits=len(digits), wrong=len(wrong_in(answers, digits.labels)))


def _right(run: Path, digits: Dataset) -> float:
    return share_right(model_answers(load_weights(run / "weights.npz"), digits).probabilities, digits.labels)
