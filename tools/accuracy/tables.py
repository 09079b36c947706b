"""Results as people read them: Markdown, the same for the same results."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, stdev
from textwrap import fill

from tools.accuracy.results import DigitSet, HeldOut, Images, Measured, Results, Seed, Variants
from tools.accuracy.sections import percent, table
from tools.evaluate.retakes import NAMES
from tools.evaluate.scoring import Total

NOT_MEASURED = "Not measured yet."

_GROUPS = {
    "photos": "several digits: phone, whiteboard, canvas, scan",
    "photos, light on dark": "of these, light on dark",
    "singles": "one digit each",
    "kensanata_pages": "pages of fifty digits, five rows, 13 writers",
}
"""What the folders hold that were measured with here; others go by their name."""


def digits(results: Results, shipped: str) -> str:
    """Single digits: MNIST's validation split and test set, and hands of which nothing was learnt."""
    named = {
        "MNIST, validation split": results.validation,
        "MNIST, test set": results.test,
        "handwriting fonts, held back": results.hands,
    }
    sets = {name: each for name, each in named.items() if each}
    heading = ("digits of", "how many", "right", "wrong", "calibration error", "refused as no digit", "AUROC")
    return _with_notes(table(heading, [_digits_row(*each) for each in sets.items()]), list(sets.values()), shipped)


def _digits_row(name: str, of: DigitSet) -> tuple[str, ...]:
    shares = (percent(of.calibration_error), percent(of.refused / of.digits), f"{of.auroc:.4f}")
    return name, f"{of.digits:,}", _share_right(of), str(of.wrong), *shares


def _share_right(of: DigitSet | HeldOut) -> str:
    return percent(1 - of.wrong / of.digits)


def variants(results: Results, shipped: str) -> str:
    """Changed digits, by the first model and by the shipped one."""
    if not results.variants:
        return NOT_MEASURED
    columns = {"before": results.variants_before, "right": results.variants}
    given = {heading: column for heading, column in columns.items() if column}
    rows = [(name, *(_variant(column, name) for column in given.values())) for name in results.variants.wrong]
    return _with_notes(table(("digits", *given), rows), [results.variants], shipped)


def _variant(of: Variants, name: str) -> str:
    return percent(1 - of.wrong[name] / of.digits) if name in of.wrong else "–"


def photos(results: Results, shipped: str) -> str:
    """Whole images that are not in the repository."""
    if not results.photos:
        return NOT_MEASURED
    known = list(_GROUPS)
    names = sorted(results.photos.groups, key=lambda name: (known.index(name) if name in known else len(known), name))
    rows = [_images_row(_GROUPS.get(name, name), results.photos.groups[name]) for name in names]
    return _with_notes(table(_IMAGES, rows), [results.photos], shipped)


def retakes(results: Results, shipped: str) -> str:
    """The photos, taken again: in the order in which they were."""
    if not results.retakes:
        return NOT_MEASURED
    groups = results.retakes.groups
    rows = [_images_row(name, groups[name]) for name in NAMES if name in groups]
    return _with_notes(table(_IMAGES, rows), [results.retakes], shipped)


def generated(results: Results, shipped: str) -> str:
    """Generated pages by their difficulty, what is read worst first."""
    if not results.generated:
        return NOT_MEASURED
    groups = results.generated.groups
    names = sorted(groups, key=lambda name: (_right(groups[name]), name))
    rows = [_images_row("all", _together(list(groups.values())))]
    rows += [_images_row(name, groups[name]) for name in names]
    return _with_notes(table(_IMAGES, rows), [results.generated], shipped)


_IMAGES = ("", "images", "without any error", "digits", "right")


def _images_row(name: str, of: Images) -> tuple[str, ...]:
    return name, str(of.images), f"{100 * of.exact / of.images:.1f} %", f"{of.digits:,}", percent(_right(of))


def _right(of: Images) -> float:
    return Total(of.images, of.exact, of.digits, of.errors).digits_right


