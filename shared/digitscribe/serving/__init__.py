"""Asking a model server over gRPC: TensorFlow Serving, or whatever speaks its protocol."""
