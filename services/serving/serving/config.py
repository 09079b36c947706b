"""Configuration files: protobuf text in TensorFlow Serving's own formats."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from serving.runtime import model_server_config_pb2, text_format
from serving.status import failed_precondition, invalid_argument, not_found

_PLATFORM = "tensorflow"

_FIELD = descriptor_pb2.FieldDescriptorProto


def _messages() -> Any:
    """BatchingParameters and MonitoringConfig, which the package of TensorFlow Serving's messages leaves out."""
    file = descriptor_pb2.FileDescriptorProto(name="serving/parameters.proto", package="serving", syntax="proto3")
    file.dependency.append("google/protobuf/wrappers.proto")
    batching = file.message_type.add(name="BatchingParameters")
    wrapped = ["max_batch_size", "batch_timeout_micros", "max_enqueued_batches", "num_batch_threads"]
    for number, name in enumerate(wrapped, 1):
        _add(batching, name, number, ".google.protobuf.Int64Value")
    _add(batching, "thread_pool_name", 5, ".google.protobuf.StringValue")
    _add(batching, "allowed_batch_sizes", 6, _FIELD.TYPE_INT64, repeated=True)
    _add(batching, "pad_variable_length_inputs", 7, _FIELD.TYPE_BOOL)
    prometheus = file.message_type.add(name="PrometheusConfig")
    _add(prometheus, "enable", 1, _FIELD.TYPE_BOOL)
    _add(prometheus, "path", 2, _FIELD.TYPE_STRING)
    _add(file.message_type.add(name="MonitoringConfig"), "prometheus_config", 1, ".serving.PrometheusConfig")
    pool = descriptor_pool.Default()
    pool.Add(file)
    return pool


def _add(message: Any, name: str, number: int, kind: int | str, *, repeated: bool = False) -> None:
    label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
    field = message.field.add(name=name, number=number, label=label)
    if isinstance(kind, str):
        field.type, field.type_name = _FIELD.TYPE_MESSAGE, kind
    else:
        field.type = kind


_POOL = _messages()
BatchingParametersMessage = message_factory.GetMessageClass(_POOL.FindMessageTypeByName("serving.BatchingParameters"))
MonitoringConfigMessage = message_factory.GetMessageClass(_POOL.FindMessageTypeByName("serving.MonitoringConfig"))


def read_model_config(path: str) -> Any:
    """The ModelServerConfig in a file.

    Raises:
        StatusError: NOT_FOUND or INVALID_ARGUMENT.
    """
    return _read(path, model_server_config_pb2.ModelServerConfig())


def read_batching(path: str) -> Any:
    """The BatchingParameters in a file.

    Raises:
        StatusError: NOT_FOUND or INVALID_ARGUMENT.
    """
    return _read(path, BatchingParametersMessage())


def read_monitoring_path(path: str) -> str | None:
    """Where the metrics are to be served according to a MonitoringConfig file; None if they are not.

    Raises:
        StatusError: NOT_FOUND or INVALID_ARGUMENT.
    """
    prometheus = _read(path, MonitoringConfigMessage()).prometheus_config
    return (prometheus.path or "/monitoring/prometheus/metrics") if prometheus.enable else None


def _read(path: str, message: Any) -> Any:
    try:
        return text_format.Parse(Path(path).read_text(encoding="utf-8"), message)
    except OSError as error:
        raise not_found(f"{path}; {os.strerror(error.errno or 0)}") from error
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise invalid_argument(f"Invalid protobuf file: '{path}'") from error


def single_model(name: str, base_path: str) -> Any:
    """The configuration that `--model_name` and `--model_base_path` stand for."""
    config = model_server_config_pb2.ModelServerConfig()
    config.model_config_list.config.add(name=name, base_path=base_path, model_platform=_PLATFORM)
    return config


def check_models(models: Iterable[Any]) -> dict[str, Any]:
    """The ModelConfigs by name.

    Raises:
        StatusError: INVALID_ARGUMENT, one of them cannot be served.
    """
    checked: dict[str, Any] = {}
    for model in models:
        if model.name in checked:
            raise invalid_argument(f"Illegal to list model {model.name} multiple times in config list")
        _check_model(model)
        checked[model.name] = model
    return checked


def _check_model(model: Any) -> None:
    if not Path(model.base_path).is_absolute():
        raise invalid_argument(
            f"Expected model {model.name} to have an absolute path or URI; got base_path()={model.base_path}"
        )
    if not model.model_platform and not model.model_type:
        raise invalid_argument(
            "Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, "
            f"model name is {model.name}"
        )
    if model.model_platform and model.model_platform != _PLATFORM:
        raise invalid_argument(f"Model {model.name} requests unsupported platform {model.model_platform}")


def check_platforms(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Whether models keep their platforms from one configuration to the next.

    Raises:
        StatusError: FAILED_PRECONDITION.
    """
    for name in old.keys() & new.keys():
        if old[name].model_platform != new[name].model_platform:
            raise failed_precondition(f"Platform transition not allowed for model {name}")
