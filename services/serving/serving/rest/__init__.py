"""The REST API: JSON in TensorFlow Serving's formats over HTTP/1.1."""
