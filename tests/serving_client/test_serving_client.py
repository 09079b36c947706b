"""The client of the model server, against its twin: chunks, patience, faults, versions."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import digitscribe
import grpc
import numpy as np
import pytest
from digitscribe.errors import ServingRefused, ServingUnavailable
from digitscribe.pairs import Pairs
from digitscribe.serving.client import NO_VERSION, ServingClient
from digitscribe.serving.protos import model_server_config_pb2
from digitscribe.serving.tensors import encode_floats
from digitscribe.serving.twin import ServingTwin
from digitscribe.settings import ServingSettings
from numpy.typing import NDArray

Code = grpc.StatusCode


@pytest.fixture
def twin() -> Iterator[ServingTwin]:
    with ServingTwin(version=3) as running:
        yield running


def client_of(twin: ServingTwin, batch: int = 256, patience_s: float = 5.0, timeout_s: float = 5.0) -> ServingClient:
    return ServingClient(
        ServingSettings(
            serving_grpc=twin.target,
            predict_batch_size=batch,
            serving_patience_s=patience_s,
            predict_timeout_s=timeout_s,
        )
    )


def brightnesses(*classes: int) -> NDArray[np.float32]:
    """Images that the twin reads as `classes`."""
    values = (np.array(classes, np.float32) + 0.5) / 10
    return np.broadcast_to(values[:, None, None, None], (len(classes), 28, 28, 1)).astype(np.float32)


def test_answers_keep_the_order_of_the_images(twin: ServingTwin) -> None:
    with client_of(twin) as client:
        prediction = client.predict(brightnesses(7, 0, 9, 3))
    assert prediction.probabilities.argmax(axis=1).tolist() == [7, 0, 9, 3]


def test_the_version_that_answered_is_told(twin: ServingTwin) -> None:
    with client_of(twin) as client:
        assert client.predict(brightnesses(1)).version == 3


def test_batches_never_exceed_the_servers_limit(twin: ServingTwin) -> None:
    with client_of(twin, batch=4) as client:
        prediction = client.predict(brightnesses(*range(10), 5))
    assert max(twin.batches) <= 4
    assert prediction.probabilities.argmax(axis=1).tolist() == [*range(10), 5]


def test_a_batch_within_the_limit_is_one_call(twin: ServingTwin) -> None:
    with client_of(twin) as client:
        client.predict(brightnesses(*[1] * 256))
    assert twin.batches == [256]


def test_bytes_are_read_as_floats_are(twin: ServingTwin) -> None:
    floats = brightnesses(7, 0, 9, 3, 5)
    with client_of(twin, batch=2) as client:
        prediction = client.predict((floats * 255).astype(np.uint8))
    assert prediction.probabilities.argmax(axis=1).tolist() == [7, 0, 9, 3, 5]


def test_of_many_bytes_one_calls_are_floats_at_a_time(twin: ServingTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[weakref.ref[NDArray[np.float32]]] = []
    in_memory: list[int] = []

    def noted(array: NDArray[np.float32]) -> Any:
        made.append(weakref.ref(array))
        in_memory.append(sum([len(each) for one in made if (each := one()) is not None]))
        return encode_floats(array)

    monkeypatch.setattr("digitscribe.serving.client.encode_floats", noted)
    with client_of(twin, batch=16) as client:
        client.predict(np.zeros((100, 28, 28, 1), np.uint8))
    assert (len(made), sum(twin.batches)) == (7, 100)
    assert max(in_memory) <= 16


def test_no_images_are_no_call(twin: ServingTwin) -> None:
    with client_of(twin) as client:
        prediction = client.predict(np.zeros((0, 28, 28, 1), np.float32))
    assert twin.asked_versions == []
    assert (prediction.probabilities.shape, prediction.version) == ((0, 10), NO_VERSION)


def test_images_of_another_shape_are_a_programming_error(twin: ServingTwin) -> None:
    with client_of(twin) as client, pytest.raises(ValueError, match="28, 28, 1"):
        client.predict(np.zeros((2, 28, 28), np.float32))


@pytest.mark.parametrize(
    ("code", "details"),
    [
        (Code.UNAVAILABLE, "gone"),
        (Code.RESOURCE_EXHAUSTED, "Server Threadpool Exhausted"),
        (Code.DEADLINE_EXCEEDED, "slow"),
        (Code.NOT_FOUND, "Servable not found for request: Specific(digits, 1)"),
        (Code.INVALID_ARGUMENT, "Unrecognized servable version label: stable"),
    ],
)
def test_a_passing_fault_is_tried_again(twin: ServingTwin, code: Code, details: str) -> None:
    twin.faults = iter([(code, details)] * 3)
    with client_of(twin) as client:
        assert client.predict(brightnesses(4)).probabilities.argmax() == 4


@pytest.mark.parametrize("code", [Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.FAILED_PRECONDITION, Code.INTERNAL])
def test_a_refusal_is_not_tried_again(twin: ServingTwin, code: Code) -> None:
    twin.faults = iter([(code, "the server's own words")])
    with client_of(twin) as client, pytest.raises(ServingRefused, match="the server's own words"):
        client.predict(brightnesses(4))
    assert twin.batches == []


def test_patience_ends(twin: ServingTwin) -> None:
    twin.faults = itertools.repeat((Code.UNAVAILABLE, "gone for good"))
    with client_of(twin, patience_s=0.2) as client, pytest.raises(ServingUnavailable, match="gone for good"):
        client.predict(brightnesses(4))


def test_nobody_listening_is_unavailable() -> None:
    with ServingTwin() as gone:
        pass
    with client_of(gone, patience_s=0) as client, pytest.raises(ServingUnavailable, match=gone.target):
        client.predict(brightnesses(4))


def test_a_restarted_server_is_found_again(twin: ServingTwin) -> None:
    with client_of(twin, patience_s=20) as client:
        client.predict(brightnesses(4))
        port = int(twin.target.rpartition(":")[2])
        twin.__exit__()
        with ServingTwin(version=8, port=port):
            assert client.predict(brightnesses(4)).version == 8


def test_a_swap_between_two_chunks_does_not_mix_versions(twin: ServingTwin) -> None:
    def swap_after_first(images: NDArray[np.float32]) -> NDArray[np.float32]:
        twin.versions, twin.stable = [3, 4], 4
        return np.eye(10, dtype=np.float32)[np.zeros(len(images), int)]

    twin.classify = swap_after_first
    with client_of(twin, batch=1) as client:
        assert client.predict(brightnesses(1, 2, 3)).version == 3
    assert twin.asked_versions == [None, 3, 3]


def test_a_version_retired_between_two_chunks_is_asked_anew(twin: ServingTwin) -> None:
    def retire_after_first(images: NDArray[np.float32]) -> NDArray[np.float32]:
        twin.versions, twin.stable = [4], 4
        return np.eye(10, dtype=np.float32)[np.zeros(len(images), int)]

    twin.classify = retire_after_first
    with client_of(twin, batch=1) as client:
        assert client.predict(brightnesses(1, 2)).version == 4
    assert twin.asked_versions == [None, 3, None, 4]


def test_replicas_that_disagree_about_a_version_are_asked_with_pauses(twin: ServingTwin) -> None:
    def forget_at_once(images: NDArray[np.float32]) -> NDArray[np.float32]:
        twin.versions, twin.stable = [twin.stable + 1], twin.stable + 1
        return np.eye(10, dtype=np.float32)[np.zeros(len(images), int)]

    twin.classify = forget_at_once
    with client_of(twin, batch=1) as client, pytest.raises(ServingUnavailable):
        client.predict(brightnesses(1, 2), patience_s=1.0)
    assert 4 <= len(twin.asked_versions) <= 60


@pytest.mark.parametrize(
    "answer",
    [np.zeros((1, 9), np.float32), np.zeros((2, 10), np.float32), np.full((1, 10), np.nan, np.float32)],
    ids=["nine classes", "two rows", "not a number"],
)
def test_an_answer_that_is_no_table_of_probabilities_is_refused(twin: ServingTwin, answer: NDArray[np.float32]) -> None:
    twin.classify = lambda _images: answer
    with client_of(twin) as client, pytest.raises(ServingRefused):
        client.predict(brightnesses(4))


def test_digit_scores_come_with_the_probabilities_in_the_images_order(twin: ServingTwin) -> None:
    twin.score = lambda images: images.mean(axis=(1, 2, 3))
    with client_of(twin, batch=2) as client:
        assert client.predict(brightnesses(7, 0, 9)).digit_scores == pytest.approx([0.75, 0.05, 0.95])


def test_pairs_come_with_the_probabilities_in_the_images_order(twin: ServingTwin) -> None:
    twin.pair = lambda images: Pairs(np.full((len(images), 2, 10), 0.1, np.float32), images.mean(axis=(1, 2, 3)))
    with client_of(twin, batch=2) as client:
        pairs = client.predict(brightnesses(7, 0, 9)).pairs
    assert pairs is not None
    assert pairs.scores == pytest.approx([0.75, 0.05, 0.95])
    assert pairs.probabilities.shape == (3, 2, 10)


def test_a_version_without_pairs_tells_none(twin: ServingTwin) -> None:
    with client_of(twin, batch=1) as client:
        assert client.predict(brightnesses(7, 0)).pairs is None


def test_pairs_that_are_none_are_refused(twin: ServingTwin) -> None:
    twin.pair = lambda _images: Pairs(np.full((1, 3, 10), 0.1, np.float32), np.ones(1, np.float32))
    with client_of(twin) as client, pytest.raises(ServingRefused, match="pair_probabilities"):
        client.predict(brightnesses(4))


def test_a_version_without_scores_takes_everything_for_digits(twin: ServingTwin) -> None:
    with client_of(twin) as client:
        assert client.predict(brightnesses(7, 0)).digit_scores.tolist() == [1, 1]


@pytest.mark.parametrize("scores", [np.ones((1, 1), np.float32), np.full(1, np.inf, np.float32)], ids=["shape", "inf"])
def test_scores_that_are_none_are_refused(twin: ServingTwin, scores: NDArray[np.float32]) -> None:
    twin.score = lambda _images: scores
    with client_of(twin) as client, pytest.raises(ServingRefused, match="digit_score"):
        client.predict(brightnesses(4))


def test_version_states_names_each_version(twin: ServingTwin) -> None:
    twin.versions = [3, 4]
    with client_of(twin) as client:
        assert client.version_states() == {3: "AVAILABLE", 4: "AVAILABLE"}


def test_an_unknown_model_has_no_versions(twin: ServingTwin) -> None:
    with client_of(twin) as client:
        assert client.version_states("letters") == {}


def test_version_states_of_an_absent_server_is_unavailable(twin: ServingTwin) -> None:
    twin.faults = iter([(Code.UNAVAILABLE, "gone")])
    with client_of(twin) as client, pytest.raises(ServingUnavailable):
        client.version_states()


def test_reload_hands_the_configuration_over(twin: ServingTwin) -> None:
    config = model_server_config_pb2.ModelServerConfig()
    config.model_config_list.config.add(name="digits", base_path="/models/digits")
    with client_of(twin) as client:
        client.reload(config)
    assert twin.configs == [config]


def test_a_refused_configuration_is_told_in_the_servers_words(twin: ServingTwin) -> None:
    twin.faults = iter([(Code.FAILED_PRECONDITION, "Request to assign label to version 2 of model digits")])
    with client_of(twin) as client, pytest.raises(ServingRefused, match="assign label to version 2"):
        client.reload(model_server_config_pb2.ModelServerConfig())


def test_ready_when_the_label_answers(twin: ServingTwin) -> None:
    with client_of(twin) as client:
        assert client.ready()


def test_not_ready_while_the_labels_version_is_not_loaded(twin: ServingTwin) -> None:
    twin.versions = []
    with client_of(twin) as client:
        assert not client.ready()


def test_ready_though_overloaded(twin: ServingTwin) -> None:
    twin.faults = iter([(Code.RESOURCE_EXHAUSTED, "Server Threadpool Exhausted")])
    with client_of(twin) as client:
        assert client.ready()


def run_python(code: str, *options: str) -> str:
    command = [sys.executable, *options, "-c", code]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def test_the_client_does_not_import_tensorflow_itself() -> None:
    code = (
        "import digitscribe.serving.client, sys;"
        "print([m for m in sys.modules if m == 'tensorflow' or m.startswith(('tensorflow.python', 'keras'))])"
    )
    assert run_python(code) == "[]"


def test_the_client_stays_small() -> None:
    code = "import digitscribe.serving.client, psutil; print(psutil.Process().memory_info().rss < 100e6)"
    assert run_python(code) == "True"


def test_message_files_alone_are_enough(tmp_path: Path) -> None:
    """What an image without TensorFlow holds: a folder of `_pb2` files, and not even an `__init__.py`."""
    installed = Path(grpc.__file__).parent.parent
    for entry in installed.iterdir():
        if entry.name != "tensorflow":
            (tmp_path / entry.name).symlink_to(entry)
    for source in (installed / "tensorflow").rglob("*_pb2.py"):
        copy = tmp_path / source.relative_to(installed)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)
    shared = Path(digitscribe.__file__).parent.parent
    code = (
        f"import sys; sys.path += [{str(tmp_path)!r}, {str(shared)!r}];"
        "from digitscribe.serving.protos import tensor_pb2; print(tensor_pb2.__file__)"
    )
    assert run_python(code, "-S").startswith(str(tmp_path))


@pytest.mark.slow
def test_tensorflow_can_still_be_imported_afterwards() -> None:
    code = (
        "import digitscribe.serving.client; import tensorflow as tf;"
        "from digitscribe.serving.protos import tensor_pb2;"
        "print(isinstance(tf.make_tensor_proto([1.0]), tensor_pb2.TensorProto))"
    )
    assert run_python(code) == "True"


@pytest.mark.slow
def test_tensorflow_that_is_there_already_is_left_alone() -> None:
    code = (
        "import tensorflow as tf; import digitscribe.serving.client; import sys;print(sys.modules['tensorflow'] is tf)"
    )
    assert run_python(code) == "True"
