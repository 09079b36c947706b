"""What writes docs/accuracy.md: the results, the pages made from them, the changed digits, the measures."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow  # noqa: F401 - whole, before keras asks for parts: tests of the model server load some without the rest
from digitscribe.contracts.model import Metrics
from digitscribe.errors import InvalidInput
from digitscribe.vision.profile import Profile
from PIL import Image
from trainer import architectures
from trainer.answers import Answers
from trainer.cards import Facts
from trainer.commands import write_facts
from trainer.dataset import load_mnist
from trainer.handwriting import load_handwriting
from trainer.weights import save_weights

from tools.accuracy import contact_sheet, measures, report, runs, sections, tables, variants
from tools.accuracy.measures import Model
from tools.accuracy.results import Images, Results, WholeImages, checksum, newest
from tools.evaluate.classifiers import Answer
from tools.evaluate.run import Outcome, read
from tools.evaluate.samples import Sample

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
PAGE = "# Title\n<!-- one -->\nold\n<!-- /one -->\nbetween\n<!-- two -->\n<!-- /two -->\n"
SURE = np.eye(10, dtype=np.float32)


def test_the_pages_say_what_was_measured_of_the_shipped_model() -> None:
    assert report.stale(ROOT) == []


def test_the_card_and_the_results_agree_on_the_test_set() -> None:
    card = newest(ROOT / report.MODELS) / "assets.extra" / "model_card.json"
    test = Results.load(ROOT / report.RESULTS).test
    assert test
    assert json.loads(card.read_text())["metrics"]["test_accuracy"] == pytest.approx(1 - test.wrong / test.digits)


def test_the_readmes_sentence_promises_no_command_that_measures_less() -> None:
    said = tables.headline(Results.load(ROOT / report.RESULTS), "abc")
    assert "99" in said
    assert "docs/accuracy.md" in said
    assert "make " not in said


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The pages, the results and the model, to be changed."""
    for name in (*report.PARTS, report.RESULTS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / report.MODELS, tmp_path / report.MODELS)
    return tmp_path


def test_another_model_makes_the_pages_stale_and_says_what_mends_it(copy: Path) -> None:
    with (newest(copy / report.MODELS) / "saved_model.pb").open("ab") as graph:
        graph.write(b"\0")
    faults = "\n".join(report.stale(copy))
    assert "validation split" in faults
    assert "make evaluate" in faults
    assert "make release-report" in faults
    report.write(copy)  # rendering alone does not make old figures new
    assert "make release-report" in "\n".join(report.stale(copy))
    assert "An earlier model" in (copy / "docs" / "accuracy.md").read_text()


def test_a_figure_changed_by_hand_is_found_and_rendering_puts_it_back(copy: Path) -> None:
    page = copy / "README.md"
    page.write_text(page.read_text().replace(" of MNIST's test set", " of MNIST's test set and of all else"))
    [fault] = report.stale(copy)
    assert "README.md" in fault
    assert "--render" in fault
    report.write(copy)
    assert page.read_text() == (ROOT / "README.md").read_text()


def test_results_survive_their_file(tmp_path: Path) -> None:
    results = Results.load(ROOT / report.RESULTS)
    results.save(tmp_path / "results.json")
    assert (tmp_path / "results.json").read_bytes() == (ROOT / report.RESULTS).read_bytes()


def test_a_models_checksum_does_not_depend_on_its_card(copy: Path) -> None:
    model = newest(copy / report.MODELS)
    before = checksum(model)
    (model / "assets.extra" / "model_card.json").write_text("{}")
    assert checksum(model) == before


def test_only_the_named_part_of_a_page_changes() -> None:
    changed = sections.replaced(PAGE, "one", "new \\1 text")
    assert changed == PAGE.replace("old", "new \\1 text")
    assert sections.part(changed, "one") == "new \\1 text"
    assert sections.replaced(changed, "one", "old") == PAGE


def test_a_part_that_is_missing_is_named() -> None:
    with pytest.raises(InvalidInput, match="three"):
        sections.replaced(PAGE, "three", "")


@pytest.mark.parametrize("name", variants.VARIANTS)
def test_changed_digits_are_digits_in_mnists_form(name: str) -> None:
    digits = load_mnist(DATA).validation.sample(12, 1)
    made = variants.changed(digits.images, variants.VARIANTS[name], seed=1)
    assert (made.shape, made.dtype) == ((12, 28, 28), np.uint8)
    assert (made.max(axis=(1, 2)) == 255).all()
    assert np.array_equal(made, variants.changed(digits.images, variants.VARIANTS[name], seed=1))


def test_a_table_counts_what_is_wrong() -> None:
    labels = np.array([1, 2, 3, 3], np.uint8)
    answers = Answers(SURE[[1, 2, 3, 8]], np.array([0.9, 0.9, 0.9, 0.2], np.float32))
    others = Answers(SURE[:4], np.zeros(4, np.float32))
    found = measures.digit_set(Model("abc", _all_sevens), answers, labels, others)
    rows = tables.digits(Results(validation=found), "abc").splitlines()
    assert rows[2] == "| MNIST, validation split | 4 | 75.00 % | 1 | 25.00 % | 25.00 % | 1.0000 |"
    assert rows[-1].startswith("Model `abc`")


