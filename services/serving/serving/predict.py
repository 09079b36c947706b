"""Predict: a request's tensors through a signature."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from serving import tensors
from serving.runtime import predict_pb2
from serving.status import Code, StatusError, invalid_argument
from serving.tensors import Array

if TYPE_CHECKING:
    from serving.servable import Servable


def run(servable: Servable, request: Any, timeout_s: float | None = None, *, as_content: bool = False) -> Any:
    """The PredictResponse of `servable` for a PredictRequest.

    Raises:
        StatusError: the request contradicts the signature, or the model could not be run.
    """
    name = request.model_spec.signature_name or "serving_default"
    signature = servable.signature(name)
    inputs = _decode_inputs(request.inputs, signature)
    outputs = run_signature(servable, name, inputs, request.output_filter, timeout_s)
    response = predict_pb2.PredictResponse()
    response.model_spec.name = servable.identity.name
    response.model_spec.version.value = servable.identity.version
    response.model_spec.signature_name = name
    for alias, array in outputs.items():
        response.outputs[alias].CopyFrom(tensors.encode(array, as_content=as_content))
    return response


def run_signature(
    servable: Servable,
    name: str,
    inputs: Mapping[str, Array],
    wanted: Sequence[str] = (),
    timeout_s: float | None = None,
) -> dict[str, Array]:
    """The outputs of the signature `name`: the `wanted` ones, or all, by alias.

    Raises:
        StatusError: inputs or outputs contradict the signature, or the model could not be run.
    """
    signature = servable.signature(name)
    check_inputs(inputs, signature)
    return servable.run(name, inputs, _outputs(signature, wanted), timeout_s)


def check_inputs(inputs: Collection[str], signature: Any) -> None:
    """Whether a request's input aliases are those of `signature`.

    Raises:
        StatusError: INVALID_ARGUMENT with what is missing and what is too much.
    """
    if not signature.inputs or not signature.outputs:
        kind = "output" if signature.inputs else "input"
        raise StatusError(Code.INTERNAL, f"Expected at least one {kind} Tensor in prediction signature.")
    sent, expected = set(inputs), set(signature.inputs)
    if len(sent) != len(expected):
        raise invalid_argument(
            f"input size does not match signature: {len(sent)}!={len(expected)} len({_names(sent)}) != "
            f"len({_names(expected)}). Sent extra: {_names(sent - expected)}. Missing but required: "
            f"{_names(expected - sent)}."
        )
    for alias in sorted(expected - sent):
        raise invalid_argument(
            f"Signature input alias: {alias}(feed name: {signature.inputs[alias].name}) not found in request and no "
            f"default value provided. Inputs expected to be in the request {_names(sent)}, or default input alias set: "
        )


def _decode_inputs(protos: Any, signature: Any) -> dict[str, Array]:
    check_inputs(protos, signature)
    return {alias: _decode_input(alias, proto) for alias, proto in protos.items()}


def _decode_input(alias: str, proto: Any) -> Array:
    try:
        return tensors.decode(proto)
    except ValueError as error:
        raise invalid_argument(f"tensor parsing error: {alias}") from error


def _outputs(signature: Any, wanted: Sequence[str]) -> list[str]:
    chosen: list[str] = []
    for alias in wanted:
        if alias not in signature.outputs:
            raise invalid_argument(
                f"output tensor alias not found in signature: {alias} Outputs expected to be in the set "
                f"{_names(signature.outputs)}."
            )
        if alias in chosen:
            raise invalid_argument(f"duplicate output tensor alias: {alias}")
        chosen.append(alias)
    return chosen or list(signature.outputs)


def _names(aliases: Iterable[str]) -> str:
    return "{" + ",".join(sorted(aliases)) + "}"
