"""What the examples need of grpcurl, where it is not installed: a call described by nothing but a protoset.

grpcurl -plaintext -protoset FILE -d JSON ADDRESS SERVICE/METHOD
"""

from __future__ import annotations

import argparse
from pathlib import Path

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory


def main() -> None:
    """Call and print the answer as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-plaintext", action="store_true", required=True)
    parser.add_argument("-protoset", type=Path, required=True)
    parser.add_argument("-d", dest="data", required=True)
    parser.add_argument("address")
    parser.add_argument("method")
    asked = parser.parse_args()
    pool = _pool(asked.protoset)
    service, _, name = asked.method.rpartition("/")
    method = pool.FindServiceByName(service).FindMethodByName(name)
    request_type, answer_type = map(message_factory.GetMessageClass, (method.input_type, method.output_type))
    with grpc.insecure_channel(asked.address) as channel:
        call = channel.unary_unary(
            f"/{service}/{name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answer_type.FromString,
        )
        print(json_format.MessageToJson(call(json_format.Parse(asked.data, request_type()), timeout=10)))


def _pool(protoset: Path) -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(protoset.read_bytes()).file:
        pool.Add(file)
    return pool


if __name__ == "__main__":
    main()
