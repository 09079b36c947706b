"""Corrections: checked against the recognition, and on the disk before they are answered."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from digitscribe.contracts import Correction, Recognition
from digitscribe.contracts.document import now
from flask import Flask
from flask.testing import FlaskClient
from gateway.corrections import CorrectionBook, cut_crop
from gateway.png import encode_grey
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.gateway.conftest import Finisher, crop, read_as_20


@pytest.fixture
def reading(client: FlaskClient, png: bytes, recognizer: Finisher) -> str:
    answer = client.post("/v1/recognitions?wait=30", data=png, content_type="image/png")
    return str(answer.json["id"])  # type: ignore[index]


def correct(client: FlaskClient, recognition_id: str, index: object = 1, label: object = 6) -> Any:
    return client.post("/v1/corrections", json={"recognition_id": recognition_id, "digit_index": index, "label": label})


def lines(folder: Path) -> list[Correction]:
    text = (folder / "corrections" / "corrections.jsonl").read_text()
    return [Correction.model_validate_json(line) for line in text.splitlines()]


def test_a_correction_is_answered_with_what_was_read(client: FlaskClient, reading: str) -> None:
    answer = correct(client, reading)
    assert answer.status_code == 201
    assert (answer.json["read_as"], answer.json["label"], answer.json["model_version"]) == (0, 6, 1)


def test_a_correction_lies_on_the_disk_when_it_is_answered(client: FlaskClient, reading: str, tmp_path: Path) -> None:
    answered = Correction.model_validate_json(correct(client, reading).data)
    assert lines(tmp_path) == [answered]


def test_the_picture_lies_beside_it(client: FlaskClient, reading: str, tmp_path: Path) -> None:
    correct(client, reading, index=1)
    picture = Image.open(tmp_path / "corrections" / "crops" / f"{reading}_1.png")
    assert (picture.mode, picture.size, picture.tobytes()) == ("L", (28, 28), crop(1))


def test_a_picture_that_shows_two_digits_does_not_lie_there(
    client: FlaskClient, png: bytes, idle_recognizer: Finisher, tmp_path: Path
) -> None:
    accepted = client.post("/v1/recognitions", data=png, content_type="image/png").get_json()["id"]
    digits = read_as_20(Recognition.model_validate(client.get(f"/v1/recognitions/{accepted}").get_json())).digits
    pair = tuple(digit.model_copy(update={"neighbour": 1 - digit.index}) for digit in digits)
    idle_recognizer.finish(accepted, digits=pair)
    assert correct(client, accepted).status_code == 201
    assert [each.label for each in lines(tmp_path)] == [6]
    assert list((tmp_path / "corrections" / "crops").iterdir()) == []


def test_no_digit_is_a_label_too(client: FlaskClient, reading: str, tmp_path: Path) -> None:
    assert correct(client, reading, label=None).json["label"] is None
    assert lines(tmp_path)[0].label is None


def test_an_unknown_recognition_is_404(client: FlaskClient) -> None:
    assert correct(client, "0" * 32).status_code == 404


def test_an_expired_picture_is_404(client: FlaskClient, reading: str, recognizer: Finisher) -> None:
    recognizer.redis.delete(f"digitscribe:crops:{reading}")
    assert correct(client, reading).status_code == 404


def test_an_unfinished_recognition_is_409(client: FlaskClient, png: bytes) -> None:
    recognition_id = client.post("/v1/recognitions", data=png, content_type="image/png").json["id"]  # type: ignore[index]
    assert correct(client, recognition_id).status_code == 409


def test_a_digit_that_was_not_read_is_404(client: FlaskClient, reading: str) -> None:
    assert correct(client, reading, index=2).status_code == 404


@pytest.mark.parametrize(
    ("index", "label"), [(-1, 1), (0, 10), (0, -1), ("0", 1), (0, "1"), (0, True), (0.5, 1), (None, 1)]
)
def test_what_contradicts_the_contract_is_400(client: FlaskClient, reading: str, index: object, label: object) -> None:
    assert correct(client, reading, index, label).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"label": 1}', b"\xff", b"[" * 50_000])
def test_what_is_no_correction_is_400(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/v1/corrections", data=body, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_an_integer_may_be_written_with_a_point(client: FlaskClient, reading: str) -> None:
    assert correct(client, reading, index=1.0).status_code == 201


def test_a_body_that_is_not_declared_as_json_is_415(client: FlaskClient) -> None:
    assert client.post("/v1/corrections", data="{}", content_type="text/plain").status_code == 415


def test_a_volume_that_cannot_be_written_is_503(
    make_app: Callable[..., Flask], png: bytes, recognizer: Finisher, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    client = make_app(corrections_dir=tmp_path / "file" / "corrections").test_client()
    recognition_id = client.post("/v1/recognitions?wait=30", data=png, content_type="image/png").json["id"]  # type: ignore[index]
    assert correct(client, recognition_id).status_code == 503


def correction(number: int) -> Correction:
    return Correction(
        recognition_id=f"{number:032x}", digit_index=0, label=number % 10, created_at=now(), read_as=1, model_version=1
    )


def test_many_at_once_are_a_line_each(tmp_path: Path) -> None:
    book = CorrectionBook(tmp_path / "corrections")
    with ThreadPoolExecutor(16) as people:
        list(people.map(lambda number: book.add(correction(number), crop(number)), range(100)))
    assert sorted(line.recognition_id for line in lines(tmp_path)) == [f"{number:032x}" for number in range(100)]


def test_half_a_line_that_a_killed_writer_left_does_not_spoil_the_next(tmp_path: Path) -> None:
    book = CorrectionBook(tmp_path / "corrections")
    book.add(correction(1), crop(1))
    file = tmp_path / "corrections" / "corrections.jsonl"
    file.write_bytes(file.read_bytes() + b'{"recognition_id": "00')
    book.add(correction(2), crop(2))
    assert json.loads(file.read_text().splitlines()[-1])["recognition_id"] == f"{2:032x}"


@given(st.binary(min_size=784, max_size=784))
def test_a_picture_survives_its_file(pixels: bytes) -> None:
    assert Image.open(io.BytesIO(encode_grey(pixels))).tobytes() == pixels


@given(st.integers(1, 5), st.data())
def test_a_picture_is_cut_out_of_its_row(count: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, count - 1))
    assert cut_crop(b"".join(crop(each) for each in range(count)), index) == crop(index)