def test_a_model_without_scores_takes_all_for_digits_and_is_asked_in_batches() -> None:
    answers = Model("abc", _all_sevens).answers(np.zeros((300, 28, 28), np.uint8))
    assert answers.probabilities.argmax(axis=1).tolist() == [7] * 300
    assert (answers.digit_scores == 1).all()


def test_generated_pages_are_listed_worst_first() -> None:
    good, bad = (Images(images=2, exact=each, digits=10, errors=2 - each) for each in (2, 0))
    found = WholeImages(model="abc", machine="m", groups={"easy": good, "hard": bad})
    rows = tables.generated(Results(generated=found), "abc").splitlines()
    assert rows[2:5] == [
        "| all | 4 | 50.0 % | 20 | 90.00 % |",
        "| hard | 2 | 0.0 % | 10 | 80.00 % |",
        "| easy | 2 | 100.0 % | 10 | 100.00 % |",
    ]


def test_photos_are_summed_up_by_folder_and_there_by_polarity() -> None:
    kinds = ["photo", "photo, light on dark"]
    outcomes = [_outcome(("12",), kind) for kind in kinds]
    found = measures.whole_images(Model("abc", _all_sevens), outcomes, by_kind=False)
    assert {name: each.images for name, each in found.groups.items()} == {"photos": 2, "photos, light on dark": 1}


def test_a_contact_sheet_shows_pages_as_a_compact_picture(tmp_path: Path) -> None:
    contact_sheet.save([_outcome(("77",), "ruled"), _outcome(("12",), "none")], "Pages", tmp_path / "pages.jpg")
    assert (tmp_path / "pages.jpg").stat().st_size < 300_000
    with Image.open(tmp_path / "pages.jpg") as picture:
        assert picture.width > 800


@pytest.fixture(scope="module")
def handwriting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Digits of five writers: the label is how far down a stroke begins."""
    path = tmp_path_factory.mktemp("handwriting") / "digits.npz"
    labels = np.tile(np.arange(10), 5)
    cells = np.full((50, 96, 96), 230, np.uint8)
    for cell, label in zip(cells, labels, strict=True):
        cell[20 + 4 * label : 80, 40:50] = 20
    np.savez(path, x_raw=cells, y=labels, writer=np.repeat([f"w{each}" for each in range(5)], 10))
    return path


def _trained(folder: Path, seed: int = 1, **data: int) -> Path:
    folder.mkdir(parents=True)
    recipe = {"architecture": "tiny", "epochs": 2, "seed": seed}
    facts = Facts(
        recipe=recipe, data=dict(data), metrics=Metrics(validation_accuracy=0.9 + seed / 100), parameters=1, seconds=2
    )
    write_facts(facts, folder)
    save_weights(architectures.build("tiny"), folder / "weights.npz")
    return folder


def test_each_fold_is_read_by_the_run_that_held_it_out(tmp_path: Path, handwriting: Path) -> None:
    folds = [_trained(tmp_path / f"fold{each}", handwriting_train=40, handwriting_held_out=10) for each in range(5)]
    found = runs.writers(folds, _trained(tmp_path / "base"), handwriting)
    assert [each.digits for each in found.folds.values()] == [10] * 5
    assert found.unseen
    assert found.unseen.digits == len(load_handwriting(handwriting).train) == 50
    rows = tables.writers(Results(writers=found), "abc").splitlines()
    assert [row.split(" | ")[0] for row in rows[2:8]] == ["| 0", "| 1", "| 2", "| 3", "| 4", "| all five"]
    assert "±" in rows[-1]


def test_a_run_that_learnt_from_the_fold_is_refused(tmp_path: Path, handwriting: Path) -> None:
    folds = [_trained(tmp_path / f"fold{each}", handwriting_train=50, handwriting_held_out=0) for each in range(5)]
    with pytest.raises(InvalidInput, match="held out fold 0"):
        runs.writers(folds, None, handwriting)


def test_a_fold_that_is_missing_is_told(tmp_path: Path, handwriting: Path) -> None:
    with pytest.raises(InvalidInput, match="5 folds"):
        runs.writers([_trained(tmp_path / "fold0")], None, handwriting)


def test_seeds_of_one_recipe_stand_together_with_mean_and_deviation(tmp_path: Path) -> None:
    found = runs.seeds([_trained(tmp_path / f"run{seed}", seed) for seed in (2, 1, 3)], None)
    [row] = tables.seeds(Results(seeds=found), "abc").splitlines()[2:]
    assert row == "| tiny, 2 passes | 1, 2, 3 | 92.00 % ± 1.00 | not read | 2, 2, 2 |"


def _all_sevens(crops: np.ndarray) -> Answer:
    return Answer(SURE[np.full(len(crops), 7)])


def _outcome(rows: tuple[str, ...], kind: str) -> Outcome:
    file = io.BytesIO()
    page = np.full((120, 200), 230, np.uint8)
    page[40:90, 50:58] = page[40:90, 120:128] = 30
    Image.fromarray(page).save(file, "PNG")
    return read(Sample("page", "photos", file.getvalue(), rows, kind, False, False), _all_sevens, Profile())