def _together(groups: Sequence[Images]) -> Images:
    return Images(
        images=sum(each.images for each in groups),
        exact=sum(each.exact for each in groups),
        digits=sum(each.digits for each in groups),
        errors=sum(each.errors for each in groups),
    )


def writers(results: Results, shipped: str) -> str:  # noqa: ARG001 - other models are measured
    """Writers who were held out, by fold."""
    of = results.writers
    if not of:
        return NOT_MEASURED
    rows = [(str(fold), *_counts(each)) for fold, each in of.folds.items()]
    digits, wrong = (sum(getattr(each, name) for each in of.folds.values()) for name in ("digits", "wrong"))
    rows.append(("all five", *_counts(HeldOut(digits=digits, wrong=wrong))))
    if of.unseen:
        rows.append(("all, by a model that learnt from none of these writers", *_counts(of.unseen)))
    spread = _spread([1 - each.wrong / each.digits for each in of.folds.values()])
    notes = f"Mean of the folds and their standard deviation: {spread}. Trained as: {of.trained}. On {of.machine}."
    return f"{table(('fold', 'digits', 'right', 'wrong'), rows)}\n\n{notes}"


def _counts(of: HeldOut) -> tuple[str, str, str]:
    return f"{of.digits:,}", _share_right(of), str(of.wrong)


def seeds(results: Results, shipped: str) -> str:  # noqa: ARG001 - other models are measured
    """Trainings that differ by their seed: mean and standard deviation."""
    if not results.seeds:
        return NOT_MEASURED
    heading = ("trained as", "seeds", "validation split", "test set", "seconds")
    recipes = results.seeds.recipes
    return table(heading, [_seeds_row(way, list(runs), list(runs.values())) for way, runs in recipes.items()])


def _seeds_row(way: str, numbers: Sequence[int], runs: Sequence[Seed]) -> tuple[str, ...]:
    tested = [each.test for each in runs if each.test is not None]
    shares = (_spread([each.validation for each in runs]), _spread(tested) if tested else "not read")
    return way, ", ".join(map(str, numbers)), *shares, ", ".join(f"{each.seconds:.0f}" for each in runs)


def _spread(shares: Sequence[float]) -> str:
    if len(shares) < 2:
        return percent(shares[0])
    return f"{percent(mean(shares))} ± {100 * stdev(shares):.2f}"


def _with_notes(content: str, measured: Sequence[Measured], shipped: str) -> str:
    """`content`, and below it which model was measured, and where."""
    notes = dict.fromkeys(_note(each, shipped) for each in measured)
    return "\n\n".join((content, " ".join(notes)))


def _note(of: Measured, shipped: str) -> str:
    which = f"Model `{of.model}`" if of.model == shipped else f"An earlier model, `{of.model}`"
    return f"{which}, on {of.machine}."


def headline(results: Results, shipped: str) -> str:  # noqa: ARG001 - says so in the tables
    """The README's sentence: what people want to know first."""
    shares = []
    found = results.photos.groups if results.photos else {}
    if "photos" in found:
        images = found["photos"].images
        shares.append(
            f"{percent(_right(found['photos']))} of the digits on {images} photos and drawings of other people's hands"
        )
    if "singles" in found:
        shares.append(f"{percent(_right(found['singles']))} of {found['singles'].images} single digits")
    if results.test:
        shares.append(f"{_share_right(results.test)} of MNIST's test set")
    where = "[docs/accuracy.md](docs/accuracy.md)"
    return fill(f"How well it reads: {', '.join(shares)}; {where} says how it was measured.", 118)


def release(results: Results, shipped: str) -> str:
    """What the page of the shipped model says of it."""
    if not (results.test and results.validation):
        return NOT_MEASURED
    test, validation = results.test, results.validation
    said = (
        f"{_share_right(test)} of MNIST's test set ({test.wrong} of {test.digits:,} wrong), read once for the release, "
        f"{_share_right(validation)} of the {validation.digits:,} validation images, "
        f"a calibration error of {percent(test.calibration_error)} on the test set."
    )
    return _with_notes(fill(said, 118), [test, validation], shipped)
