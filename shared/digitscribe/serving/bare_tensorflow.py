"""Importing parts of TensorFlow without the whole.

The package `tensorflow` costs two seconds and half a gigabyte in its own `__init__`, nearly all of it for Keras,
datasets and training. Neither TensorFlow Serving's messages nor running a SavedModel needs that.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def bare_tensorflow() -> Iterator[None]:
    """While this is open, a module with nothing but the package's `__path__` stands in for `tensorflow`.

    It goes away again after that: a later `import tensorflow`, by a trainer, say, gets the real thing. Where TensorFlow
    is already there, it is used as it is. The folder `tensorflow` need not be an installed TensorFlow: one that holds
    only what is imported will do.

    Raises:
        ImportError: there is no such folder.
    """
    if "tensorflow" in sys.modules:
        yield
        return
    spec = importlib.machinery.PathFinder.find_spec("tensorflow")
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError("neither TensorFlow nor a folder with its _pb2 files is installed", name="tensorflow")
    bare = ModuleType("tensorflow")
    bare.__path__ = list(spec.submodule_search_locations)
    sys.modules["tensorflow"] = bare
    try:
        yield
    finally:
        sys.modules.pop("tensorflow", None)
