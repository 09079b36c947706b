"""A SavedModel in a TensorFlow session: load it, run it.

TensorFlow Serving runs models through `Session::Run`. So does this module, below the checks of Python's own session:
what the kernels say about a wrong input is then word for word what TensorFlow Serving says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError

from serving.runtime import config_pb2, errors_impl, loader_impl, ops, pywrap_tf_session, saved_model_pb2, session
from serving.status import Code, StatusError, timed_out
from serving.tensors import Array


class ModelSession:
    """A loaded SavedModel; safe to run from many threads, which then run at the same time.

    Attributes:
        signatures: the model's SignatureDefs by name.

    Raises:
        StatusError: there is no model in `folder`, or it cannot be loaded.
    """

    def __init__(self, folder: Path, tags: Sequence[str] = ("serve",), config: Any = None) -> None:
        _check_bundle(folder)
        graph = ops.Graph()
        self._session = session.Session(graph=graph, config=config)
        with _statuses(), graph.as_default():
            meta_graph = self._load(folder, list(tags))
            self._session._extend_graph()
        self._graph = graph
        self._outputs: dict[str, Any] = {}
        self.signatures: dict[str, Any] = dict(meta_graph.signature_def)

    def _load(self, folder: Path, tags: list[str]) -> Any:
        loader = loader_impl.SavedModelLoader(str(folder))
        saver, _ = loader.load_graph(self._session.graph, tags)
        # as TensorFlow Serving's loader, whatever the graph says: without the file there are no variables to restore
        if (folder / "variables" / "variables.index").exists():
            loader.restore_variables(self._session, saver)
        loader.run_init_ops(self._session, tags)
        return loader.get_meta_graph_def_from_tags(tags)

    def run(self, feeds: Mapping[str, Array], fetches: Sequence[str], timeout_s: float | None = None) -> list[Array]:
        """The values of the tensors named `fetches`, with `feeds` (tensor name → array) put in.

        Raises:
            StatusError: what a kernel found wrong, or DEADLINE_EXCEEDED after `timeout_s`.
        """
        inputs = {self._tensor(name): array for name, array in feeds.items()}
        outputs = [self._tensor(name) for name in fetches]
        with _statuses(), _run_options(timeout_s) as options:
            return list(
                pywrap_tf_session.TF_SessionRun_wrapper(self._session._session, options, inputs, outputs, [], None)
            )

    def close(self) -> None:
        """Give the model's memory back. Nothing may run any more."""
        self._session.close()

    def _tensor(self, name: str) -> Any:
        found = self._outputs.get(name)
        if found is None:
            found = self._outputs[name] = self._graph.get_tensor_by_name(name)._as_tf_output()
        return found


def session_config(intra_op: int = 0, inter_op: int = 0) -> Any:
    """A session's configuration: threads within one operation, and operations at a time; 0 lets TensorFlow choose."""
    return config_pb2.ConfigProto(intra_op_parallelism_threads=intra_op, inter_op_parallelism_threads=inter_op)


def _check_bundle(folder: Path) -> None:
    model = folder / "saved_model.pb"
    if not model.exists():
        raise StatusError(
            Code.NOT_FOUND,
            "Specified file path does not appear to contain a SavedModel bundle (should have a file called "
            f"`saved_model.pb`)\nSpecified file path: {folder}",
        )
    try:
        saved_model_pb2.SavedModel.FromString(model.read_bytes())
    except DecodeError as error:
        raise StatusError(Code.OUT_OF_RANGE, "Read less bytes than requested") from error


@contextmanager
def _run_options(timeout_s: float | None) -> Iterator[Any]:
    if timeout_s is None:
        yield None
        return
    if timeout_s <= 0:
        raise timed_out()
    options = config_pb2.RunOptions(timeout_in_ms=max(1, int(timeout_s * 1000)))
    buffer = pywrap_tf_session.TF_NewBufferFromString(options.SerializeToString())
    try:
        yield buffer
    finally:
        pywrap_tf_session.TF_DeleteBuffer(buffer)


@contextmanager
def _statuses() -> Iterator[None]:
    try:
        yield
    except errors_impl.OpError as error:
        code = Code(errors_impl.error_code_from_exception_type(type(error)) or Code.UNKNOWN)
        raise StatusError(code, str(error.message or error)) from error
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        # what the Python side of the loader says about a bundle that is no model
        raise StatusError(Code.INVALID_ARGUMENT, str(error)) from error
